"""Steps of preparing a host and of taking that back: one item each, read back from the host.

What the host was prepared with before is in the plan: an undo puts that back. An item that we only
repaired stays repaired.
"""

import asyncio
from typing import ClassVar

from core.changes.outcome import Done
from core.changes.step import Bench, Step
from core.hosts.helper.orders import HelperOrder
from core.hosts.helper.preparation import (
    PreparationSeen,
    ReadPreparation,
    RemoveItem,
    RestartDaemons,
    StartKeep,
    StopKeep,
    WantedPreparation,
    WriteItem,
)
from core.hosts.protocol import (
    Applied,
    DropQuarantineNetwork,
    KeepQuarantineNetwork,
    Order,
    ReadQuarantineNetwork,
)
from core.hosts.quarantine_network import NETWORK_ABSENT, NETWORK_OURS
from core.text import RingfenceError, Text

ITEM_DEADLINE_S = 30.0  # labels, visudo and systemd take their time on a slow host
RESTART_DEADLINE_S = 50.0
POLICY_DEADLINE_S = 600.0  # to build a policy anew takes a minute on a slow host
LOOK_AGAIN_S = 0.5
OURS, STOPPED, LOADING = "ours", "stopped", "loading"
GONE = frozenset({"absent", "missing"})
# The way to a host goes through libvirt's daemon, and with it.
WAY_LOST = frozenset({"helper-lost", "host-closed", "host-not-reached", "worker-lost"})


async def seen_after(bench: Bench, order: HelperOrder) -> PreparationSeen:
    """Give ringfence-host an order and take how the host is prepared afterwards."""
    result = await bench.order(order, ITEM_DEADLINE_S)
    if not isinstance(result, PreparationSeen):
        raise RingfenceError("answer-of-another-kind", order="preparation")
    return result


async def item_after(bench: Bench, order: WriteItem | RemoveItem) -> PreparationSeen:
    """The same order again for as long as the host is at it: a policy is not built in an instant,
    and no other order waits for it."""
    while True:
        seen = await seen_after(bench, order)
        if state_in(seen, order.item) != LOADING:
            return seen
        await asyncio.sleep(LOOK_AGAIN_S)


async def network_after(bench: Bench, order: Order) -> str:
    result = await bench.order(order, ITEM_DEADLINE_S)
    if not isinstance(result, Applied):
        raise RingfenceError("answer-of-another-kind", order="quarantine-network")
    return result.value


def item_text(tag: str, item: str, host: str) -> Text:
    return Text(f"changes.step.{tag}.{item}", {"host": host})


def state_in(seen: PreparationSeen, item: str) -> str:
    """An item that nobody wants is gone."""
    found = seen.item(item)
    return found.state if found is not None else "absent"


class WriteHostItem(Step, frozen=True, tag="write-host-item"):
    """Put one item in its place. `was`: its state when planned; `before`: what stood there."""

    required: ClassVar[bool] = True
    deadline_s: ClassVar[float] = POLICY_DEADLINE_S

    item: str
    wanted: WantedPreparation
    was: str = "absent"
    before: WantedPreparation | None = None

    @property
    def missing_name(self) -> str:
        return f"item: {self.item}"

    def describe(self) -> Text:
        return item_text(self.tag, self.item, self.host)

    async def verify(self, bench: Bench) -> Done | None:
        seen = await seen_after(bench, ReadPreparation(0, self.wanted))
        return self._done(bench, seen, already=True) if self._stands(seen) else None

    async def apply(self, bench: Bench) -> Done:
        seen = await item_after(bench, WriteItem(0, self.item, self.wanted))
        if not self._stands(seen):
            raise RingfenceError("prepare-read-back", item=self.item)
        return self._done(bench, seen)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        if self.was in GONE:
            return await removed(bench, self.item)
        if self.before is None:
            await bench.order(ReadPreparation(0))
            return Done((bench.proof("changes.proof.item-stays", item=self.item),))
        await item_after(bench, WriteItem(0, self.item, self.before))
        return Done((bench.proof("changes.proof.item-back", item=self.item),))

    def _stands(self, seen: PreparationSeen) -> bool:
        return seen.prepared and state_in(seen, self.item) == OURS

    def _done(self, bench: Bench, seen: PreparationSeen, already: bool = False) -> Done:
        found = seen.item(self.item)
        places = found.places if found is not None else ()
        proofs = tuple(
            bench.proof(
                "changes.proof.place",
                path=place.path,
                mode=place.mode,
                sha256=place.found_sha256[:16],
            )
            for place in places
            if place.mode
        )
        return Done(proofs, already=already)


