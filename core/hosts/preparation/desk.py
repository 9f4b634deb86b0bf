"""Where window and terminal ask how a host is prepared, for a plan, and for its run."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import structs

from core.changes.course import Progress
from core.changes.hands import Hands
from core.changes.journal import Journal
from core.changes.judgement import BAD
from core.changes.outcome import PlanOutcome
from core.changes.plan import Plan
from core.changes.runner import Runner, silent
from core.hosts.helper.preparation import PreparationSeen, ReadPreparation, WantedPreparation
from core.hosts.preparation.model import UNKNOWN, HostStatus, Wishes, merged
from core.hosts.preparation.planner import PREPARE, plan_prepare, plan_unprepare
from core.hosts.protocol import Applied, ReadQuarantineNetwork
from core.keys.operator import OperatorOpened
from core.text import RingfenceError, Text

READ_DEADLINE_S = 30.0
# Why nothing of ours can run there: such a host is shown and worked with, degraded.
DEGRADED = frozenset(
    {"helper-no-ssh", "helper-not-root", "helper-no-python", "helper-no-nft", "helper-outdated"}
)
NO_NETWORK = frozenset({"no-support", "host-read-only", "not-read-only", "order-unknown"})
NO_WISHES = Wishes()


class PreparationDesk:
    """Reads, plans and runs; planning changes nothing. Every method raises RingfenceError."""

    def __init__(
        self,
        *,
        hands: Hands,
        journal: Journal,
        runner: Callable[[], Runner],
        held: Callable[[str], tuple[str, ...]],
        operator: str,
        key: OperatorOpened,
        asks_for_two: Callable[[str], bool] = lambda _: False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._hands = hands
        self._journal = journal
        self._runner = runner
        self._held = held
        self._operator = operator
        self._key = key
        self._asks_for_two = asks_for_two
        self._now = now

    async def status(self, host: str, wishes: Wishes = NO_WISHES) -> HostStatus:
        """How the host stands, beside what it shall be."""
        own = await asyncio.to_thread(self._own_key)
        if wishes.two_people is None and self._asks_for_two(host):
            wishes = structs.replace(wishes, two_people=True)
        known, why = await self._seen(host, None)
        wanted = merged(known.wanted if known else None, wishes, self._operator, own)
        seen = known
        if known is not None:
            seen, why = await self._seen(host, wanted)
        network, network_why = await self._network(host)
        return HostStatus(host, wanted, seen, network, why, network_why)

    async def plan_prepare(self, host: str, wishes: Wishes = NO_WISHES) -> Plan:
        after = await asyncio.to_thread(self._journal.last_seq)
        status = await self.status(host, wishes)
        plan = plan_prepare(status, self._operator, self._now())
        return structs.replace(plan, planned_after=after)

    async def plan_unprepare(self, host: str) -> Plan:
        after = await asyncio.to_thread(self._journal.last_seq)
        status = await self.status(host)
        plan = plan_unprepare(status, self._held(host), self._operator, self._now())
        return structs.replace(plan, planned_after=after)

    async def run(
        self, plan: Plan, progress: Progress = silent, confirmed_at: float | None = None
    ) -> PlanOutcome:
        """Do a plan. A preparation that an item ends is taken back at once: half a preparation
        holds nothing. One that nobody answered stays unfinished, to be resumed or rolled back."""
        runner = await asyncio.to_thread(self._runner)
        done = await runner.run(plan, progress, confirmed_at)
        if plan.kind != PREPARE or not _ended_by_an_item(plan, done):
            return done
        back = await runner.roll_back(plan.id, progress)
        return structs.replace(back, problem=done.problem)

    def _own_key(self) -> str:
        return self._key().public_hex

    async def _seen(
        self, host: str, wanted: WantedPreparation | None
    ) -> tuple[PreparationSeen | None, Text | None]:
        try:
            seen = await self._hands.order(host, ReadPreparation(0, wanted), READ_DEADLINE_S)
        except RingfenceError as error:
            if error.code not in DEGRADED:
                raise
            return None, error.cause
        if not isinstance(seen, PreparationSeen):
            raise RingfenceError("answer-of-another-kind", order="read-preparation")
        return seen, None

    async def _network(self, host: str) -> tuple[str, Text | None]:
        try:
            result = await self._hands.order(host, ReadQuarantineNetwork(0))
        except RingfenceError as error:
            if error.code not in NO_NETWORK:
                raise
            return UNKNOWN, error.cause
        if not isinstance(result, Applied):
            raise RingfenceError("answer-of-another-kind", order="read-quarantine-network")
        return result.value, None


def _ended_by_an_item(plan: Plan, done: PlanOutcome) -> bool:
    steps = zip(plan.steps, done.steps, strict=True)
    return any(step.required and outcome.state in BAD for step, outcome in steps)
