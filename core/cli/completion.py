"""`completion SHELL`: print the completion script of bash, zsh or fish."""

import click
from click.shell_completion import get_completion_class

from core.cli.commands import Command, argument, command
from core.cli.terminal import Terminal
from core.text import Catalogue

SHELLS = ("bash", "zsh", "fish")


def commands(words: Catalogue) -> list[Command]:
    shell = argument("shell", type=click.Choice(SHELLS), metavar="|".join(SHELLS))
    return [command(words, "completion", print_script, [shell])]


@click.pass_obj
def print_script(terminal: Terminal, shell: str) -> None:
    """Print a script to be sourced; it asks `ringfence` itself for the candidates."""
    kind = get_completion_class(shell)
    assert kind is not None
    root = click.get_current_context().find_root().command
    script = kind(root, {}, "ringfence", "_RINGFENCE_COMPLETE").source()
    click.echo(script)