class RemoveHostItem(Step, frozen=True, tag="remove-host-item"):
    """Take one item away; `wanted` is what it was made from."""

    required: ClassVar[bool] = True
    deadline_s: ClassVar[float] = POLICY_DEADLINE_S

    item: str
    wanted: WantedPreparation

    @property
    def missing_name(self) -> str:
        return f"item: {self.item}"

    def describe(self) -> Text:
        return item_text(self.tag, self.item, self.host)

    async def verify(self, bench: Bench) -> Done | None:
        seen = await seen_after(bench, ReadPreparation(0, self.wanted))
        if state_in(seen, self.item) not in GONE:
            return None
        return Done((bench.proof("changes.proof.item-gone", item=self.item),), already=True)

    async def apply(self, bench: Bench) -> Done:
        return await removed(bench, self.item)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        seen = await item_after(bench, WriteItem(0, self.item, self.wanted))
        if state_in(seen, self.item) != OURS:
            raise RingfenceError("prepare-read-back", item=self.item)
        return Done((bench.proof("changes.proof.item-back", item=self.item),))


async def removed(bench: Bench, item: str) -> Done:
    """Remove it and prove that nothing of it is left."""
    if state_in(await item_after(bench, RemoveItem(0, item)), item) not in GONE:
        raise RingfenceError("prepare-read-back", item=item)
    return Done((bench.proof("changes.proof.item-gone", item=item),))


class KeepNetwork(Step, frozen=True, tag="keep-network"):
    """Have the quarantine network there, active and starting with the host."""

    required: ClassVar[bool] = True

    was: str = NETWORK_ABSENT

    @property
    def missing_name(self) -> str:
        return "item: network"

    def orders_in(self, phase: str) -> int:
        return 0 if phase == "undo" and self.was != NETWORK_ABSENT else 1

    async def verify(self, bench: Bench) -> Done | None:
        if await network_after(bench, ReadQuarantineNetwork(0)) != NETWORK_OURS:
            return None
        return Done((bench.proof("changes.proof.network-ours"),), already=True)

    async def apply(self, bench: Bench) -> Done:
        return await network_kept(bench)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        if self.was != NETWORK_ABSENT:
            return Done((bench.proof("changes.proof.network-ours"),))
        return await network_dropped(bench)


class DropNetwork(Step, frozen=True, tag="drop-network"):
    """Take the quarantine network away."""

    required: ClassVar[bool] = True

    @property
    def missing_name(self) -> str:
        return "item: network"

    async def verify(self, bench: Bench) -> Done | None:
        if await network_after(bench, ReadQuarantineNetwork(0)) != NETWORK_ABSENT:
            return None
        return Done((bench.proof("changes.proof.network-gone"),), already=True)

    async def apply(self, bench: Bench) -> Done:
        return await network_dropped(bench)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return await network_kept(bench)


async def network_kept(bench: Bench) -> Done:
    if await network_after(bench, KeepQuarantineNetwork(0)) != NETWORK_OURS:
        raise RingfenceError("prepare-read-back", item="network")
    return Done((bench.proof("changes.proof.network-ours"),))


async def network_dropped(bench: Bench) -> Done:
    if await network_after(bench, DropQuarantineNetwork(0)) != NETWORK_ABSENT:
        raise RingfenceError("prepare-read-back", item="network")
    return Done((bench.proof("changes.proof.network-gone"),))


class KeepHost(Step, frozen=True, tag="keep-host"):
    """Have our keeper run, and start with the host where systemd does."""

    required: ClassVar[bool] = True

    was_kept: bool = False

    @property
    def missing_name(self) -> str:
        return "item: keep"

    def orders_in(self, phase: str) -> int:
        return 0 if phase == "undo" and self.was_kept else 1

    async def verify(self, bench: Bench) -> Done | None:
        seen = await seen_after(bench, ReadPreparation(0))
        return None if seen.keep == STOPPED else kept_proof(bench, seen, already=True)

    async def apply(self, bench: Bench) -> Done:
        return await keeper_started(bench)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return Done() if self.was_kept else await keeper_stopped(bench)


