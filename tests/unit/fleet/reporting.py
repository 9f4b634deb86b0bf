"""A judge and a session that reports, for tests of the live fleet."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from core.facts import Host, Machine, MachineRow
from core.fleet.live import LiveFleet
from core.fleet.model import FleetChanges, FleetView
from core.hosts.protocol import (
    AnyReport,
    Failure,
    FullRead,
    Health,
    Machines,
    Opened,
    Rows,
)
from core.posture.model import Finding, Severity, Verdict
from core.posture.subject import FleetSubject, HostSubject, MachineSubject
from core.settings.model import FleetFile, HostEntry, TenantEntry, ZoneEntry
from core.text import Text
from tests.unit.fleet.machines import NOW, host, row

SETTINGS = FleetFile(
    zones=(ZoneEntry("dmz", networks=("dmz",)), ZoneEntry("lab", networks=("lab",))),
    tenants=(TenantEntry("acme", ("hv1/*",)),),
)


class CountingJudge:
    """Fails machines whose title is "bad"; remembers whom it was asked about."""

    def __init__(self) -> None:
        self.machines: list[str] = []
        self.hosts = 0
        self.fleets = 0

    def judge_machine(self, subject: MachineSubject) -> tuple[Finding, ...]:
        self.machines.append(subject.target)
        verdict = Verdict.FAIL if subject.machine.title == "bad" else Verdict.PASS
        return (made("VM-TEST-001", subject.target, verdict),)

    def judge_host(self, subject: HostSubject) -> tuple[Finding, ...]:
        self.hosts += 1
        return (made("HOST-TEST-001", subject.host.name, Verdict.PASS),)

    def judge_fleet(self, subject: FleetSubject) -> tuple[Finding, ...]:
        """Machines of one name on two hosts."""
        self.fleets += 1
        seen: dict[str, list[tuple[str, str]]] = {}
        for each in subject.machines:
            seen.setdefault(each.machine.name, []).append((each.on, each.machine.uuid))
        return tuple(
            made("FLEET-TEST-001", "fleet", Verdict.FAIL, tuple(who))
            for who in seen.values()
            if len(who) > 1
        )


def made(
    check: str, target: str, verdict: Verdict, concerns: tuple[tuple[str, str], ...] = ()
) -> Finding:
    text = Text("finding.test")
    return Finding(check, target, "", "", verdict, Severity.HIGH, text, (), NOW, concerns=concerns)


class Bench:
    """A live fleet with everything it published."""

    def __init__(self, settings: FleetFile = SETTINGS) -> None:
        self.judge = CountingJudge()
        self.fleet = LiveFleet(settings, self.judge)
        self.published: list[tuple[FleetView, FleetChanges]] = []
        self.fleet.subscribe(lambda view, changes: self.published.append((view, changes)))

    def add(self, *names: str) -> None:
        for name in names:
            self.fleet.add_host(HostEntry(name, f"qemu+tls://{name}/system"))

    def connect(self, name: str, *machines: Machine, facts: Host | None = None) -> None:
        """Everything a host says when it is opened."""
        self.add(name)
        rows = tuple(row_of(each) for each in machines)
        self.report(name, Opened(facts or host(name)), Rows(rows, whole=True), Machines(machines))
        self.report(name, FullRead(len(machines), 0.1, 3))
        self.health(name, "connected")

    def report(self, name: str, *reports: AnyReport) -> None:
        for each in reports:
            self.fleet.reported(name, each)

    def health(self, name: str, state: str, failure: Failure | None = None) -> None:
        now = datetime.now(UTC)
        self.fleet.health_changed(name, Health(state, now, now, failure))

    async def settle(self) -> FleetView:
        assert await self.fleet.wait_until(lambda view: True, 5.0)
        return self.fleet.view

    def clear(self) -> None:
        self.published.clear()
        self.judge.machines.clear()


def row_of(facts: Machine) -> MachineRow:
    return row(0, uuid=facts.uuid, name=facts.name, state=facts.state)


Play = Callable[[Bench], Awaitable[None]]


def run(play: Play, bench_of: Callable[[], Bench] = Bench) -> None:
    async def whole() -> None:
        bench = bench_of()
        try:
            await play(bench)
        finally:
            bench.fleet.close()

    asyncio.run(whole())
