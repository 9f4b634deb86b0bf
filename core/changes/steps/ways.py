"""Side ways out of a running machine: closed after the cut, given back at its release.

Each step changes one thing of the running side and is proved by what is read back. A card is
moved only with its link down, and the proof of it is the bridge in the kernel.
"""

from typing import ClassVar

from core.changes.outcome import Done
from core.changes.side_ways import password_of
from core.changes.step import Bench, Step
from core.changes.steps.barrier import read_back
from core.changes.steps.stored import before_name
from core.hosts.helper.orders import ReadBarrier
from core.hosts.protocol import (
    Applied,
    AttachDevice,
    DetachDevice,
    MoveCard,
    Order,
    SetConsolePassword,
    SetMedium,
)
from core.text import RingfenceError

QUARANTINE_NETWORK = "ringfence-quarantine"


async def applied(bench: Bench, order: Order) -> Applied:
    """Give an order; what it reads back must be what it was to do."""
    result = await bench.order(order)
    if not isinstance(result, Applied):
        raise RingfenceError("answer-of-another-kind", order="side-way")
    if result.live is not True:
        raise RingfenceError("side-way-read-back", value=result.value)
    return result


class CloseConsole(Step, frozen=True, tag="close-console"):
    """Revoke a console's password. One that was started without a password cannot get one."""

    kind: str
    reopen: bool = True  # False: an earlier cut closed it

    def orders_in(self, phase: str) -> int:
        return 0 if phase == "undo" and not self.reopen else 2

    async def apply(self, bench: Bench) -> Done:
        live = (await bench.read_xml(self.uuid, secure=True)).live
        if not live:
            return Done((bench.proof("changes.proof.no-process"),), already=True)
        if password_of(live, self.kind) is None:
            return Done((bench.proof("changes.proof.console-without-password"),), already=True)
        await applied(bench, SetConsolePassword(0, self.uuid, self.kind, ""))
        return Done((bench.proof("changes.proof.console-closed", kind=self.kind),))

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        if not self.reopen:
            return Done((bench.proof("changes.proof.console-was-closed"),))
        return await open_console(bench, self.uuid, self.kind, "")


async def open_console(bench: Bench, uuid: str, kind: str, source_plan: str) -> Done:
    """Give a running console its configured password back."""
    saved = await bench.vault.fetch(before_name(uuid), source_plan)
    found = None if saved is None else password_of(saved.stored, kind)
    live = (await bench.read_xml(uuid, secure=True)).live
    if found is None or not live:
        return Done((bench.proof("changes.proof.console-without-password"),))
    await applied(bench, SetConsolePassword(0, uuid, kind, *found))
    return Done((bench.proof("changes.proof.console-open", kind=kind),))


class OpenConsole(Step, frozen=True, tag="open-console"):
    """Give a console the password of its configuration back."""

    apply_orders: ClassVar[int] = 2

    kind: str
    source_plan: str

    async def apply(self, bench: Bench) -> Done:
        return await open_console(bench, self.uuid, self.kind, self.source_plan)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        """One without a password was not opened, and QEMU refuses to set one."""
        saved = await bench.vault.fetch(before_name(self.uuid), self.source_plan)
        if saved is None or password_of(saved.stored, self.kind) is None:
            return Done((bench.proof("changes.proof.console-without-password"),))
        await applied(bench, SetConsolePassword(0, self.uuid, self.kind, ""))
        return Done((bench.proof("changes.proof.console-closed", kind=self.kind),))


class Plugged(Step, frozen=True, kw_only=True):
    """One channel or redirection."""

    kind: str
    alias: str
    name: str
    xml: str

    async def _out(self, bench: Bench) -> Done:
        await applied(bench, DetachDevice(0, self.uuid, self.kind, self.alias))
        return Done((bench.proof("changes.proof.unplugged", name=self.name),))

    async def _in(self, bench: Bench) -> Done:
        await applied(bench, AttachDevice(0, self.uuid, self.xml))
        return Done((bench.proof("changes.proof.plugged", name=self.name),))


class Unplug(Plugged, frozen=True, tag="unplug"):
    """Take it out; the guest is not asked."""

    order_first: ClassVar[bool] = True

    async def apply(self, bench: Bench) -> Done:
        return await self._out(bench)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return await self._in(bench)


class PlugIn(Plugged, frozen=True, tag="plug-in"):
    """Put it in again, where it was."""

    order_first: ClassVar[bool] = True

    async def apply(self, bench: Bench) -> Done:
        return await self._in(bench)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return await self._out(bench)


class Drive(Step, frozen=True, kw_only=True):
    """A CD or floppy drive and what belongs into it."""

    target: str
    kind: str
    source: str

    async def _filled(self, bench: Bench, filled: bool) -> Done:
        source = self.source if filled else ""
        await applied(bench, SetMedium(0, self.uuid, self.target, self.kind, source))
        word = "filled" if filled else "empty"
        return Done((bench.proof(f"changes.proof.drive-{word}", target=self.target),))


class Eject(Drive, frozen=True, tag="eject"):
    order_first: ClassVar[bool] = True

    async def apply(self, bench: Bench) -> Done:
        return await self._filled(bench, filled=False)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return await self._filled(bench, filled=True)


class Insert(Drive, frozen=True, tag="insert"):
    order_first: ClassVar[bool] = True

    async def apply(self, bench: Bench) -> Done:
        return await self._filled(bench, filled=True)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return await self._filled(bench, filled=False)


class Place(Step, frozen=True, kw_only=True):
    """One running card between its own network and the isolated one."""

    mac: str
    kind: str
    source: str
    portgroup: str
    port_isolated: bool = False

    async def _isolated(self, bench: Bench) -> Done:
        """The XML may name a network the tap is not on: the kernel is asked."""
        order = MoveCard(0, self.uuid, self.mac, "network", QUARANTINE_NETWORK, isolated=True)
        bridge = (await applied(bench, order)).value
        seen = await read_back(bench, ReadBarrier(0, self.uuid))
        masters = [card.master for card in seen.cards if card.mac == self.mac]
        if not bridge or masters != [bridge]:
            raise RingfenceError("side-way-read-back", value=", ".join(masters) or "-")
        return Done((bench.proof("changes.proof.isolated", mac=self.mac, bridge=bridge),))

    async def _returned(self, bench: Bench) -> Done:
        where = (self.kind, self.source, self.portgroup, self.port_isolated)
        order = MoveCard(0, self.uuid, self.mac, *where)
        await applied(bench, order)
        return Done((bench.proof("changes.proof.returned", mac=self.mac, source=self.source),))


class IsolateCard(Place, frozen=True, tag="isolate-card"):
    """Plug a cut card into the network that leads nowhere."""

    order_first: ClassVar[bool] = True
    apply_orders: ClassVar[int] = 2

    async def apply(self, bench: Bench) -> Done:
        return await self._isolated(bench)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return await self._returned(bench)


class ReturnCard(Place, frozen=True, tag="return-card"):
    """Plug it into its own network again, its link still down."""

    order_first: ClassVar[bool] = True
    undo_orders: ClassVar[int] = 2

    async def apply(self, bench: Bench) -> Done:
        return await self._returned(bench)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return await self._isolated(bench)
