"""What the pictures are of: short walks that end when the window shows what they are about."""

from core.fleet.model import MachineView
from core.posture.model import Severity
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
    window.panels.inspector.choose_tab("findings")  # the overview names where this was taken
    await stage.shoot("host")
    window.panels.inspector.choose_tab("overview")
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
