"""The columns of what is held: its state as observed, how, in which case, and if for a drill."""

from core.fleet.cells import LAST, SortKey, truth
from core.fleet.model import MachineView
from core.incidents.model import Mode
from core.incidents.words import state_text
from core.text import Catalogue


def quarantine_value(view: MachineView) -> SortKey:
    order = ("not-contained", "unknown", "partial", "contained")
    held = view.quarantine
    return (LAST, "") if held is None else (float(order.index(held.state)), held.case)


def quarantine_text(view: MachineView, words: Catalogue) -> str:
    """The state as observed, the mode, and whose hold it is when it is not ours."""
    held = view.quarantine
    if held is None:
        return words("quarantine.none")
    parts = [words.say(state_text(held))]
    parts += [words(f"mode.{held.mode}")] if held.mode is not Mode.OBSERVE else []
    parts += [words("quarantine.foreign")] if held.foreign else []
    parts += [words("quarantine.drill")] if held.drill else []
    return " · ".join(parts)


def mode_text(view: MachineView, words: Catalogue) -> str:
    held = view.quarantine
    return words("value.none") if held is None else words(f"mode.{held.mode}")


def case_text(view: MachineView, words: Catalogue) -> str:
    return view.quarantine.case if view.quarantine else words("value.none")


def drill_text(view: MachineView, words: Catalogue) -> str:
    held = view.quarantine
    return words("value.none") if held is None else truth(held.drill, words)


def mode_value(view: MachineView) -> SortKey:
    held = view.quarantine
    return (LAST, "") if held is None else (float(list(Mode).index(held.mode)), held.case)


def drill_value(view: MachineView) -> SortKey:
    return (LAST, "") if view.quarantine is None else (float(view.quarantine.drill), "")
