"""One pass over the fleet that all fleet checks share: who uses which disk, device, address.

Keys say where a thing lives. A path is the host's own; a network source is the same thing from
every host. Two names of one file (links, mounts) cannot be told apart from XML alone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from core.facts import Device, Disk, Host, Machine, Nic, NicKind, Unknown, mac_label
from core.posture.model import Outcome
from core.posture.subject import FleetSubject, MachineSubject
from core.zones.model import Membership

_Thing = TypeVar("_Thing")


class FleetCase(NamedTuple):
    """One answer of a fleet check and the machines it is about."""

    outcome: Outcome
    machines: tuple[MachineSubject, ...] = ()


FleetAnswer = tuple[FleetCase, ...]


class DiskUse(NamedTuple):
    subject: MachineSubject
    disk: Disk


class NicUse(NamedTuple):
    subject: MachineSubject
    nic: Nic


class FleetIndex:
    """Lazy indexes over one fleet subject; each is built at most once, in one pass."""

    def __init__(self, subject: FleetSubject) -> None:
        self.subject = subject
        # Hosts tell their machines in any order; what is said of them must not depend on it.
        self.machines = tuple(sorted(subject.machines, key=lambda each: each.target))
        self.disks: dict[str, list[DiskUse]] = defaultdict(list)
        self.backing: dict[str, list[MachineSubject]] = defaultdict(list)
        self.segments: dict[str, list[NicUse]] = defaultdict(list)
        self.addresses: dict[str, list[NicUse]] = defaultdict(list)
        self.uuids: dict[str, list[MachineSubject]] = defaultdict(list)
        self.devices: dict[str, list[MachineSubject]] = defaultdict(list)
        self.folders: dict[str, list[MachineSubject]] = defaultdict(list)
        self.labelled: dict[str, list[MachineSubject]] = defaultdict(list)
        self.unread: list[tuple[MachineSubject, str, Unknown]] = []
        self._bridges = {host.name: _bridges(host) for host in subject.hosts}
        for each in self.machines:
            self._take(each)

    def unread_of(self, *places: str) -> tuple[MachineSubject, str, Unknown] | None:
        """A machine whose facts of these kinds could not be read, if there is one."""
        return next((each for each in self.unread if each[1] in places), None)

    def _take(self, subject: MachineSubject) -> None:
        machine = subject.machine
        self.uuids[machine.uuid].append(subject)
        self._note(subject, "disks", machine.disks, self._take_disk)
        self._note(subject, "nics", machine.nics, self._take_nic)
        self._note(subject, "devices", machine.devices, self._take_device)
        if machine.active and isinstance(machine.labels, Unknown):
            self.unread.append((subject, "labels", machine.labels))
        elif has_selinux_label(machine):
            self.labelled[subject.on].append(subject)

    def _note(
        self,
        subject: MachineSubject,
        place: str,
        facts: tuple[_Thing, ...] | Unknown,
        take: Callable[[MachineSubject, _Thing], None],
    ) -> None:
        if isinstance(facts, Unknown):
            self.unread.append((subject, place, facts))
            return
        for each in facts:
            take(subject, each)

    def _take_disk(self, subject: MachineSubject, disk: Disk) -> None:
        if disk.source:
            self.disks[source_key(subject.on, disk)].append(DiskUse(subject, disk))
        if isinstance(disk.chain, Unknown):
            if subject.machine.active:  # of one that is off, libvirt never tells the chain
                self.unread.append((subject, "disks", disk.chain))
            return
        for layer in disk.chain:
            self.backing[f"{subject.on}:{layer}"].append(subject)

    def _take_nic(self, subject: MachineSubject, nic: Nic) -> None:
        if nic.mac:
            self.addresses[nic.mac.lower()].append(NicUse(subject, nic))
        key = segment_key(subject.on, nic, self._bridge(subject, nic))
        if key:
            self.segments[key].append(NicUse(subject, nic))

    def _bridge(self, subject: MachineSubject, nic: Nic) -> str:
        """A stopped machine's card names only its network; a running one the bridge as well."""
        if nic.kind is NicKind.BRIDGE:
            return nic.source
        return self._bridges.get(subject.on, {}).get(nic.source) or nic.bridge or nic.source

    def _take_device(self, subject: MachineSubject, device: Device) -> None:
        if device.kind == "hostdev" and device.source:
            self.devices[f"{subject.on} {device.type} {device.source}"].append(subject)
        elif device.kind == "filesystem" and device.source:
            self.folders[f"{subject.on} {device.source}"].append(subject)
        elif device.kind == "shmem":
            name = device.source or device.target or device["name"]
            self.folders[f"{subject.on} /dev/shm/{name}"].append(subject)


def source_key(host: str, disk: Disk) -> str:
    """Where the disk's bytes are: a network source has no host, everything else has."""
    if disk.source_kind == "network":
        return f"net:{','.join(sorted(disk.hosts))}:{disk.source}"
    return f"{host}:{disk.source}"


def segment_key(host: str, nic: Nic, bridge: str) -> str:
    """The layer-2 segment on its host; "" when the card joins none that we can name."""
    vlan = ",".join(str(tag) for tag in nic.vlans)
    if nic.kind is NicKind.NETWORK or nic.kind is NicKind.BRIDGE:
        return f"{host} {bridge} {vlan}".strip() if bridge else ""
    if nic.kind is NicKind.DIRECT and nic.mode not in {"private", "passthrough"}:
        return f"{host} {nic.source} {vlan}".strip() if nic.source else ""
    return ""


def _bridges(host: Host) -> dict[str, str]:
    networks = () if isinstance(host.networks, Unknown) else host.networks
    return {each.name: each.bridge for each in networks if each.bridge}


def has_selinux_label(machine: Machine) -> bool:
    if isinstance(machine.labels, Unknown) or not machine.active:
        return False
    label = mac_label(machine.labels)
    return label is not None and label.model == "selinux" and bool(label.text)


def several(subjects: Iterable[MachineSubject]) -> tuple[MachineSubject, ...]:
    """The different machines among the uses, empty when there are fewer than two."""
    found = {(each.on, each.machine.uuid): each for each in subjects}
    return tuple(found.values()) if len(found) > 1 else ()


def untold_of(uses: Iterable[NicUse]) -> Unknown | None:
    """Why nobody can say what keeps these cards apart, where a driver does not tell."""
    return next((use.nic.untold for use in uses if use.nic.untold is not None), None)


def tenants_of(subjects: Iterable[MachineSubject]) -> frozenset[str]:
    return frozenset(each.tenant.value for each in subjects if each.tenant.value)


def zones_of(uses: Iterable[NicUse]) -> frozenset[str]:
    """The zones of these cards: a router's other card does not bring its zone along."""
    return frozenset(
        place.zone.name
        for use in uses
        if not isinstance(use.subject.zones, Unknown)
        for place in use.subject.zones
        if not place.zone.proposed and _by_this_card(place, use.nic)
    )


def _by_this_card(place: Membership, nic: Nic) -> bool:
    """Whether the card, or the machine's name, is what puts it there ("MAC kind name")."""
    return any(reason.startswith(("name ", f"{nic.mac} ")) for reason in place.by)
