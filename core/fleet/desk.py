"""Turn one host's book into judged rows: zones, owner, label, findings, score, quarantine.

What was judged of a machine is kept, so that a change of state, health or quarantine makes a new
row without asking the judge again.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec.structs import replace

from core.facts import Host, Machine, Reason, Unknown
from core.fleet.book import HostBook, same_facts
from core.fleet.judging import (
    Judge,
    Judged,
    QuarantineOf,
    Trend,
    label_view,
)
from core.fleet.model import HostView, Key, LabelView, MachineView
from core.fleet.summary import FAILING
from core.posture.model import Finding
from core.posture.score import NO_SCORE, combine, score_of
from core.posture.subject import HostSubject, MachineSubject, Sharing, sharing_of
from core.settings.model import FleetFile, Protection
from core.tenants import risk_of, tenant_of
from core.zones import Membership, ZoneIndex

NOT_READ = Unknown(Reason.NOT_READ)
_NEVER = datetime.fromtimestamp(0, UTC)  # a placed subject is judged later


class HostDesk:
    """One host's book with everything judged from it."""

    def __init__(self, book: HostBook, settings: FleetFile, judge: Judge) -> None:
        self.book = book
        self._sharing: Sharing | None = None
        self.findings: tuple[Finding, ...] = ()
        self.shared: dict[str, tuple[Finding, ...]] = {}  # the fleet's, by the machine concerned
        self.judged: dict[str, Judged] = {}
        self._placed: dict[str, MachineSubject] = {}
        self._settings = settings
        self._judge = judge
        self._index: ZoneIndex | None = None
        self._index_of: Host | None = None

    def apply(self, settings: FleetFile, judge: Judge) -> None:
        self._settings, self._judge, self._index = settings, judge, None
        self.place(tuple(self._placed), anew=True)

    def place(self, uuids: Iterable[str], *, anew: bool = False) -> bool:
        """Find zones and owner of machines whose facts changed, or in any case with `anew`.

        Returns whether there were any.
        """
        found = False
        for uuid in uuids:
            machine, before = self.book.machines.get(uuid), self._placed.get(uuid)
            if machine is None:
                continue
            if anew or before is None or not same_facts(before.machine, machine):
                self._placed[uuid] = self._subject(machine)
                found = True
        if found:
            self._sharing = None
        return found

    def drop(self, uuid: str) -> None:
        self.judged.pop(uuid, None)
        self._placed.pop(uuid, None)
        self._sharing = None

    @property
    def sharing(self) -> Sharing:
        """Who lives here together, looked up again only after somebody came, went or moved."""
        if self._sharing is None:
            self._sharing = sharing_of(self._placed.values())
        return self._sharing

    def key(self, uuid: str) -> Key:
        return Key(self.book.entry.name, uuid)

    def bare(self, uuid: str, quarantine_of: QuarantineOf) -> MachineView:
        """The row of a machine that was only listed."""
        book, row = self.book, self.book.rows[uuid]
        host, key = book.entry.name, self.key(uuid)
        return MachineView(
            key=key,
            row=row,
            machine=None,
            read_only=book.read_only,
            stale=book.stale,
            last_seen=book.last_seen,
            zones=NOT_READ,
            tenant=tenant_of(host, row.name, None, self._settings.tenants),
            risk=risk_of(host, row.name, None, self._settings.risks),
            label=LabelView(NOT_READ, None, self._models()),
            findings=(),
            score=NO_SCORE,
            trend=None,
            quarantine=quarantine_of(key, None, book.stale),
            demo=bool(book.entry.demo_facts),
        )

    def view(self, uuid: str, judged: Judged) -> MachineView:
        """The row of a machine that was read and judged."""
        book, placed = self.book, judged.placed
        return MachineView(
            key=self.key(uuid),
            row=book.rows[uuid],
            machine=judged.machine,
            read_only=book.read_only,
            stale=book.stale,
            last_seen=book.last_seen,
            zones=placed.zones,
            tenant=placed.tenant,
            risk=placed.risk,
            label=judged.label,
            findings=judged.own + judged.shared,
            failing=judged.failing,
            score=judged.score,
            trend=judged.trend,
            quarantine=judged.quarantine,
            demo=bool(book.entry.demo_facts),
        )

    def judge(
        self, uuid: str, now: datetime, quarantine_of: QuarantineOf, trend: Trend
    ) -> Judged | None:
        """Judge a machine, unless it was judged on exactly this; None before it was read."""
        placed, before = self._placed.get(uuid), self.judged.get(uuid)
        if placed is None:
            return None
        key = self.key(uuid)
        newest = self.book.machines[uuid]
        quarantine = quarantine_of(key, newest, self.book.stale)
        if quarantine is None:
            # The same facts seen again: one copy of them is enough.
            newest = self.book.machines[uuid] = placed.machine
        shared = self.shared.get(uuid, ())
        if before is None or before.placed is not placed or before.sharing != self.sharing:
            own = self._judge.judge_machine(replace(placed, now=now, sharing=self.sharing))
        elif before.shared == shared:
            after = replace(before, machine=newest, quarantine=quarantine)
            self.judged[uuid] = after
            return after
        else:
            own = before.own
        score = score_of(own + shared, placed.protection)
        change = trend.change(key, score.value)
        label = label_view(placed.machine, self._models(), self._permissive_types())
        failing = frozenset(each.check for each in own + shared if each.verdict in FAILING)
        after = Judged(
            placed, self.sharing, newest, label, own, shared, failing, score, change, quarantine
        )
        self.judged[uuid] = after
        return after

    def share(self, shared: dict[str, tuple[Finding, ...]]) -> list[str]:
        """Take over the fleet's findings; returns the machines for which they are new."""
        self.shared = shared
        return [
            uuid for uuid, judged in self.judged.items() if judged.shared != shared.get(uuid, ())
        ]

    def judged_otherwise(self) -> tuple[str, ...]:
        """Machines that were judged when others lived here: severities hang on the company."""
        found = self.judged.items()
        return tuple(uuid for uuid, each in found if each.sharing != self.sharing)

    def subjects(self) -> tuple[MachineSubject, ...]:
        return tuple(judged.placed for judged in self.judged.values())

    def host_subject(self, now: datetime) -> HostSubject | None:
        """What the judge of the host is given; None before the host told anything."""
        facts = self.book.facts
        return HostSubject(facts, self.subjects(), now, self.sharing) if facts else None

    def host_view(self) -> HostView:
        book = self.book
        scores = [judged.score for judged in self.judged.values()]
        if self.findings:
            scores.append(score_of(self.findings, self._protection()))
        return HostView(
            entry=book.entry,
            health=book.health,
            facts=book.facts,
            findings=self.findings,
            score=combine(scores) if scores else NO_SCORE,
            machines=len(book.rows),
            read_seconds=book.read_seconds,
            problem=book.problem,
        )

    def _subject(self, machine: Machine) -> MachineSubject:
        host, name = self.book.entry.name, machine.name
        return MachineSubject(
            host=self.book.facts,
            machine=machine,
            zones=self._zones(machine),
            tenant=tenant_of(host, name, machine.claim, self._settings.tenants),
            now=_NEVER,
            risk=risk_of(host, name, machine.claim, self._settings.risks),
            host_name=host,
        )

    def _zones(self, machine: Machine) -> tuple[Membership, ...] | Unknown:
        facts = self.book.facts
        if facts is None:
            return NOT_READ
        if self._index is None or self._index_of is not facts:
            self._index, self._index_of = ZoneIndex(facts, self._settings.zones), facts
        return self._index.of(machine)

    def _models(self) -> tuple[str, ...] | Unknown:
        facts = self.book.facts
        return NOT_READ if facts is None else facts.security_models

    def _permissive_types(self) -> tuple[str, ...] | Unknown:
        facts = self.book.facts
        if facts is None or isinstance(facts.os, Unknown):
            return NOT_READ
        return facts.os.svirt_permissive_types

    def _protection(self) -> Protection:
        order = list(Protection)
        found = [judged.placed.protection for judged in self.judged.values()]
        return max(found, key=order.index, default=Protection.NORMAL)
