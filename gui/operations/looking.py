"""Change how things are shown, never what they are."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from gui.focus import give_keys
from gui.operations import going

if TYPE_CHECKING:
    from gui.window import MainWindow

Handler = Callable[["MainWindow"], None]
DensityName = Literal["compact", "normal", "comfortable"]
ThemeName = Literal["system", "light", "dark"]
LanguageName = Literal["", "en", "zh_CN"]


def open_palette(window: "MainWindow") -> None:
    window.open_palette()


def show_keys(window: "MainWindow") -> None:
    window.show_keys()


def inspect(window: "MainWindow") -> None:
    """Show the inspector and put the keys into it."""
    window.show_inspector(True)
    give_keys(window.inspector())


def toggle_sidebar(window: "MainWindow") -> None:
    window.sidebar.setVisible(not window.sidebar.isVisible())


def toggle_inspector(window: "MainWindow") -> None:
    window.show_inspector(not window.inspector().isVisible())


def toggle_tasks(window: "MainWindow") -> None:
    window.show_tasks(not window.tasks_shown())


def choose_columns(window: "MainWindow") -> None:
    window.table_header.open_chooser()


def group_by(kind: str) -> Handler:
    def group(window: "MainWindow") -> None:
        going.group_by(window, kind)

    return group


def density(name: str) -> Handler:
    chosen: DensityName = (
        "compact" if name == "compact" else "normal" if name == "normal" else "comfortable"
    )

    def set_density(window: "MainWindow") -> None:
        window.prefer(density=chosen)
        window.redress()

    return set_density


def theme(name: str) -> Handler:
    chosen: ThemeName = "dark" if name == "dark" else "light" if name == "light" else "system"

    def set_theme(window: "MainWindow") -> None:
        window.prefer(theme=chosen)
        window.redress()

    return set_theme


def language(name: str) -> Handler:
    """The catalogue is handed to every widget when it is built: a new window speaks it."""
    chosen: LanguageName = "zh_CN" if name == "zh_CN" else "en"

    def set_language(window: "MainWindow") -> None:
        window.prefer(language=chosen)
        window.reopen()

    return set_language


def next_pane(window: "MainWindow") -> None:
    window.next_pane()
