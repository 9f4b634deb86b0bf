"""What stands large at the end of an incident panel: the slowest proved cut, or what went wrong.

Never better than what was read back: a number stands there only when every cut was proved whole.
"""

from collections.abc import Sequence

from core.text import Catalogue
from gui.incidents.attempt import Attempt
from gui.incidents.result import proved_cut_s, summary
from gui.inspector.quantities import milliseconds

_OPEN = frozenset({"not-contained", "partial", "unknown"})


def ending(attempts: Sequence[Attempt], t: Catalogue) -> tuple[str, str]:
    """What stands large, "" for nothing, and the lines below it."""
    runs = [a.run for a in attempts if a.run is not None]
    cuts = [proved_cut_s(run.plan, run.outcome) for run in runs if run.outcome]
    slowest = max((cut for cut in cuts if cut is not None), default=None)
    words = [a.result or a.stage.value for a in attempts]
    alone = len(words) == 1
    if _OPEN.intersection(words):
        told = summary(words, t, counted=not alone)
        return (told, "") if alone else ("", told)
    lines = [] if slowest is None else [t("panels.attempt.confirm-to-cut")]
    lines += [] if alone and lines else [summary(words, t, counted=not alone)]
    return ("" if slowest is None else milliseconds(slowest)), "\n".join(lines)
