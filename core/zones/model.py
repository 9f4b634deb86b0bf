"""What judging a machine's zones yields: the zone, and the card, filter or name that proves it."""

from msgspec import Struct

from core.settings.model import ZoneEntry


class Membership(Struct, frozen=True, gc=False):
    """A machine in a zone, and by which card, filter or name."""

    zone: ZoneEntry
    by: tuple[str, ...]  # "52:54:00:aa:00:01 network dmz"
