"""Drivers that speak to somebody else's management server: ESX, vCenter, Hyper-V.

They have no events, few lists and no second XML: machines are listed again every few seconds,
and whatever they cannot tell is Unknown(NOT_SUPPORTED). Storage pools are not asked for at all:
libvirt's ESX driver has crashed on them, and with it would go the whole worker.
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from core.facts import Disk, Firmware, Host, Machine, MachineRow, Nic, Reason, Unknown
from core.hosts.worker.link import Link
from core.hosts.worker.reading import answered, snapshots_by_name
from core.hosts.worker.source import LibvirtSource, Snapshots
from core.hosts.worker.xml.machine import Reading

T = TypeVar("T")

_NOT_SUPPORTED = Unknown(Reason.NOT_SUPPORTED)
_NOT_RUNNING = Unknown(Reason.NOT_RUNNING)


class LegacySource(LibvirtSource):
    """Legacy calls and polling; each connection is a login, so there are few."""

    follows_events = False
    asks_pools = False
    most_connections = 2

    def read(self, link: Link, row: MachineRow, snapshots: Snapshots) -> Reading:
        """One document is all there is: it serves as the stored one, live or not."""
        try:
            text = link.domain(row.uuid).XMLDesc(0)
        except UnicodeDecodeError:
            return Reading(row, None, None, snapshots=snapshots, error="the XML is no Unicode text")
        return Reading(row, None, text, snapshots=snapshots)

    def snapshots(self, link: Link, uuid: str, known: Snapshots) -> Snapshots:
        names = answered(lambda: tuple(link.domain(uuid).snapshotListNames(0)))
        if not isinstance(known, Unknown) and names == tuple(each.name for each in known):
            return known
        return snapshots_by_name(link, uuid)

    def finish(self, machine: Machine) -> Machine:
        """Nothing here was read from a running process, no label exists to be read, and what
        the driver leaves out of its document (a passed-through device, encryption, a cut link,
        a port group's rules, the server's own console) is not therefore absent."""
        return msgspec.structs.replace(
            machine,
            firmware=_firmware(machine.firmware),
            disks=_each(machine.disks, _disk),
            nics=_each(machine.nics, _nic),
            stored_nics=_each(machine.stored_nics, _nic),
            consoles=machine.consoles or _NOT_SUPPORTED,
            devices=_NOT_SUPPORTED,
            labels=_NOT_SUPPORTED,
            stored_labels=_NOT_SUPPORTED,
            taints=_NOT_SUPPORTED,
            differences=_NOT_SUPPORTED,
            started_at=_NOT_SUPPORTED if machine.active else _NOT_RUNNING,
        )

    def finish_host(self, host: Host) -> Host:
        none = host.security_drivers == ()
        return msgspec.structs.replace(
            host,
            security_drivers=_NOT_SUPPORTED if none else host.security_drivers,
            iommu=_NOT_SUPPORTED if host.iommu is False else host.iommu,
        )


def _each(facts: tuple[T, ...] | Unknown, finish: Callable[[T], T]) -> tuple[T, ...] | Unknown:
    return facts if isinstance(facts, Unknown) else tuple(map(finish, facts))


def _disk(disk: Disk) -> Disk:
    return msgspec.structs.replace(disk, encryption=_NOT_SUPPORTED, chain=_NOT_SUPPORTED)


def _nic(nic: Nic) -> Nic:
    return msgspec.structs.replace(nic, untold=_NOT_SUPPORTED)


def _firmware(firmware: Firmware | Unknown) -> Firmware | Unknown:
    if isinstance(firmware, Unknown) or firmware.kind != "efi":
        return firmware
    return msgspec.structs.replace(
        firmware, secure_boot=_NOT_SUPPORTED, enrolled_keys=_NOT_SUPPORTED
    )
