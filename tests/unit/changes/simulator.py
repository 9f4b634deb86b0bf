"""A host that keeps its machines in a file and outlives whoever gives it orders.

It behaves as libvirt was seen to: a raised link leaves `<link state='up'/>`, a removed mark
leaves `<metadata/>`, secrets come only when asked for, the stored text is kept as it was given.
"""

import os
import re
import signal
from pathlib import Path

import msgspec
from lxml import etree
from msgspec import Struct, field, structs

from core.changes.cards import Card, cards_of
from core.facts.namespaces import HOLD_NAMESPACE, HOLD_PREFIX
from core.hosts.helper.holds import AnchorsSeen, HoldsSeen, ReadAnchors, ReadHolds
from core.hosts.helper.observing import ConsolesSeen, KickConsoles, OpenConsoles, ReadConsoles
from core.hosts.helper.on_host.holds import may_lower
from core.hosts.helper.on_host.values import Refused
from core.hosts.helper.orders import (
    BarrierCard,
    BarrierSeen,
    Door,
    EndDrain,
    LowerBarrier,
    MachineOrder,
    RaiseBarrier,
    ReadBarrier,
    StartDrain,
)
from core.hosts.protocol import (
    Applied,
    AttachDevice,
    CloneVolume,
    DefineXml,
    Destroy,
    DetachDevice,
    DropClone,
    Failure,
    LinkReadBack,
    MoveCard,
    Order,
    ReadQuarantineNetwork,
    ReadState,
    ReadVolume,
    ReadXml,
    Resume,
    SetAutostart,
    SetConsolePassword,
    SetHoldMark,
    SetLinkState,
    SetMedium,
    Start,
    Suspend,
    VolumeSeen,
    XmlTexts,
)
from tests.unit.changes.host_memory import MEMORY_ORDERS, host_places, remember
from tests.unit.changes.host_side import master_of, set_side_way

Answer = (
    XmlTexts
    | LinkReadBack
    | Applied
    | VolumeSeen
    | BarrierSeen
    | ConsolesSeen
    | HoldsSeen
    | AnchorsSeen
    | Failure
)
_HOLD = f"{{{HOLD_NAMESPACE}}}hold"

UUID = "6695eb01-f6a4-8304-79aa-97f2502e1930"
MAC_1, MAC_2, MAC_HOSTDEV = "52:54:00:00:00:01", "52:54:00:00:00:02", "52:54:00:00:00:09"
TEMPLATE = "/images/template.qcow2"


class Simulated(Struct):
    """One machine's state on the host."""

    live: str
    stored: str
    autostart: bool = True
    behind: tuple[str, ...] = ()  # addresses behind a barrier
    draining: bool = False
    doors: tuple[Door, ...] = ()
    observing: bool = False
    paused: bool = False
    volumes: dict[str, str] = field(default_factory=lambda: {"template": TEMPLATE})
    starts: int = 0
    shut: bool = False  # its consoles
    isolated: bool = False  # the network for held cards is there


