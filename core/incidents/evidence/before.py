"""What a host knew of a machine before its cut: asked as soon as a cut is planned, beside the plan.

What was not told when the cut began is never kept under that name: a host may be slow and a person
quick, and what it knows afterwards is another thing.
"""

import asyncio
from collections.abc import Awaitable, Callable

from core.changes.hands import Hands
from core.changes.plan import Plan
from core.fleet.model import MachineView
from core.incidents.evidence.measure import OF_HOST, StateNow, state_now
from core.incidents.model import EvidenceKind

MOST_KNOWN = 256  # machines whose state before their cut is remembered
Told = tuple[StateNow, ...]


class StatesBefore:
    """By machine and case. Nothing here holds a plan or a cut up."""

    def __init__(self, hands: Hands, is_held: Callable[[MachineView], Awaitable[bool]]) -> None:
        self._hands = hands
        self._is_held = is_held
        self._asking: dict[tuple[str, str], asyncio.Task[Told]] = {}
        self._known: dict[tuple[str, str, str], Told] = {}

    def begin(self, view: MachineView, kinds: tuple[EvidenceKind, ...]) -> None:
        """Returns at once; a host that is still being asked is not asked twice."""
        key = (view.host, view.key.uuid)
        begun = self._asking.get(key)
        if begun is not None and not begun.done():
            return
        self._asking.pop(key, None)
        if set(OF_HOST) & set(kinds):
            task = asyncio.ensure_future(state_now(self._hands, view, tuple(OF_HOST)))
            task.set_name(f"state of {view.target}")
            self._asking[key] = task

    def cut(self, plan: Plan) -> None:
        """A plan is about to run: what was told by now was before it."""
        for target in plan.targets:
            begun = self._asking.pop((target.host, target.uuid), None)
            if begun is None:
                continue
            if begun.done():
                self._keep((target.host, target.uuid, plan.case), begun.result())
            else:
                begun.cancel()

    def forget(self, view: MachineView) -> None:
        """It is held already: what is told now was not before."""
        begun = self._asking.pop((view.host, view.key.uuid), None)
        if begun is not None:
            begun.cancel()

    async def of(self, view: MachineView, case: str, kinds: tuple[EvidenceKind, ...]) -> Told:
        """What was known before the cut; asked for now as long as there was none."""
        if not await self._is_held(view):
            found = await self._told(view, kinds)
            if not await self._is_held(view):
                self._keep((view.host, view.key.uuid, case), found)
        known = self._known.get((view.host, view.key.uuid, case), ())
        return tuple(each for each in known if each.kind in kinds)

    async def _told(self, view: MachineView, kinds: tuple[EvidenceKind, ...]) -> Told:
        begun = self._asking.get((view.host, view.key.uuid))
        if begun is None or (begun.done() and not begun.result()):
            return await state_now(self._hands, view, kinds)
        return await asyncio.shield(begun)  # whoever gives up waiting leaves it to the next

    def _keep(self, key: tuple[str, str, str], found: Told) -> None:
        if not found:
            return
        self._known.pop(key, None)
        self._known[key] = found
        for old in list(self._known)[:-MOST_KNOWN]:
            del self._known[old]
