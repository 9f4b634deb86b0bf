"""What is seen of a held machine now, in lines: never better than the last observation."""

from core.fleet.model import MachineView
from core.incidents.words import state_text
from core.text import Catalogue
from gui.inspector.quantities import clock, moment


def sight_lines(view: MachineView, t: Catalogue) -> tuple[str, ...]:
    """The state as observed, when, and what happened to the machine since it was cut."""
    held = view.quarantine
    if held is None:
        return ()
    lines = [t("panels.sight.now", state=t.say(state_text(held)), time=clock(held.observed_at))]
    if held.memory_lost is not None:
        lines.append(t("panels.sight.memory-lost", time=moment(held.memory_lost)))
    if held.drill:
        lines.append(t("panels.sight.drill"))
    return tuple(lines)
