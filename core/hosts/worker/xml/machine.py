"""One machine's XML texts and answers to one `Machine`.

What cannot be parsed costs only itself: a broken document gives a partial machine that says why,
a broken section an Unknown.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from msgspec import Struct

from core.facts import (
    Difference,
    Machine,
    MachineClaim,
    MachineRow,
    Nic,
    Reason,
    SecurityLabel,
    Snapshot,
    Unknown,
)
from core.hosts.worker.xml.consoles import consoles_of
from core.hosts.worker.xml.devices import devices_of
from core.hosts.worker.xml.differences import differences_of
from core.hosts.worker.xml.disks import disk_of
from core.hosts.worker.xml.document import (
    MAX_DESCRIPTION,
    BadXml,
    Element,
    at,
    attribute,
    bounded,
    content,
    nodes,
    parse,
)
from core.hosts.worker.xml.features import features_of, section_devices
from core.hosts.worker.xml.firmware import firmware_of
from core.hosts.worker.xml.labels import LabelRow, labels_of, live_labels
from core.hosts.worker.xml.metadata import claim_of, custom_arguments_of, namespaces_of
from core.hosts.worker.xml.nics import nic_of
from core.hosts.worker.xml.tuning import tuning_of

T = TypeVar("T")

_NOT_RUNNING = Unknown(Reason.NOT_RUNNING)


class Reading(Struct, frozen=True):
    """All that was asked about one machine. `live` is None when it does not run; `stored` is
    None when it need not or cannot differ, or is transient."""

    row: MachineRow
    live: str | None
    stored: str | None
    label_rows: tuple[LabelRow, ...] | Unknown = _NOT_RUNNING
    taints: tuple[str, ...] | Unknown = _NOT_RUNNING
    snapshots: tuple[Snapshot, ...] | Unknown = Unknown(Reason.NOT_READ)
    error: str = ""  # the XML could not even be fetched as text


def machine_of(
    reading: Reading, models: tuple[str, ...] | Unknown, observed_at: datetime
) -> Machine:
    """Parse everything that can be parsed."""
    text = reading.live if reading.live is not None else reading.stored
    if text is None:
        return _partial(reading, observed_at, reading.error or "no XML")
    try:
        domain = parse(text)
    except BadXml as error:
        return _partial(reading, observed_at, str(error), len(text))
    if domain.tag != "domain":
        return _partial(reading, observed_at, "not a domain document", len(text))
    return _whole(reading, domain, len(text), models, observed_at)


def _whole(
    reading: Reading,
    domain: Element,
    xml_bytes: int,
    models: tuple[str, ...] | Unknown,
    observed_at: datetime,
) -> Machine:
    row = reading.row
    devices = domain.find("devices")
    stored, stored_error = _stored_document(reading, domain)
    nics = _nics(devices)
    return Machine(
        uuid=row.uuid,
        name=row.name,
        state=row.state,
        observed_at=observed_at,
        id=row.id,
        persistent=row.persistent,
        autostart=row.autostart,
        managed_save=row.managed_save,
        title=content(domain, "title", MAX_DESCRIPTION),
        description=content(domain, "description", MAX_DESCRIPTION),
        driver=attribute(domain, "type"),
        machine_type=at(domain, "os/type", "machine"),
        arch=at(domain, "os/type", "arch"),
        emulator=content(devices, "emulator"),
        os_type=content(domain, "os/type"),
        firmware=_section(lambda: firmware_of(domain)),
        tuning=_section(lambda: tuning_of(domain)),
        disks=_section(lambda: tuple(disk_of(e) for e in nodes(devices, "disk"))),
        nics=nics,
        consoles=_section(lambda: consoles_of(devices)),
        devices=_section(lambda: (*devices_of(devices), *section_devices(domain))),
        labels=_labels(reading, domain, models),
        stored_labels=_stored_labels(reading, stored),
        launch_security=at(domain, "launchSecurity", "type"),
        taints=reading.taints,
        snapshots=reading.snapshots,
        claim=claim_of(domain),
        differences=_differences(reading, domain, stored),
        stored_nics=nics if stored is domain else _stored_nics(reading, stored),
        started_at=Unknown(
            Reason.NOT_RUNNING if reading.live is None else Reason.NOT_KNOWN_TO_LIBVIRT
        ),
        custom_arguments=custom_arguments_of(domain),
        features=features_of(domain),
        metadata_namespaces=namespaces_of(domain),
        xml_bytes=xml_bytes,
        partial=bool(stored_error),
        parse_error=stored_error,
    )


def _section(read: Callable[[], T]) -> T | Unknown:
    """One section's facts; a section that makes no sense is Unknown."""
    try:
        return read()
    except (ValueError, OverflowError) as error:
        return Unknown(Reason.UNREADABLE, bounded(str(error), 200))


def _stored_document(reading: Reading, domain: Element) -> tuple[Element | None, str]:
    if reading.live is None:
        return domain, ""
    if reading.stored is None:
        return None, ""
    try:
        return parse(reading.stored), ""
    except BadXml as error:
        return None, f"stored: {error}"


def _labels(
    reading: Reading, domain: Element, models: tuple[str, ...] | Unknown
) -> tuple[SecurityLabel, ...] | Unknown:
    if reading.live is None:
        return ()
    return live_labels(labels_of(domain, live=True), reading.label_rows, models)


def _missing(reading: Reading) -> Unknown | None:
    """Why there is no stored document; None: the machine is transient and has none."""
    if reading.row.persistent is False:
        return None
    return Unknown(Reason.NOT_READ if not reading.error else Reason.UNREADABLE, reading.error)


def _stored_labels(reading: Reading, stored: Element | None) -> tuple[SecurityLabel, ...] | Unknown:
    if stored is None:
        return _missing(reading) or ()
    return labels_of(stored, live=False)


def _stored_nics(reading: Reading, stored: Element | None) -> tuple[Nic, ...] | Unknown:
    if stored is None:
        return _missing(reading) or ()
    return _nics(stored.find("devices"))


def _nics(devices: Element | None) -> tuple[Nic, ...] | Unknown:
    return _section(lambda: tuple(nic_of(element) for element in nodes(devices, "interface")))


def _differences(
    reading: Reading, domain: Element, stored: Element | None
) -> tuple[Difference, ...] | Unknown:
    if reading.live is None:
        return ()
    if stored is None:
        return _missing(reading) or ()
    return _section(lambda: differences_of(domain, stored))


def _partial(reading: Reading, observed_at: datetime, error: str, xml_bytes: int = 0) -> Machine:
    """What the row says; everything the XML would have told is Unknown."""
    row, unreadable = reading.row, Unknown(Reason.UNREADABLE, bounded(error, 300))
    return Machine(
        uuid=row.uuid,
        name=row.name,
        state=row.state,
        observed_at=observed_at,
        id=row.id,
        persistent=row.persistent,
        autostart=row.autostart,
        managed_save=row.managed_save,
        title="",
        description="",
        driver="",
        machine_type="",
        arch="",
        emulator="",
        os_type="",
        firmware=unreadable,
        tuning=unreadable,
        disks=unreadable,
        nics=unreadable,
        consoles=unreadable,
        devices=unreadable,
        labels=unreadable,
        stored_labels=unreadable,
        launch_security="",
        taints=reading.taints,
        snapshots=reading.snapshots,
        claim=MachineClaim(),
        differences=unreadable,
        stored_nics=unreadable,
        xml_bytes=xml_bytes,
        partial=True,
        parse_error=bounded(error, 300),
    )
