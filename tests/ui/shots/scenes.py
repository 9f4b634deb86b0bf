"""What the pictures are of: short walks that end when the window shows what they are about."""

from core.fleet.model import MachineView
from core.posture.model import Severity
from gui.changes.plan_run import PlanRun
from gui.incidents.panel import IncidentPanel
from gui.operations.going import go_to, group_by
from tests.ui.shots.stage import Scene, Stage


def worst(view: MachineView) -> bool:
    return view.score.worst is Severity.CRITICAL


def picture_of_all(name: str) -> Scene:
    """The fleet with its worst machine chosen."""

    async def scene(stage: Stage) -> None:
        stage.choose(worst)
        await stage.shoot(name)

    return scene


async def findings(stage: Stage) -> None:
    """The findings of a machine, the worst one unfolded to its evidence."""
    inspector = stage.window.panels.inspector
    stage.choose(stage.target)
    inspector.choose_tab("findings")
    inspector.findings.lines()[0].setChecked(True)
    await stage.shoot("inspector")
    inspector.findings.lines()[0].setChecked(False)
    inspector.choose_tab("overview")


async def label(stage: Stage) -> None:
    inspector = stage.window.panels.inspector
    stage.choose(lambda view: view.label.label is not None and view.label.label.categories)
    inspector.choose_tab("label")
    await stage.shoot("label")
    inspector.choose_tab("overview")


async def host(stage: Stage) -> None:
    """A host has the same inspector, with findings of its own."""
    window = stage.window
    view = stage.find(stage.target)
    go_to(window, "host", view.host)
    window.sidebar.select_entry("host", view.host)
    window.table.clearSelection()
    window.look_again()
    await stage.shoot("host")
    window.filter_bar.set_text("")
    window.sidebar.select_entry("all", "")


async def palette(stage: Stage) -> None:
    stage.window.open_palette()
    stage.window.palette_panel.line.setText("web")
    await stage.shoot("palette")
    stage.window.palette_panel.leave()


async def keys(stage: Stage) -> None:
    stage.window.show_keys()
    await stage.shoot("keys")
    stage.window.keys.leave()


async def filtering(stage: Stage) -> None:
    stage.window.filter_bar.set_text("score<70 console:open")
    group_by(stage.window, "zone")
    await stage.shoot("filter")
    stage.window.filter_bar.set_text("")
    group_by(stage.window, "host")


async def quarantine(stage: Stage) -> None:
    """Cut off a running machine: the plan, in progress, proved."""
    view = stage.choose(stage.target)
    panel = stage.window.panels.quarantine
    stage.window.trigger("quarantine")
    await _ready(stage, panel)
    await stage.shoot("quarantine-ready")
    await _run(stage, panel, "quarantine-progress")
    await stage.until(lambda: _held(stage, view), "the hold")
    await stage.shoot("quarantine-proved")
    panel.shut()


async def release(stage: Stage) -> None:
    """Give it back what it had."""
    view = stage.choose(lambda one: one.quarantine is not None)
    panel = stage.window.panels.release
    stage.window.trigger("release")
    await _ready(stage, panel)
    await _run(stage, panel)
    await stage.until(lambda: not _held(stage, view), "the end of the hold")
    await stage.shoot("release-proved")
    panel.shut()


async def _ready(stage: Stage, panel: IncidentPanel) -> None:
    await stage.until(lambda: panel.attempts(), "the panel")
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


def _held(stage: Stage, view: MachineView) -> bool:
    now = stage.window.model.view(view.key)
    return now is not None and now.quarantine is not None
