"""Cut off, release, drill: each opens its panel beside the table with the plan ready."""

from typing import TYPE_CHECKING

from gui.situation import contained

if TYPE_CHECKING:
    from gui.window import MainWindow


def quarantine(window: "MainWindow") -> None:
    """Those that can still be reached; when all are contained, their mode may be changed."""
    chosen = window.situation().machines
    views = [view for view in chosen if not contained(view)] or list(chosen)
    window.open_side(window.panels.quarantine)
    window.panels.quarantine.open(views)


def release(window: "MainWindow") -> None:
    views = [view for view in window.situation().machines if view.quarantine is not None]
    window.open_side(window.panels.release)
    window.panels.release.open(views)


def drill(window: "MainWindow") -> None:
    """On the one selected machine; nothing happens before its name was typed."""
    window.open_side(window.panels.drill)
    window.panels.drill.open(window.situation().machines[0])
