"""`host add|list|remove|check` and the rest: the hosts of fleet.toml and how they are doing."""

from pathlib import Path

import click
from msgspec.structs import replace

from core.cli import preparation
from core.cli.commands import Group, argument, command, group, option
from core.cli.exits import Exit
from core.cli.terminal import Terminal, cause_of, finish, run
from core.fleet.model import HostView
from core.fleet.rows import host_row
from core.hosts.doctor import DoctorStep, diagnose
from core.hosts.uri import parse_uri
from core.settings.fleet_editor import FleetEditor
from core.settings.model import HostEntry, SshTarget
from core.settings.schema import parse_ssh
from core.station import Station
from core.text import Catalogue, RingfenceError, Text


def commands(words: Catalogue) -> list[Group]:
    add = command(
        words,
        "host.add",
        add_host,
        [
            argument("name", metavar="NAME"),
            argument("uri", metavar="URI"),
            option(words, "--ssh", "ssh", default="", metavar="USER@HOST[:PORT]"),
            option(words, "--ssh-key", "ssh-key", default="", metavar="FILE"),
            option(words, "--pki", "pki", default="", metavar="DIR"),
            option(words, "--read-only", "read-only", is_flag=True),
            option(words, "--note", "note", default=""),
        ],
    )
    name = argument("name", metavar="NAME")
    return [
        group(
            words,
            "host",
            [
                add,
                command(words, "host.list", list_hosts),
                command(words, "host.remove", remove_host, [name]),
                command(words, "host.check", check_host, [name]),
                *preparation.commands(words),
            ],
        )
    ]


@click.pass_obj
def add_host(
    terminal: Terminal,
    name: str,
    uri: str,
    ssh: str,
    ssh_key: str,
    pki: str,
    read_only: bool,
    note: str,
) -> None:
    """Write a host into fleet.toml after its URI and names were checked."""
    address = parse_uri(uri)
    target = parse_ssh(ssh) if ssh else SshTarget(address.host) if ssh_key else None
    if target is not None:
        target = replace(
            target, key_file=str(Path(ssh_key).expanduser().absolute()) if ssh_key else ""
        )
    entry = HostEntry(name=name, uri=uri, ssh=target, read_only=read_only, pki_dir=pki, note=note)
    editor = FleetEditor(terminal.places.make().fleet_file)
    editor.add(entry)
    editor.save()
    if terminal.out.as_json:
        terminal.out.document(host={"name": name, "uri": uri, "read_only": read_only})
    terminal.say("cli.host.added", "good", host=name, file=str(terminal.places.fleet_file))


@click.pass_obj
def remove_host(terminal: Terminal, name: str) -> None:
    """Take a host out of fleet.toml; nothing on the host changes."""
    editor = FleetEditor(terminal.places.fleet_file)
    editor.remove(HostEntry, name)
    editor.save()
    if terminal.out.as_json:
        terminal.out.document(host={"name": name, "removed": True})
    terminal.say("cli.host.removed", "good", host=name)


@click.pass_obj
def list_hosts(terminal: Terminal) -> None:
    """Print each host with its health; exit 3 when one was not reached."""

    async def work() -> None:
        async with terminal.station() as station:
            declared = [entry.name for entry in station.settings.hosts]
            hosts = sorted(
                station.fleet.view.hosts.values(), key=lambda host: declared.index(host.name)
            )
            if terminal.out.as_json:
                terminal.out.document(hosts=[host_row(host) for host in hosts])
            else:
                words = terminal.words
                heads = ("host", "health", "machines", "score", "whoami", "uri")
                rows = [
                    [
                        host.name,
                        words(f"health.{host.health.state}")
                        if host.health.failure is None
                        else words.say(cause_of(host)),
                        str(host.machines),
                        "?" if host.score.value is None else str(host.score.value),
                        _whom(host),
                        host.entry.uri,
                    ]
                    for host in hosts
                ]
                terminal.out.table([words(f"cli.head.{head}") for head in heads], rows)
            if any(host.health.state != "connected" for host in hosts):
                finish(Exit.NOT_REACHED)

    run(work())


def _whom(host: HostView) -> str:
    user = host_row(host)["user"]
    return user if isinstance(user, str) and user else "?"


@click.pass_obj
def check_host(terminal: Terminal, name: str) -> None:
    """Go through the connection step by step: what works, what does not, and what to do."""
    with terminal.offline() as station:
        entry = _declared(terminal, station, name)
        steps = run(
            diagnose(
                entry,
                places=terminal.places,
                prompts=terminal.prompts,
                on_unverified=station.record_unverified,
                secrets=station.secrets,
            )
        )
    if terminal.out.as_json:
        rows = [_step_row(terminal, step) for step in steps]
        terminal.out.document(host={"name": name, "ok": all(s.ok for s in steps), "steps": rows})
    else:
        for step in steps:
            _print_step(terminal, step)
    if not all(step.ok for step in steps):
        finish(Exit.NOT_REACHED)


def _declared(terminal: Terminal, station: Station, name: str) -> HostEntry:
    """The host's entry; one that was refused is told with its line."""
    entries = {host.name: host for host in station.settings.hosts}
    if name in entries:
        return entries[name]
    for problem in station.settings.problems:
        text = terminal.words.say(problem.message)
        terminal.error(Text("cli.problem", {"line": problem.line, "text": text}))
    raise RingfenceError("unknown-host", host=name, known=", ".join(entries) or "-")


def _step_row(terminal: Terminal, step: DoctorStep) -> dict[str, object]:
    words = terminal.words
    return {
        "ok": step.ok,
        "code": step.cause.code,
        "cause": words.say(step.cause),
        "next": words.say(step.step) if step.step is not None else "",
        "detail": step.cause.detail,
    }


def _print_step(terminal: Terminal, step: DoctorStep) -> None:
    words = terminal.words
    mark = words("cli.mark.ok" if step.ok else "cli.mark.bad")
    terminal.out.line(f"{mark} {words.say(step.cause)}", "good" if step.ok else "bad")
    if step.step is not None:
        terminal.out.line("    " + words.say(step.step))
    if step.cause.detail:
        terminal.out.line("    " + step.cause.detail, "dim")
