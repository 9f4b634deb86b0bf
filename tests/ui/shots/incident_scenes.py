"""Pictures of machines that are cut off: each mode, a partial containment, and the way back."""

from core.fleet.model import MachineView
from core.hosts.helper.orders import LowerBarrier
from core.incidents.model import Containment, Mode
from gui.changes.plan_run import PlanRun
from gui.incidents.panel import IncidentPanel
from gui.operations.going import go_to
from tests.ui.shots.stage import Scene, Stage, Wanted

ADMIN_STATION = "192.0.2.9"  # a documentation address: no picture shows where it was taken


def named(name: str) -> Wanted:
    return lambda view: view.name == name


async def quarantine(stage: Stage) -> None:
    """Freeze a running machine: the plan, in progress, proved."""
    view = stage.choose(stage.target)
    panel = stage.window.panels.quarantine
    stage.window.trigger("quarantine")
    await _ready(stage, panel)
    await stage.shoot("quarantine-ready")
    await _without_evidence(stage)
    await _run(stage, panel, "quarantine-progress")
    await stage.until(lambda: _state(stage, view) is Containment.CONTAINED, "the hold")
    await stage.shoot("quarantine-proved")
    panel.shut()
    await stage.shoot("quarantine-held")


async def release(stage: Stage) -> None:
    """Give it back what it had."""
    view = stage.choose(lambda one: one.quarantine is not None)
    panel = stage.window.panels.release
    stage.window.trigger("release")
    await _ready(stage, panel)
    await stage.shoot("release-ready")
    await _run(stage, panel)
    await stage.until(lambda: _state(stage, view) is None, "the end of the hold")
    await stage.shoot("release-proved")
    panel.shut()


def modes_of(name: str) -> Scene:
    """From the mildest mode to the strictest, in one case."""

    async def scene(stage: Stage) -> None:
        view = stage.choose(named(name))
        await _cut(stage, view, Mode.OBSERVE)
        await _cut(stage, view, Mode.FORENSIC)
        await _cut(stage, view, Mode.STRICT)

    return scene


def partial_of(name: str) -> Scene:
    """Somebody takes the barrier away: the window says what is open, card by card."""

    async def scene(stage: Stage) -> None:
        view = stage.choose(named(name))
        window = stage.window
        window.panels.inspector.choose_tab("overview")
        await window.station.hands.order(view.host, LowerBarrier(0, view.key.uuid))
        await stage.until(lambda: _state(stage, view) is Containment.PARTIAL, "the broken hold")
        window.refresh_now()
        await stage.shoot("partial")

    return scene


def degraded_of(name: str) -> Scene:
    """A host that gives us no shell: what the cut cannot do there is said before."""

    async def scene(stage: Stage) -> None:
        stage.choose(named(name))
        panel = stage.window.panels.quarantine
        stage.window.trigger("quarantine")
        await _ready(stage, panel)
        await stage.shoot("quarantine-degraded")
        panel.shut()

    return scene


def preparation_of(host: str) -> Scene:
    """What would be put on a host, item by item, before anything is."""

    async def scene(stage: Stage) -> None:
        window = stage.window
        go_to(window, "host", host)
        window.sidebar.select_entry("host", host)
        window.table.clearSelection()
        window.look_again()
        window.trigger("prepare-host")
        panel = window.panels.preparation
        await stage.until(lambda: panel.items and panel.plan is not None, "the preparation")
        await stage.shoot("host-preparation")
        panel.shut()
        window.filter_bar.set_text("")
        window.sidebar.select_entry("all", "")

    return scene


async def _cut(stage: Stage, view: MachineView, mode: Mode) -> None:
    """Choose a mode, take its picture, and the one of what came of it."""
    stage.choose(named(view.name))
    panel = stage.window.panels.quarantine
    stage.window.trigger("quarantine")
    panel.modes.choose(list(Mode).index(mode) + 1)
    if mode is Mode.FORENSIC:
        panel.doors.rows[0].station.setText(ADMIN_STATION)
        panel.plan_anew()
    await _without_evidence(stage)
    await _ready(stage, panel)
    if mode is Mode.OBSERVE:
        panel.confirm()  # the first yes; the picture is of the second one being asked for
    await stage.shoot(f"mode-{mode.value}")
    await _run(stage, panel)
    await stage.until(lambda: _mode(stage, view) is mode, f"the hold of {mode.value}")
    await stage.shoot(f"mode-{mode.value}-proved")
    panel.shut()


async def _without_evidence(stage: Stage) -> None:
    """These pictures are of the cut."""
    panel = stage.window.panels.quarantine
    for line in panel.evidence.lines:
        line.box.setChecked(False)


async def _ready(stage: Stage, panel: IncidentPanel) -> None:
    await stage.until(panel.attempts, "the panel")
    await stage.until(lambda: panel.attempts()[0].stage.value == "ready", "the plan")


async def _run(stage: Stage, panel: IncidentPanel, name: str = "") -> None:
    """Confirm and wait for the end; the picture is taken at the second step."""
    started: list[PlanRun] = []
    taken: list[str] = []

    def stepped(_index: int) -> None:
        if name and not taken and started[0].done_steps > 1:
            taken.append(name)
            stage.snap(name)

    def begun(run: PlanRun) -> None:
        started.append(run)
        run.stepped.connect(stepped)

    panel.run_started.connect(begun)
    panel.confirm()
    await stage.until(lambda: started and not started[0].running, "the end of the plan")
    panel.run_started.disconnect(begun)


def _now(stage: Stage, view: MachineView) -> MachineView | None:
    return stage.window.model.view(view.key)


def _state(stage: Stage, view: MachineView) -> Containment | None:
    now = _now(stage, view)
    return now.quarantine.state if now is not None and now.quarantine is not None else None


def _mode(stage: Stage, view: MachineView) -> Mode | None:
    """The mode of the hold, once its state is known again."""
    now = _now(stage, view)
    held = now.quarantine if now is not None else None
    return None if held is None or held.state is Containment.UNKNOWN else held.mode
