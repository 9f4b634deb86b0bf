"""Which cards a machine has: read from its QEMU process and the kernel, never told.

Interface numbers are not given twice, so what is bound to one never meets another machine that
got the same name.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from core.hosts.helper.on_host.processes import guest_name_of, pids_of, runs_machine
from core.hosts.helper.on_host.values import DEVICE, MAC, Refused

MAX_STATUS_BYTES = 16 * 1024 * 1024
STATUS_PLACES = ("/run/libvirt/qemu", "/var/run/libvirt/qemu")
NET = Path("/sys/class/net")


class Card(NamedTuple):
    """One network card of a running machine, as the kernel has it now."""

    device: str
    number: int  # its interface number, never given twice
    mac: str  # "" when libvirt's status does not tell
    kind: str  # tap, macvtap
    lower: str  # of a macvtap: the device below it


class Machine(NamedTuple):
    pid: int  # 0: it does not run
    cards: tuple[Card, ...]


def machine_of(uuid: str) -> Machine:
    """Read the machine's cards from its process; from libvirt's status only their addresses."""
    pids = pids_of(uuid, has_card)
    if not pids:
        return Machine(0, ())
    known = status_macs(uuid, pids[0])
    found: dict[int, Card] = {}
    try:
        devices = [each for pid in pids for each in devices_of(pid)]
    except OSError as error:  # it ends at this very moment
        raise Refused("helper-machine-moved") from error
    for index, device, kind in devices:
        lower = next((link.name[6:] for link in (NET / device).glob("lower_*")), "")
        found[index] = Card(device, index, known.get(device, ""), kind, lower)
    if not all(runs_machine(pid, uuid) for pid in pids):
        raise Refused("helper-machine-moved")
    return Machine(pids[0], tuple(found[index] for index in sorted(found)))


def pid_of(uuid: str) -> int:
    return next(iter(pids_of(uuid, has_card)), 0)


def has_card(pid: int) -> bool:
    try:
        return next(devices_of(pid), None) is not None
    except OSError:
        return False


def devices_of(pid: int) -> Iterator[tuple[int, str, str]]:
    """Name each tap and macvtap the process holds open: number, name, kind."""
    seen: set[tuple[int, str, str]] = set()
    for handle in Path("/proc", str(pid), "fd").iterdir():
        try:
            target = str(handle.readlink())
            if target.endswith("/net/tun"):
                text = Path("/proc", str(pid), "fdinfo", handle.name).read_text()
                name = next(
                    (line[4:].strip() for line in text.splitlines() if line[:4] == "iff:"), ""
                )
                found = (index_of(name), name, "tap")
            elif re.fullmatch(r"/dev/tap\d+", target) and stat.S_ISCHR(handle.stat().st_mode):
                index = int(target[8:])
                found = (index, name_of(index), "macvtap")
            else:
                continue
        except OSError:
            continue
        if found[0] and DEVICE.fullmatch(found[1]) and found not in seen:
            seen.add(found)
            yield found


def index_of(device: str) -> int:
    if not DEVICE.fullmatch(device):
        return 0
    text = (NET / device / "ifindex").read_text().strip()
    return int(text) if text.isdigit() else 0


def name_of(index: int) -> str:
    return next((place.name for place in NET.iterdir() if index_of(place.name) == index), "")


def status_macs(uuid: str, pid: int = 0) -> dict[str, str]:
    """Which address libvirt gave to which device of this machine."""
    for file in status_files(pid):
        try:
            if file.stat().st_size > MAX_STATUS_BYTES:
                continue
            body = file.read_bytes()
            domain = ElementTree.fromstring(body).find("domain") if uuid.encode() in body else None
        except (OSError, ElementTree.ParseError):
            continue
        if domain is not None and domain.findtext("uuid") == uuid:
            return dict(pairs_of(domain))
    return {}


def status_files(pid: int) -> Iterator[Path]:
    """First the one that has the name the process was given, then all."""
    name = guest_name_of(pid)
    places = [Path(place) for place in STATUS_PLACES]
    if name and "/" not in name:
        yield from (place / f"{name}.xml" for place in places)
    for place in places:
        yield from sorted(place.glob("*.xml"))


def pairs_of(domain: ElementTree.Element) -> Iterator[tuple[str, str]]:
    for card in domain.iterfind("devices/interface"):
        target, mac = card.find("target"), card.find("mac")
        address = "" if mac is None else mac.get("address", "").lower()
        if target is not None and MAC.fullmatch(address):
            yield target.get("dev", ""), address


def host_macs(cards: tuple[Card, ...]) -> set[str]:
    """Addresses of the host's own devices: a machine that bears one must not take it along."""
    own = {card.device for card in cards}
    found: set[str] = set()
    for place in NET.iterdir():
        try:
            if place.name not in own:
                found.add((place / "address").read_text().strip())
        except OSError:
            continue
    return found


def master_of(device: str) -> str:
    try:
        return (NET / device / "master").readlink().name
    except OSError:
        return ""


def carrier_of(device: str) -> bool:
    try:
        return (NET / device / "carrier").read_text().strip() == "1"
    except OSError:
        return False
