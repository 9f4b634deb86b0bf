"""Which network zone a machine lives in, judged from networks, bridges, VLANs and filters."""

from core.zones.colours import default_colour
from core.zones.membership import ZoneIndex, zones_of
from core.zones.model import Membership
from core.zones.proposals import propose_zones

__all__ = ["Membership", "ZoneIndex", "default_colour", "propose_zones", "zones_of"]
