"""The incident door of a real station: reads the machine's XML, finds its hold, makes the plan."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from core.changes.course import Progress
from core.changes.hands import Hands
from core.changes.journal import Journal
from core.changes.outcome import PlanOutcome
from core.changes.plan import Plan
from core.changes.seal import Sealer
from core.fleet.model import MachineView
from core.hosts.protocol import ReadXml, XmlTexts
from core.incidents.holds import Hold, HoldBook
from core.incidents.quarantine import plan_quarantine
from core.incidents.release import before_of, plan_release
from core.text import RingfenceError
from gui.changes.plan_run import RunnerDoor


class StationIncidents:
    """Plans from what the host says just now, never from what the table shows."""

    def __init__(
        self,
        *,
        hands: Hands,
        journal: Journal,
        runner: RunnerDoor,
        sealer: Callable[[], Sealer],
        operator: str,
    ) -> None:
        self._hands = hands
        self._journal = journal
        self._runner = runner
        self._sealer = sealer
        self._operator = operator

    async def plan_quarantine(self, view: MachineView, reason: str) -> Plan:
        texts = await self._read(view)
        hold = await asyncio.to_thread(self._hold, view)
        now = datetime.now(UTC)
        return plan_quarantine(view, texts, reason, self._operator, now, hold)

    async def plan_release(self, view: MachineView, reason: str) -> Plan:
        texts = await self._read(view)
        hold = await asyncio.to_thread(self._hold, view)
        if hold is None:
            raise RingfenceError("not-held", target=view.target)
        before = await asyncio.to_thread(before_of, hold, self._journal, self._sealer())
        now = datetime.now(UTC)
        return plan_release(view, texts, hold, before, reason, self._operator, now)

    async def run(
        self, plan: Plan, progress: Progress, confirmed_at: float | None = None
    ) -> PlanOutcome:
        return await self._runner.run(plan, progress, confirmed_at)

    async def _read(self, view: MachineView) -> XmlTexts:
        texts = await self._hands.order(view.host, ReadXml(number=0, uuid=view.key.uuid))
        if not isinstance(texts, XmlTexts):
            raise RingfenceError("answer-of-another-kind", order="read-xml")
        return texts

    def _hold(self, view: MachineView) -> Hold | None:
        book = HoldBook(self._journal)
        book.refresh()
        return book.find(view.host, view.key.uuid)
