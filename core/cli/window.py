"""The one door from the terminal to the window; everything else here works without Qt."""

import os
import sys
from pathlib import Path

import click

from core.cli.commands import Command, command
from core.cli.fleet import print_fleet
from core.cli.terminal import Terminal
from core.fleet.columns import default_columns
from core.fleet.query import parse_query
from core.settings.atomic_write import write_atomically
from core.text import Catalogue


def commands(words: Catalogue) -> list[Command]:
    return [command(words, "gui", open_gui), command(words, "demo", open_demo)]


def has_display() -> bool:
    """Whether a window can be shown here (X11, Wayland, or a platform chosen by hand)."""
    return any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


@click.pass_obj
def open_gui(terminal: Terminal) -> None:
    """Open the window on fleet.toml; with no display, say so and print the fleet."""
    open_window(terminal)


@click.pass_obj
def open_demo(terminal: Terminal) -> None:
    """Open the window on the demo fleet; with no display, say so and print the same fleet."""
    terminal.demo = True
    open_window(terminal)


def open_window(terminal: Terminal) -> None:
    """Open the window where there is a display, else the same fleet in the terminal."""
    if has_display():
        _start(terminal)
        return
    terminal.say("cli.window.no-display", "warn")
    print_fleet(terminal, parse_query(""), list(default_columns()), "host")


def write_paper(html: str, path: Path) -> None:
    """Write a report's page to a .html or .pdf file; pages of paper need Qt, but no display.

    Raises:
        RingfenceError: file-not-written.
    """
    if path.suffix.lower() != ".pdf":
        write_atomically(path, html.encode(), keep_previous=False)
        return
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from gui.reports.paper import write_pdf_alone

    write_pdf_alone(html, path)


def _start(terminal: Terminal) -> None:
    from gui.application import run_window  # Qt only now: every other command starts without it

    code = run_window(terminal.places, terminal.words, demo=terminal.demo, argv=sys.argv[:1])
    if code:
        raise click.exceptions.Exit(code)
