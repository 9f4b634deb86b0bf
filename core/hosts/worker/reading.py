"""The calls that read one machine; a call that is refused costs one fact, not the machine."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import libvirt

from core.facts import MachineRow, Reason, Snapshot, Unknown
from core.facts.machine import ACTIVE_STATES
from core.hosts.worker.failures import ends_connection, is_gone, unknown_of
from core.hosts.worker.link import Link
from core.hosts.worker.xml.document import BadXml, bounded
from core.hosts.worker.xml.labels import LabelRow
from core.hosts.worker.xml.machine import Reading
from core.hosts.worker.xml.snapshots import snapshot_of

T = TypeVar("T")
MAX_SNAPSHOTS = 256

# virDomainTaintMessage to virDomainTaint; a sentence that is not here is kept as it is.
_TAINTS = {
    "custom configuration parameters specified": "custom-argv",
    "custom monitor control commands issued": "custom-monitor",
    "running with undesirable elevated privileges": "high-privileges",
    "network configuration using opaque shell scripts": "shell-scripts",
    "potentially unsafe disk format probing": "disk-probing",
    "managed externally launched configuration": "external-launch",
    "potentially unsafe use of host CPU passthrough": "host-cpu",
    "configuration potentially modified by hook script": "hook-script",
    "use of host cdrom passthrough": "cdrom-passthrough",
    "custom device tree blob used": "custom-dtb",
    "custom guest agent control commands issued": "custom-ga-command",
    "hypervisor feature autodetection override": "custom-hypervisor-feature",
    "use of deprecated configuration settings": "deprecated-config",
    "custom device configuration": "custom-device",
}
_TAINTED = re.compile(r"\A(?:tainted|[^:]{1,40}): ?")


def read_machine(link: Link, row: MachineRow, snapshots: tuple[Snapshot, ...] | Unknown) -> Reading:
    """All answers about one machine.

    Raises:
        libvirt.libvirtError: it is gone, or the connection is.
    """
    try:
        return _read(link, row, snapshots)
    except UnicodeDecodeError:
        return Reading(row, None, None, snapshots=snapshots, error="the XML is no Unicode text")


def _read(link: Link, row: MachineRow, snapshots: tuple[Snapshot, ...] | Unknown) -> Reading:
    uuid = row.uuid
    text = link.domain(uuid).XMLDesc(0)
    if row.state not in ACTIVE_STATES:
        return Reading(row, None, text, snapshots=snapshots)
    stored: str | Unknown | None = None
    if row.persistent is not False:
        stored = answered(lambda: link.domain(uuid).XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
    return Reading(
        row,
        text,
        None if isinstance(stored, Unknown) else stored,
        label_rows=answered(lambda: _label_rows(link, uuid)),
        taints=answered(lambda: _taints(link, uuid)),
        snapshots=snapshots,
    )


def answered(call: Callable[[], T]) -> T | Unknown:
    """What the call says, or why it says nothing.

    Raises:
        libvirt.libvirtError: only when the machine or the connection is gone.
    """
    try:
        return call()
    except libvirt.libvirtError as error:
        if is_gone(error) or ends_connection(error):
            raise
        return unknown_of(error)
    except UnicodeDecodeError as error:
        return Unknown(Reason.UNREADABLE, str(error))


def _label_rows(link: Link, uuid: str) -> tuple[LabelRow, ...]:
    """Every model's label; drivers with one model know only the older, single call."""
    try:
        rows: Any = link.domain(uuid).securityLabelList()
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_SUPPORT:
            raise
        rows = [link.domain(uuid).securityLabel()]
    return tuple((bounded(row[0], 1024), bool(row[1])) for row in rows)


def _taints(link: Link, uuid: str) -> tuple[str, ...]:
    messages = link.domain(uuid).messages(libvirt.VIR_DOMAIN_MESSAGE_TAINTING)
    return tuple(_taint(bounded(message, 300)) for message in messages[:64])


def _taint(message: str) -> str:
    words = _TAINTED.sub("", message)
    return _TAINTS.get(words, words)


def snapshot_names(link: Link, uuid: str) -> tuple[str, ...] | Unknown:
    return answered(
        lambda: tuple(snapshot.getName() for snapshot in link.domain(uuid).listAllSnapshots(0))[
            :MAX_SNAPSHOTS
        ]
    )


def snapshots_by_name(link: Link, uuid: str) -> tuple[Snapshot, ...] | Unknown:
    """The older way, for drivers that list only names."""
    return answered(lambda: _named_snapshots(link, uuid))


def _named_snapshots(link: Link, uuid: str) -> tuple[Snapshot, ...]:
    names = link.domain(uuid).snapshotListNames(0)[:MAX_SNAPSHOTS]
    current = answered(lambda: link.domain(uuid).snapshotCurrent(0).getName())
    link.calls += len(names)
    texts = [link.domain(uuid).snapshotLookupByName(name, 0).getXMLDesc(0) for name in names]
    return tuple(
        _snapshot(text, None if isinstance(current, Unknown) else current) for text in texts
    )


def read_snapshots(link: Link, uuid: str) -> tuple[Snapshot, ...] | Unknown:
    """Every snapshot of a machine: two calls, and one more for each."""
    return answered(lambda: _snapshots(link, uuid))


def _snapshots(link: Link, uuid: str) -> tuple[Snapshot, ...]:
    found = link.domain(uuid).listAllSnapshots(0)[:MAX_SNAPSHOTS]
    current = answered(lambda: link.domain(uuid).snapshotCurrent(0).getName())
    name = None if isinstance(current, Unknown) else current
    texts: list[str] = []
    for snapshot in found:
        link.calls += 1
        texts.append(snapshot.getXMLDesc(0))
    return tuple(_snapshot(text, name) for text in texts)


def _snapshot(text: str, current: str | None) -> Snapshot:
    try:
        return snapshot_of(text, current)
    except BadXml as error:
        unknown = Unknown(Reason.UNREADABLE, str(error))
        return Snapshot(name="", created_at=unknown, state="", current=False)