class SimulatedHost:
    """Carries out orders on the state file; can be told to die around its n-th effect."""

    def __init__(
        self, folder: Path, die_at: str = "", refuse_live: bool = False, gets_card: str = ""
    ) -> None:
        self._folder = folder
        self._file = folder / "machine.json"
        self._die_at = die_at
        self._refuse_live = refuse_live
        self._gets_card = gets_card
        self.effects = 0

    def put(self, machine: Simulated) -> None:
        new = self._file.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(machine))
        new.replace(self._file)

    def state(self) -> Simulated:
        return msgspec.json.decode(self._file.read_bytes(), type=Simulated)

    def obey(self, order: Order) -> Answer:
        machine = self.state()
        if isinstance(order, ReadXml):
            secure = order.secure
            texts = [text if secure else _public(text) for text in (machine.live, machine.stored)]
            return XmlTexts(order.uuid, *texts)
        if isinstance(order, ReadHolds | ReadAnchors):
            return remember(order, self._folder)
        if isinstance(order, ReadBarrier):
            return _barrier(machine)
        if isinstance(order, ReadConsoles):
            return _consoles(machine)
        if isinstance(order, ReadState):
            return _state(machine)
        if isinstance(order, ReadQuarantineNetwork):
            return Applied("ours" if machine.isolated else "absent")
        if isinstance(order, ReadVolume):
            return VolumeSeen(machine.volumes.get(order.volume, ""), "qcow2")
        self.effects += 1
        self._die(f"before:{self.effects}")
        answer = self._change(order, machine)
        self.put(machine)
        self._die(f"after:{self.effects}")
        return answer

    def _change(self, order: Order, machine: Simulated) -> Answer:
        if isinstance(order, MEMORY_ORDERS):
            return remember(order, self._folder)
        if isinstance(order, LowerBarrier) and (refused := self._still_held(order)):
            return refused
        match order:
            case SetLinkState():
                return self._set_link(order, machine)
            case SetAutostart():
                machine.autostart = order.on
                return Applied("on" if order.on else "off")
            case DefineXml():
                machine.stored = order.xml
                return Applied("defined")
            case Suspend() | Resume():
                machine.paused = bool(machine.live) and isinstance(order, Suspend)
                return _state(machine)
            case Destroy():
                machine.live, machine.paused = "", False
                return _state(machine)
            case Start():
                machine.starts += 1
                machine.live = _started(machine.stored, 7 + machine.starts)
                return _state(machine)
            case SetConsolePassword() | DetachDevice() | AttachDevice() | SetMedium() | MoveCard():
                return set_side_way(order, machine)
            case CloneVolume() | DropClone():
                return _set_clone(order, machine)
            case KickConsoles() | OpenConsoles():
                machine.shut = isinstance(order, KickConsoles)
                return _consoles(machine)
            case MachineOrder():
                return _set_barrier(order, machine)
            case SetHoldMark():
                return _set_mark(order, machine)
            case _:
                return Failure("no-support")

    def _set_link(self, order: SetLinkState, machine: Simulated) -> Answer:
        if order.live and self._refuse_live:
            return Failure("no-support", detail="virDomainUpdateDeviceFlags")
        if self._gets_card:
            machine.live = _with_card(machine.live, self._gets_card)
            self._gets_card = ""
        if order.live:
            machine.live = _with_link(machine.live, order.mac, order.up)
        if order.stored:
            machine.stored = _with_link(machine.stored, order.mac, order.up)
        return LinkReadBack(
            order.mac, _link(machine.live, order.mac), _link(machine.stored, order.mac)
        )

    def _still_held(self, order: LowerBarrier) -> Failure | None:
        try:
            may_lower(order.uuid, host_places(self._folder))
        except Refused as refused:
            return Failure(refused.code, {"host": "hv1"}, refused.detail)
        return None

    def _die(self, moment: str) -> None:
        if moment == self._die_at:
            os.kill(os.getpid(), signal.SIGKILL)


def machine_xml(running: bool, hostdev: bool = False) -> str:
    """A machine with two cards, a console password and a comment of libvirt's style."""
    identity = " id='7'" if running else ""
    host_card = f"""
    <interface type='hostdev'>
      <mac address='{MAC_HOSTDEV}'/>
    </interface>"""
    return f"""<domain type='kvm'{identity}>
  <name>web</name>
  <uuid>{UUID}</uuid>
  <memory unit='KiB'>1048576</memory>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/images/web.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <interface type='network'>
      <mac address='{MAC_1}'/>
      <source network='dmz'/>
      <model type='virtio'/>
    </interface>
    <interface type='bridge'>
      <mac address='{MAC_2}'/>
      <source bridge='br0'/>
      <model type='virtio'/>
    </interface>{host_card if hostdev else ""}
    <graphics type='vnc' port='-1' passwd='s3cret'>
      <listen type='address' address='127.0.0.1'/>
    </graphics>
  </devices>
</domain>
"""


