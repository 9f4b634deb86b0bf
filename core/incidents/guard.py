"""What a station that stays does by itself: a window, or `watch`."""

from collections.abc import Callable, Coroutine

from core.audit.anchoring import Anchoring
from core.audit.log import AuditLog
from core.changes.runner import Runner
from core.fleet.live import LiveFleet
from core.incidents.chronicle import Chronicle
from core.incidents.desk import IncidentDesk
from core.incidents.ended import Endings
from core.incidents.hold_again import HoldAgain
from core.incidents.holds import HoldBook
from core.incidents.words import say_missing
from core.text import Catalogue


def duties(
    desk: IncidentDesk,
    runner: Runner,
    holds: HoldBook,
    fleet: LiveFleet,
    audit: Callable[[], AuditLog],
    anchoring: Anchoring,
    words: Catalogue,
) -> tuple[Coroutine[None, None, None], ...]:
    """Hold again what is opened, put on record what happens to what is held, and leave the log's
    head on the hosts. Each runs until cancelled."""

    def say(missing: tuple[str, ...]) -> str:
        return words("incidents.held-again", what=", ".join(say_missing(missing, words)))

    again = HoldAgain(desk, runner, holds, say)
    return (
        again.keep(fleet),
        Chronicle(audit, Endings(holds).news).keep(fleet),
        anchoring.keep(),
    )
