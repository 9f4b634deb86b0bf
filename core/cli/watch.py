"""`watch`: the same eyes and events as the window, one line a change, until interrupted."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from core.cli.commands import Command, command, option
from core.cli.terminal import Terminal, cause_of, run
from core.fleet.model import FleetChanges, FleetView, HostView, MachineView
from core.incidents.model import Quarantine
from core.incidents.news import news_of
from core.posture.model import Finding, Verdict
from core.text import Catalogue

Emit = Callable[[str, dict[str, Any]], None]


def commands(words: Catalogue) -> list[Command]:
    seconds = option(words, "--for seconds", "for", type=float, default=0.0, metavar="SECONDS")
    return [command(words, "watch", watch, [seconds])]


class Watcher:
    """Compares each view with the last and says what differs."""

    def __init__(self, view: FleetView, emit: Emit) -> None:
        self._view = view
        self._emit = emit

    def __call__(self, view: FleetView, changes: FleetChanges) -> None:
        before, self._view = self._view, view
        for name in sorted(changes.hosts):
            self._host(before.hosts.get(name), view.hosts.get(name))
        for key in changes.added:
            self._say("added", view.machines[key])
        for key in changes.removed:
            if key in before.machines:
                self._say("removed", before.machines[key])
        for key in changes.changed:
            if key in before.machines and key in view.machines:
                self._machine(before.machines[key], view.machines[key])

    def begin(self) -> None:
        """Say what is held, and how well, before anything changes."""
        for machine in self._view.machines.values():
            if machine.quarantine is not None:
                self._say("quarantine", machine, new=machine.quarantine.state.value)

    def _say(self, event: str, machine: MachineView, **more: str) -> None:
        self._emit(event, {"host": machine.host, "name": machine.name, **more})

    def _host(self, old: HostView | None, new: HostView | None) -> None:
        if old is not None and new is not None and old.health.state != new.health.state:
            why = "" if new.health.failure is None else new.health.failure.code
            self._emit("host", {"host": new.name, "state": new.health.state, "why": why})

    def _news(self, before: Quarantine | None, machine: MachineView) -> None:
        """What happens to a held machine; times are the host's."""
        for news in news_of(before, machine.quarantine):
            values = {name: str(value) for name, value in news.values.items()}
            at = news.at.astimezone().isoformat(timespec="seconds")
            self._say(f"hold-{news.what}", machine, case=news.case, since=at, **values)

    def _machine(self, old: MachineView, new: MachineView) -> None:
        if old.row.state != new.row.state:
            self._say("state", new, old=old.row.state.value, new=new.row.state.value)
        if old.name != new.name:
            self._say("renamed", new, old=old.name)
        if (old.quarantine is None) != (new.quarantine is None) or (
            old.quarantine and new.quarantine and old.quarantine.state != new.quarantine.state
        ):
            state = "released" if new.quarantine is None else new.quarantine.state.value
            self._say("quarantine", new, new=state)
        self._news(old.quarantine, new)
        if old.machine is not None:
            known = {finding.check for finding in _failing(old)}
            for finding in _failing(new):
                if finding.check not in known:
                    severity = finding.severity.name.lower()
                    self._say("finding", new, check=finding.check, severity=severity)


def _failing(view: MachineView) -> list[Finding]:
    return [finding for finding in view.findings if finding.verdict is Verdict.FAIL]


@click.pass_obj
def watch(terminal: Terminal, seconds: float) -> None:
    """Follow the fleet until interrupted (or for some seconds)."""

    def emit(event: str, content: dict[str, Any]) -> None:
        at = datetime.now(UTC)
        if terminal.out.as_json:
            terminal.out.line_document(event=event, at=at.isoformat(), **content)
        else:
            named = f"incidents.happened.{content.get('event', '')}"
            seen = {"event": terminal.words(named)} if terminal.words.has(named) else {}
            text = terminal.words(f"cli.watch.{event}", **{**content, **seen})
            terminal.out.line(f"{at.astimezone():%H:%M:%S}  {text}")

    async def work() -> None:
        async with terminal.station() as station:
            for host in station.fleet.view.hosts.values():
                if host.health.state != "connected":
                    terminal.error(cause_of(host))
            terminal.say("cli.watch.started", "dim", count=len(station.fleet.view.machines))
            watcher = Watcher(station.fleet.view, emit)
            watcher.begin()
            cancel = station.fleet.subscribe(watcher)
            station.stand_guard()
            try:
                await asyncio.sleep(seconds) if seconds else await asyncio.Event().wait()
            finally:
                cancel()

    run(work())
