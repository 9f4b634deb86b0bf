"""What every command gets: words, output, places; and how it reaches the hosts."""

import asyncio
import getpass
import socket
from collections.abc import AsyncGenerator, Coroutine, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import click

from core.cli.exits import Exit
from core.cli.output import Output, plain
from core.cli.prompts import TerminalPrompts
from core.fleet.model import FleetView, HostView, MachineView
from core.settings.places import Places
from core.station import Station
from core.text import Catalogue, RingfenceError, Text

T = TypeVar("T")
SETTLE_SECONDS = 30.0
MOST_DETAIL = 300  # of the other side's own words


class Terminal:
    """One run of the command.

    Attributes:
        words: the catalogue of the user's language.
        out: where the answer goes.
        demo: use the built-in demo fleet in place of fleet.toml.
    """

    def __init__(self, words: Catalogue, out: Output, places: Places, demo: bool) -> None:
        self.words = words
        self.out = out
        self.places = places
        self.demo = demo
        self.prompts = TerminalPrompts(words)

    @property
    def operator(self) -> str:
        return f"{getpass.getuser()}@{socket.gethostname()}"

    def build(self) -> Station:
        make = Station.for_demo if self.demo else Station.from_places
        return make(self.places, self.words, self.prompts, operator=self.operator)

    @asynccontextmanager
    async def station(
        self, names: Iterable[str] | None = None, act_on: str | None = None
    ) -> AsyncGenerator[Station]:
        """Open the station on these hosts (all by default) and wait until each has answered.

        With `act_on`, the name of a machine or "", only until orders can be given.

        Raises:
            RingfenceError: `unknown-host` for a name that fleet.toml does not have.
        """
        station = self.build()
        self._tell_problems(station)
        wanted = self._wanted(station, names)
        await station.start(wanted)
        try:
            await self._settled(station, act_on)
            yield station
        finally:
            await station.stop()

    def _tell_problems(self, station: Station) -> None:
        """Say on stderr what was left out of fleet.toml: the good entries work all the same."""
        for problem in station.settings.problems:
            text = plain(self.words.say(problem.message))
            click.echo(self.words("cli.problem", line=problem.line, text=text), err=True)

    async def _settled(self, station: Station, act_on: str | None) -> None:
        """Hosts have a deadline, the person who is asked for a password has none."""
        while True:
            answered = self.prompts.answered
            if act_on is None:
                good = await station.ready(SETTLE_SECONDS)
            else:
                good = await station.ready_to_act(act_on, SETTLE_SECONDS)
            if good:
                return
            if not self.prompts.asking and answered == self.prompts.answered:
                return

    @contextmanager
    def offline(self) -> Generator[Station]:
        """The station without its hosts: fleet.toml, journal and audit."""
        station = self.build()
        try:
            yield station
        finally:
            run(station.stop())

    def _wanted(self, station: Station, names: Iterable[str] | None) -> tuple[str, ...]:
        known = tuple(entry.name for entry in station.settings.hosts)
        if names is None:
            return known
        for name in names:
            if name not in known:
                raise RingfenceError("unknown-host", host=name, known=", ".join(known) or "-")
        return tuple(names)

    def say(self, code: str, role: str = "", **params: str | int | float) -> None:
        """Print a sentence, unless a JSON document is the answer."""
        if not self.out.as_json:
            self.out.line(self.words(code, **params), role)

    def error(self, cause: Text, step: Text | None = None, detail: str = "") -> None:
        """Print an error on stderr: what failed, and the next step."""
        click.echo(self.words("cli.error", text=plain(self.words.say(cause))), err=True)
        if step is not None and self.words.has(step.code):
            click.echo("  " + plain(self.words.say(step)), err=True)
        if detail:
            click.echo("  " + plain(detail[-MOST_DETAIL:]), err=True)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine on an event loop of its own."""
    return asyncio.run(work)


def not_reached(terminal: Terminal, view: FleetView, *, to_act: bool = False) -> bool:
    """Print each host that did not answer, with its reason; tell whether there was one.

    `to_act`: a host that is still being read takes orders already.
    """
    good = {"connected", "reading"} if to_act else {"connected"}
    missing = [host for host in view.hosts.values() if host.health.state not in good]
    for host in missing:
        terminal.error(
            cause_of(host), step_of(host), host.health.failure.detail if host.health.failure else ""
        )
    return bool(missing)


def cause_of(host: HostView) -> Text:
    """Why a host is not connected, as one sentence."""
    failure = host.health.failure
    if failure is None:
        return Text("cli.host.no-answer", {"host": host.name})
    return Text(f"error.{failure.code}.cause", {"host": host.name, **failure.params})


def step_of(host: HostView) -> Text | None:
    failure = host.health.failure
    if failure is None:
        return None
    return Text(f"error.{failure.code}.step", {"host": host.name, **failure.params})


def find_machine(view: FleetView, target: str) -> MachineView:
    """Find HOST/NAME or HOST/UUID.

    Raises:
        RingfenceError: `bad-target`, `unknown-machine` or `ambiguous-machine`.
    """
    host, slash, name = target.partition("/")
    if not slash or not name:
        raise RingfenceError("bad-target", target=target)
    found = [
        machine
        for machine in view.machines.values()
        if machine.host == host and name in (machine.name, machine.key.uuid)
    ]
    if not found:
        raise RingfenceError("unknown-machine", target=target)
    if len(found) > 1:
        raise RingfenceError("ambiguous-machine", target=target)
    return found[0]


def finish(code: Exit) -> None:
    """End the command with this exit code."""
    raise click.exceptions.Exit(int(code))
