"""Where window and terminal ask for a quarantine or a release: plan first, run after a yes.

Plans are made from what the host says just now, never from what a table shows.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import structs

from core.changes.course import Progress
from core.changes.hands import Hands
from core.changes.journal import Journal
from core.changes.outcome import PlanOutcome
from core.changes.plan import Plan
from core.changes.runner import Runner, silent
from core.changes.seal import Sealer
from core.facts import Reason, Unknown
from core.fleet.model import FleetView, MachineView
from core.hosts.protocol import ReadXml, XmlTexts
from core.incidents.believed import STRANGER, plan_believing
from core.incidents.cases.trust import warned
from core.incidents.dependents import Dependent, dependents_of
from core.incidents.evidence.before import StatesBefore
from core.incidents.evidence.measure import measured
from core.incidents.evidence.plan import plan_evidence
from core.incidents.evidence.watch import Watches
from core.incidents.going_on import template_of
from core.incidents.holds import Hold, HoldBook
from core.incidents.host_memory import HostMemory, memory_of
from core.incidents.model import FREEZE, EvidenceKind, How, Wish
from core.incidents.moved import Former, as_first_cut, with_former_hosts
from core.incidents.own_network import own_network
from core.incidents.quarantine import plan_quarantine
from core.incidents.reach import reach_of
from core.incidents.release import Before, before_from, before_of, plan_release
from core.incidents.remembered import of_both
from core.keys.purposes import Purpose
from core.keys.ring import KeyRing, no_ring
from core.text import RingfenceError

Clock = Callable[[], datetime]


class IncidentDesk:
    """Makes the plans of incidents and runs them. Planning changes nothing of a machine; where its
    packets are wanted, its host begins to keep them, and ends by itself.

    Every method raises RingfenceError with the reason why it cannot be.
    """

    def __init__(
        self,
        *,
        hands: Hands,
        journal: Journal,
        runner: Runner,
        sealer: Sealer,
        operator: str,
        now: Clock = lambda: datetime.now(UTC),
        asks_for_two: Callable[[str], bool] = lambda host: False,
        believed: Callable[[str], bool] = lambda host: True,
        ring: Callable[[], KeyRing] = no_ring,
        fleet: Callable[[], FleetView] | None = None,
    ) -> None:
        self._fleet = fleet
        self._hands = hands
        self._journal = journal
        self._runner = runner
        self._sealer = sealer
        self._operator = operator
        self._now = now
        self._asks_for_two = asks_for_two
        self._believed = believed
        self._ring = ring
        self._watches = Watches(hands)
        self._states = StatesBefore(hands, self._is_held)

    async def plan_quarantine(
        self, view: MachineView, reason: str, wish: Wish = FREEZE, case: str = ""
    ) -> Plan:
        """Plan the cut of one machine; one already held is cut again in its case. `case`: one that
        is open already and takes the machine in."""
        self._states.begin(view, wish.evidence)
        after = await asyncio.to_thread(self._journal.last_seq)
        host, uuid = view.key.host, view.key.uuid
        texts, reach, memory = await asyncio.gather(
            self._read(view),
            reach_of(self._hands, host, uuid),
            memory_of(self._hands, host, uuid),
        )
        if reach.barrier and EvidenceKind.PACKETS in wish.evidence:
            self._watches.begin(view)
        dependents = await self._dependents(view)
        hold = await self._held(view, memory)
        if hold is not None:
            self._states.forget(view)
        now = self._now()
        plan = plan_quarantine(
            view, texts, reason, self._operator, now, hold, reach, wish, memory, case, dependents
        )
        plan = plan if self._believed(host) else warned(plan)
        return structs.replace(plan, planned_after=after)

    async def plan_release(
        self, view: MachineView, reason: str, how: How = How.RESUME, template: str = ""
    ) -> Plan:
        """Plan to give one held machine back as its first quarantine found it. `template` names
        the volume of a rebuild as "pool/volume"."""
        after = await asyncio.to_thread(self._journal.last_seq)
        memory = await memory_of(self._hands, view.key.host, view.key.uuid)
        hold = await self._held(view, memory)
        if hold is None:
            raise RingfenceError("not-held", target=view.target)
        if hold.trouble == STRANGER and memory.ended is not None:
            now = self._now()
            plan = plan_believing(view, hold, memory.ended, reason, self._operator, now)
            return structs.replace(plan, planned_after=after)
        texts = await self._read(view)
        former = await self._former_hosts(hold)
        hold = as_first_cut(hold, (each.hold for each in former))
        hold, before = await self._before(hold, memory)
        asked_for_two = self._asks_for_two(view.host)
        copied = await template_of(self._hands, view.host, how, template)
        plan = plan_release(
            view,
            texts,
            hold,
            before,
            reason,
            self._operator,
            self._now(),
            memory,
            asked_for_two,
            how,
            copied,
        )
        plan = with_former_hosts(plan, former, how, self._now())
        return structs.replace(plan, planned_after=after)

    async def plan_evidence(
        self, view: MachineView, case: str, kinds: tuple[EvidenceKind, ...], reason: str = ""
    ) -> Plan:
        """Plan what is taken of a machine in a case, after its cut: a plan of its own. Keys must
        be there: the case key's public half is all it needs, the signature may come later."""
        before = await self._states.of(view, case, kinds)
        self._ring().need(Purpose.CASE)
        hold = await asyncio.to_thread(self._hold, view)
        reach = await reach_of(self._hands, view.host, view.key.uuid)
        found = await measured(self._hands, view, kinds, reach.barrier)
        return plan_evidence(
            view,
            case,
            kinds,
            reason=reason or (hold.reason if hold else ""),
            operator=self._operator,
            now=self._now(),
            measured=found,
            before=before,
            can_sign=self._ring().is_open(Purpose.EVIDENCE),
        )

    async def run(
        self, plan: Plan, progress: Progress = silent, confirmed_at: float | None = None
    ) -> PlanOutcome:
        """Do it. `confirmed_at` is time.monotonic() of the person's yes."""
        self._states.cut(plan)
        return await self._runner.run(plan, progress, confirmed_at)

    async def _is_held(self, view: MachineView) -> bool:
        return await asyncio.to_thread(self._hold, view) is not None

    async def _dependents(self, view: MachineView) -> tuple[Dependent, ...]:
        """Who needs the machine, from what is known already: no host is asked for it."""
        if self._fleet is None:
            return ()
        fleet = self._fleet()
        seen = fleet.hosts.get(view.key.host)
        os = Unknown(Reason.NOT_READ) if seen is None or seen.facts is None else seen.facts.os
        host = os if isinstance(os, Unknown) else os.network
        return dependents_of(view, fleet, await asyncio.to_thread(own_network), host)

    async def _read(self, view: MachineView) -> XmlTexts:
        texts = await self._hands.order(view.host, ReadXml(number=0, uuid=view.key.uuid))
        if not isinstance(texts, XmlTexts):
            raise RingfenceError("answer-of-another-kind", order="read-xml")
        return texts

    async def _former_hosts(self, hold: Hold) -> tuple[Former, ...]:
        """Where the machine was held before it was moved, and what of that still stands."""
        book = await asyncio.to_thread(self._book)
        same = (each for each in book.all() if (each.uuid, each.case) == (hold.uuid, hold.case))
        others = [each for each in same if each.host != hold.host]
        return tuple(await asyncio.gather(*(self._former(each) for each in others)))

    async def _former(self, hold: Hold) -> Former:
        memory, reach = await asyncio.gather(
            memory_of(self._hands, hold.host, hold.uuid),
            reach_of(self._hands, hold.host, hold.uuid),
        )
        return Former(hold, memory.document, reach.before, reach.barrier)

    async def _before(self, hold: Hold, memory: HostMemory) -> tuple[Hold, Before]:
        """What we sealed ourselves; what the host was given, when that is not to be had."""
        if not hold.from_host:
            try:
                sealed = await asyncio.to_thread(before_of, hold, self._journal, self._sealer)
            except RingfenceError:
                if memory.document is None:
                    raise
            else:
                return hold, sealed
        return structs.replace(hold, joined=True), before_from(memory)

    async def _held(self, view: MachineView, memory: HostMemory) -> Hold | None:
        """As the journal and the host tell it."""
        book = await asyncio.to_thread(self._book)
        return of_both(book.find(view.host, view.key.uuid), view.host, memory, book.known)

    def _hold(self, view: MachineView) -> Hold | None:
        return self._book().find(view.host, view.key.uuid)

    def _book(self) -> HoldBook:
        book = HoldBook(self._journal)
        book.refresh()
        return book
