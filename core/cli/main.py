"""`ringfence`: the entry point. Opens the window; with a command, works without a display."""

import sys
from collections.abc import Sequence

import click

from core.cli import (
    audit,
    cases,
    completion,
    drill,
    fleet,
    hosts,
    journal,
    keys,
    posture,
    quarantine,
    watch,
    window,
)
from core.cli.commands import Command, Group, option
from core.cli.exits import Exit, exit_for
from core.cli.output import Output, plain
from core.cli.terminal import Terminal
from core.settings.places import Places
from core.settings.preferences import load_preferences
from core.text import Catalogue, RingfenceError, Text, load_catalogue, pick_language

ROOMS = (
    hosts,
    fleet,
    posture,
    quarantine,
    cases,
    drill,
    journal,
    audit,
    keys,
    watch,
    window,
    completion,
)


def build(words: Catalogue) -> Group:
    """Put the whole terminal together in one language."""

    @click.pass_context
    def root(context: click.Context, json: bool, demo: bool, lang: str) -> None:
        del lang  # read before click starts: the help is in that language
        context.obj = Terminal(words, Output(as_json=json), Places.from_environment(), demo)
        if context.invoked_subcommand is None:
            window.open_window(context.obj)

    commands: list[click.Command] = [found for room in ROOMS for found in room.commands(words)]
    for found in commands:
        _accept_json(found, words)
    return Group(
        "ringfence",
        words=words,
        callback=root,
        commands=commands,
        help=words("cli.ringfence.help"),
        invoke_without_command=True,
        params=[
            option(words, "--json", "json", is_flag=True),
            option(words, "--demo", "demo", is_flag=True),
            option(words, "--lang", "lang", type=click.Choice(["en", "zh_CN"]), default=None),
        ],
    )


def _accept_json(command: click.Command, words: Catalogue) -> None:
    """Let --json stand after the command too, where people type it."""
    if isinstance(command, click.Group):
        for nested in command.commands.values():
            _accept_json(nested, words)
    elif isinstance(command, Command):

        def switch(context: click.Context, _param: click.Parameter, value: bool) -> None:
            if value and isinstance(context.obj, Terminal):
                context.obj.out = Output(as_json=True)

        command.params.append(
            option(words, "--json", "json", is_flag=True, expose_value=False, callback=switch)
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. Every error the user can mend is shown here."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    words = load_catalogue(pick_language(_wanted_language(arguments)))
    try:
        result = build(words).main(arguments, prog_name="ringfence", standalone_mode=False)
    except RingfenceError as error:
        _show(words, error.cause, error.step, error.detail)
        return exit_for(error.code)
    except click.UsageError as error:
        _show(words, _usage_text(error), Text("cli.usage.step"))
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away; say nothing more, as pipes expect
        return Exit.DONE
    return result if isinstance(result, int) else Exit.DONE


def _wanted_language(arguments: Sequence[str]) -> str:
    if "--lang" in arguments[:-1]:
        return arguments[list(arguments).index("--lang") + 1]
    return load_preferences(Places.from_environment().prefs_file).language


def _usage_text(error: click.UsageError) -> Text:
    """Say click's complaint in our words where it is one of the usual ones."""
    name = ""
    if isinstance(error, click.BadParameter) and error.param is not None:
        name = error.param.human_readable_name
    if isinstance(error, click.NoSuchOption):
        return Text("cli.usage.no-option", {"name": error.option_name})
    if isinstance(error, click.MissingParameter):
        return Text("cli.usage.missing", {"name": name})
    if isinstance(error, click.BadParameter):
        return Text("cli.usage.bad-value", {"name": name, "why": error.message})
    return Text("cli.usage.wrong", {"why": error.format_message()})


def _show(words: Catalogue, cause: Text, step: Text, detail: str = "") -> None:
    click.echo(words("cli.error", text=plain(words.say(cause))), err=True)
    if words.has(step.code):
        click.echo("  " + plain(words.say(step)), err=True)
    if detail:
        click.echo("  " + plain(detail), err=True)


if __name__ == "__main__":
    sys.exit(main())
