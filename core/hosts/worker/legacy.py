"""Drivers that speak to somebody else's management server: ESX, vCenter, Hyper-V.

They have no events, few lists and no second XML: machines are listed again every few seconds,
and whatever they cannot tell is Unknown(NOT_SUPPORTED). Storage pools are not asked for at all:
libvirt's ESX driver has crashed on them, and with it would go the whole worker.
"""

import msgspec

from core.facts import Host, Machine, MachineRow, Reason, Unknown
from core.hosts.worker.link import Link
from core.hosts.worker.reading import answered, snapshots_by_name
from core.hosts.worker.source import LibvirtSource, Snapshots
from core.hosts.worker.xml.machine import Reading

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
        """Nothing here was read from a running process, and no label exists to be read."""
        return msgspec.structs.replace(
            machine,
            labels=_NOT_SUPPORTED,
            stored_labels=_NOT_SUPPORTED,
            taints=_NOT_SUPPORTED,
            differences=_NOT_SUPPORTED,
            started_at=_NOT_SUPPORTED if machine.active else _NOT_RUNNING,
        )

    def finish_host(self, host: Host) -> Host:
        if host.security_drivers == ():
            return msgspec.structs.replace(host, security_drivers=_NOT_SUPPORTED)
        return host