def _public(text: str) -> str:
    return re.sub(" passwd=.s3cret.", "", text)


def _set_barrier(order: MachineOrder, machine: Simulated) -> BarrierSeen:
    match order:
        case RaiseBarrier():
            machine.behind, machine.doors = order.macs, order.doors
            machine.observing = order.observe
        case LowerBarrier():
            machine.behind, machine.doors, machine.observing = (), (), False
        case StartDrain() | EndDrain():
            machine.draining = isinstance(order, StartDrain)
        case _:
            pass
    return _barrier(machine)


def _started(stored: str, run: int) -> str:
    root = etree.fromstring(stored)
    root.set("id", str(run))
    return etree.tostring(root, encoding="unicode")


def _set_clone(order: CloneVolume | DropClone, machine: Simulated) -> Applied | VolumeSeen:
    name = f"ringfence-rebuild-{order.plan}"
    if isinstance(order, DropClone):
        machine.volumes.pop(name, None)
        return Applied("gone")
    machine.volumes[name] = f"/images/{name}.qcow2"
    return VolumeSeen(machine.volumes[name], "qcow2")


def _consoles(machine: Simulated) -> ConsolesSeen:
    ports = (5900,) if machine.live else ()
    return ConsolesSeen(bool(machine.live), ports, ports if machine.shut else (), (), 0, ())


def _state(machine: Simulated) -> Applied:
    if not machine.live:
        return Applied("off", live=False)
    return Applied("paused" if machine.paused else "running", live=True)


def _master(machine: Simulated, card: Card) -> str:
    return master_of(machine.live, card.mac)


def _barrier(machine: Simulated) -> BarrierSeen:
    up = bool(machine.behind) and not machine.observing
    cards = tuple(
        BarrierCard(
            f"vnet{place}", 7 + place, card.mac, "tap", up, up, up, _master(machine, card), True
        )
        for place, card in enumerate(cards_of(machine.live))
        if card.kind != "hostdev"
    )
    live = bool(machine.live)
    seen = BarrierSeen(live, up, up, machine.behind, cards, 0, 0, machine.draining)
    return structs.replace(seen, doors=machine.doors, observing=machine.observing)


def _link(text: str, mac: str) -> bool | None:
    return next((card.link_up for card in cards_of(text) if card.mac == mac), None)


def _with_link(text: str, mac: str, up: bool) -> str:
    if not text:
        return text
    root = etree.fromstring(text)
    for card in root.iterfind("devices/interface"):
        address = card.find("mac")
        if address is not None and address.get("address") == mac:
            link = card.find("link")
            if link is None:
                link = etree.SubElement(card, "link")
            link.set("state", "up" if up else "down")
    return etree.tostring(root, encoding="unicode")


def _with_card(text: str, mac: str) -> str:
    card = f"<interface type='network'><mac address='{mac}'/></interface></devices>"
    return text.replace("</devices>", card)


def _set_mark(order: SetHoldMark, machine: Simulated) -> Applied:
    if order.live:
        machine.live = _with_mark(machine.live, order)
    if order.stored:
        machine.stored = _with_mark(machine.stored, order)
    return Applied("marked")


def _with_mark(text: str, order: SetHoldMark) -> str:
    if not text:
        return text
    root = etree.fromstring(text)
    metadata = root.find("metadata")
    if metadata is None:
        metadata = etree.SubElement(root, "metadata")
    for old in metadata.findall(_HOLD):
        metadata.remove(old)
    if order.case:
        names = {HOLD_PREFIX: HOLD_NAMESPACE}
        mark = etree.SubElement(metadata, _HOLD, nsmap=names)
        mark.set("case", order.case)
        mark.set("mode", order.mode)
    return etree.tostring(root, encoding="unicode")
