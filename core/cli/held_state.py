"""What is observed of a machine once its plan has ended: the word a person must read."""

from core.changes.outcome import PlanOutcome, PlanState
from core.changes.plan import Plan
from core.cli.output import plain
from core.cli.terminal import Terminal
from core.fleet.held_columns import quarantine_text
from core.fleet.model import FleetView, Key, MachineView
from core.incidents.holds import HOLD_AGAIN, QUARANTINE
from core.incidents.model import Containment, Mode
from core.incidents.words import say_missing
from core.station import Station

SEEN_S, BROKEN_OFF_S = 4.0, 1.0
_CUTS = frozenset({QUARANTINE, HOLD_AGAIN})


async def observed_after(station: Station, plan: Plan, outcome: PlanOutcome) -> MachineView | None:
    """The machine of a cut as its host shows it now; None for any other plan. What is not proved
    within seconds is told as it is."""
    if plan.kind not in _CUTS or len(plan.targets) != 1 or outcome.state is PlanState.ROLLED_BACK:
        return None
    [target] = plan.targets
    key = Key(target.host, target.uuid)

    def shown(view: FleetView) -> bool:
        row = view.machines.get(key)
        seen = None if row is None else row.quarantine
        if seen is None or seen.case != plan.case:
            return False
        return seen.state is Containment.CONTAINED or seen.mode is Mode.OBSERVE

    station.refresh(target.host, [target.uuid])
    limit_s = SEEN_S if outcome.state is PlanState.DONE else BROKEN_OFF_S
    await station.fleet.wait_until(shown, limit_s, settled=False)
    return station.fleet.view.machines.get(key)


def show_state(terminal: Terminal, machine: MachineView, said: tuple[str, ...] = ()) -> None:
    """Say the state, and name what is open; `said`: what was named before."""
    seen = machine.quarantine
    if seen is None:
        return
    good = seen.state is Containment.CONTAINED
    state = quarantine_text(machine, terminal.words)
    terminal.say("cli.plan.state", "good" if good else "bad", state=state)
    for what in say_missing((each for each in seen.missing if each not in said), terminal.words):
        terminal.say("cli.plan.missing", "bad", what=plain(what))