class LeaveHost(Step, frozen=True, tag="leave-host"):
    """End our keeper."""

    required: ClassVar[bool] = True

    was_kept: bool = True

    @property
    def missing_name(self) -> str:
        return "item: keep"

    def orders_in(self, phase: str) -> int:
        return 0 if phase == "undo" and not self.was_kept else 1

    async def verify(self, bench: Bench) -> Done | None:
        seen = await seen_after(bench, ReadPreparation(0))
        return kept_proof(bench, seen, already=True) if seen.keep == STOPPED else None

    async def apply(self, bench: Bench) -> Done:
        return await keeper_stopped(bench)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return await keeper_started(bench) if self.was_kept else Done()


async def keeper_started(bench: Bench) -> Done:
    seen = await seen_after(bench, StartKeep(0))
    if seen.keep == STOPPED:
        raise RingfenceError("keep-not-started")
    return kept_proof(bench, seen)


async def keeper_stopped(bench: Bench) -> Done:
    seen = await seen_after(bench, StopKeep(0))
    if seen.keep != STOPPED:
        raise RingfenceError("prepare-read-back", item="keep")
    return kept_proof(bench, seen)


def kept_proof(bench: Bench, seen: PreparationSeen, already: bool = False) -> Done:
    return Done((bench.proof(f"changes.proof.keep-{seen.keep}"),), already=already)


class StartDaemonsAnew(Step, frozen=True, tag="start-daemons-anew"):
    """Have libvirt look for hooks and ports again. The way to the host may end meanwhile."""

    apply_orders: ClassVar[int] = 2
    undo_orders: ClassVar[int] = 0

    daemons: tuple[str, ...]

    async def verify(self, bench: Bench) -> Done | None:
        seen = await seen_after(bench, ReadPreparation(0))
        return None if seen.waiting else self._done(bench, already=True)

    async def apply(self, bench: Bench) -> Done:
        try:
            seen = await seen_after(bench, RestartDaemons(0))
        except RingfenceError as error:  # on a slow host the daemon ends before the answer is out
            if error.code not in WAY_LOST:
                raise
            return await self._when_anew(bench)
        if seen.waiting and not seen.systemd:
            return Done(missing=tuple(f"daemon: {name}" for name in seen.waiting))
        return await self._when_anew(bench)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return Done()

    async def _when_anew(self, bench: Bench) -> Done:
        """The session may have to connect again first."""
        try:
            async with asyncio.timeout(RESTART_DEADLINE_S):
                while True:
                    try:
                        seen = await seen_after(bench, ReadPreparation(0))
                    except RingfenceError:  # the channel goes with libvirt's connection
                        seen = None
                    if seen is not None and not seen.waiting:
                        return self._done(bench)
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError as error:
            raise RingfenceError("daemons-not-anew", daemons=", ".join(self.daemons)) from error

    def _done(self, bench: Bench, already: bool = False) -> Done:
        proofs = tuple(bench.proof("changes.proof.daemon-anew", name=name) for name in self.daemons)
        return Done(proofs, already=already)


class ProvePrepared(Step, frozen=True, tag="prove-prepared"):
    """Read everything again at the end; what is not as it should be is named."""

    undo_orders: ClassVar[int] = 0

    wanted: WantedPreparation
    gone: bool = False  # the host was given back: nothing of ours may be left

    async def apply(self, bench: Bench) -> Done:
        seen = await seen_after(bench, ReadPreparation(0, self.wanted))
        wanted = GONE if self.gone else {OURS}
        missing = [f"item: {item.item}" for item in seen.items if item.state not in wanted]
        if not self.gone and seen.keep == STOPPED:
            missing.append("item: keep")
        missing += [f"daemon: {name}" for name in seen.waiting]
        code = "nothing-left" if self.gone else "prepared"
        proofs = () if missing else (bench.proof(f"changes.proof.{code}", count=len(seen.items)),)
        return Done(proofs, tuple(missing))

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return Done()
