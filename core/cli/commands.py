"""Commands whose help is in the user's language and whose errors are ours.

click speaks English only unless compiled catalogues are installed; the few words it prints are
taken from our own catalogue instead, so that the terminal has one language.
"""

from collections.abc import Callable, Sequence
from typing import Any

import click

from core.text import Catalogue


class Command(click.Command):
    """A command whose help headings come from the catalogue."""

    def __init__(self, *args: Any, words: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = self.words("cli.help")
        return option

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, self.words("cli.usage") + " ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = [r for p in self.get_params(ctx) if (r := p.get_help_record(ctx)) is not None]
        if records:
            with formatter.section(self.words("cli.options")):
                formatter.write_dl(records)


class Group(Command, click.Group):
    """A group with the same manners."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        Command.format_options(self, ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, command.short_help or "") for name, command in found if command is not None]
        if rows:
            with formatter.section(self.words("cli.commands")):
                formatter.write_dl(rows)


Callback = Callable[..., None]


def command(
    words: Catalogue, name: str, callback: Callback, params: Sequence[click.Parameter] = ()
) -> Command:
    """Build a command; its help is `cli.<name>.help`, dots for spaces in nested names."""
    text = words(f"cli.{name}.help")
    return Command(
        name.rpartition(".")[2],
        words=words,
        callback=callback,
        params=list(params),
        help=text,
        short_help=text.splitlines()[0],
    )


def group(words: Catalogue, name: str, commands: Sequence[click.Command]) -> Group:
    """Build a group of commands."""
    text = words(f"cli.{name}.help")
    return Group(
        name, words=words, commands=list(commands), help=text, short_help=text.splitlines()[0]
    )


def option(words: Catalogue, flags: str, code: str, **settings: Any) -> click.Option:
    """An option whose help is `cli.option.<code>`."""
    return click.Option(flags.split(), help=words(f"cli.option.{code}"), **settings)


def argument(name: str, **settings: Any) -> click.Argument:
    return click.Argument([name], **settings)
