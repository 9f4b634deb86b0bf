"""Recorded facts: what the demo fleet says where the test driver cannot.

A recorded-facts file is one JSON document of `RecordedFacts`, named in `Open.demo_facts`. Only
the demo adapter reads it, and everything it touches is marked `demo=True`. An unknown key, a
wrong type or a machine that is not there is an error of the file, never silently ignored.

    {"version": 1,
     "host": {
       "hostname": "hv-berlin-1.example", "driver": "QEMU", "transport": "tls",
       "libvirt_version": "9.0.0", "hypervisor_version": "7.2.22",
       "security_drivers": [{"model": "selinux"}, {"model": "dac"}],
       "iommu": true, "encrypted_transport": true, "verified_peer": true,
       "identity": {"type": "identity", "user": "CN=anna", "how": "client certificate"},
       "os": {"type": "os", "kernel": "6.1.0-28", ... every field of HostOs ...},
       "filters": [{"name": "clean-traffic", "uuid": "...", "references": ["no-mac-spoofing"]}]},
     "machines": {
       "5b9c...uuid": {
         "driver": "kvm",
         "labels": [{"model": "selinux", "text": "system_u:system_r:svirt_t:s0:c120,c207",
                     "live": true, "enforcing": true, "kind": "dynamic", "relabel": true}],
         "taints": ["custom-argv"],
         "snapshots": [{"name": "before", "created_at": "2026-11-01T10:00:00Z",
                        "state": "off", "current": true}]}}}

- A key that is left out keeps what the test driver said (or its Unknown).
- A value that may be unknown is written {"type": "unknown", "reason": "no-ssh"}; values that
  are objects carry their tag as "type": "os", "identity", "firmware", "tuning", "ksm", "sshd".
- The pieces of a label's text (type, level, categories) are filled in from the text.
- `labels` with `live: true` are shown only while the machine runs; `stored_labels` always.
- Cards, disks, consoles, devices, firmware and tuning belong into the node file's domain XML:
  the test driver keeps them. The overrides here are for what it loses.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from core.facts import (
    Console,
    Device,
    Difference,
    Disk,
    Filter,
    Firmware,
    Host,
    HostOs,
    Identity,
    Machine,
    Network,
    Pool,
    SecurityDriver,
    SecurityLabel,
    Snapshot,
    Transport,
    Tuning,
    Unknown,
)
from core.hosts.worker.xml.labels import with_parts

MAX_RECORDED_BYTES = 8 * 1024 * 1024


class HostOverride(Struct, frozen=True, forbid_unknown_fields=True):
    """Fields of `Host` to put in place of the test driver's."""

    transport: Transport | UnsetType = UNSET
    hostname: str | UnsetType = UNSET
    driver: str | UnsetType = UNSET
    read_only: bool | UnsetType = UNSET
    libvirt_version: str | Unknown | UnsetType = UNSET
    hypervisor_version: str | Unknown | UnsetType = UNSET
    security_drivers: tuple[SecurityDriver, ...] | Unknown | UnsetType = UNSET
    cpu_model: str | Unknown | UnsetType = UNSET
    cpus: int | Unknown | UnsetType = UNSET
    memory_bytes: int | Unknown | UnsetType = UNSET
    iommu: bool | Unknown | UnsetType = UNSET
    encrypted_transport: bool | Unknown | UnsetType = UNSET
    verified_peer: bool | Unknown | UnsetType = UNSET
    identity: Identity | Unknown | UnsetType = UNSET
    os: HostOs | Unknown | UnsetType = UNSET
    networks: tuple[Network, ...] | Unknown | UnsetType = UNSET
    filters: tuple[Filter, ...] | Unknown | UnsetType = UNSET
    pools: tuple[Pool, ...] | Unknown | UnsetType = UNSET


class MachineOverride(Struct, frozen=True, forbid_unknown_fields=True):
    """Fields of `Machine` to put in place of the test driver's."""

    driver: str | UnsetType = UNSET
    machine_type: str | UnsetType = UNSET
    arch: str | UnsetType = UNSET
    emulator: str | UnsetType = UNSET
    firmware: Firmware | Unknown | UnsetType = UNSET
    tuning: Tuning | Unknown | UnsetType = UNSET
    disks: tuple[Disk, ...] | Unknown | UnsetType = UNSET
    consoles: tuple[Console, ...] | Unknown | UnsetType = UNSET
    devices: tuple[Device, ...] | Unknown | UnsetType = UNSET
    labels: tuple[SecurityLabel, ...] | Unknown | UnsetType = UNSET
    stored_labels: tuple[SecurityLabel, ...] | Unknown | UnsetType = UNSET
    launch_security: str | UnsetType = UNSET
    taints: tuple[str, ...] | Unknown | UnsetType = UNSET
    snapshots: tuple[Snapshot, ...] | Unknown | UnsetType = UNSET
    differences: tuple[Difference, ...] | Unknown | UnsetType = UNSET
    started_at: datetime | Unknown | UnsetType = UNSET
    custom_arguments: tuple[str, ...] | UnsetType = UNSET
    features: dict[str, str] | UnsetType = UNSET


class RecordedFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file: one host, and its machines by uuid."""

    version: int = 1
    host: HostOverride = HostOverride()
    machines: dict[str, MachineOverride] = {}


def read_recorded(path: Path) -> RecordedFacts:
    """Read a recorded-facts file.

    Raises:
        OSError: the file cannot be read.
        msgspec.ValidationError: it is not one of ours; the text names the place.
    """
    with path.open("rb") as stream:
        body = stream.read(MAX_RECORDED_BYTES + 1)
    if len(body) > MAX_RECORDED_BYTES:
        raise msgspec.ValidationError("the file is too large")
    return msgspec.json.decode(body, type=RecordedFacts)


def apply_to_host(host: Host, override: HostOverride) -> Host:
    """Put the recorded values over the driver's and mark the host as demo."""
    return msgspec.structs.replace(host, demo=True, **_set_fields(override))


def apply_to_machine(machine: Machine, override: MachineOverride | None) -> Machine:
    """The same for a machine. A live label is shown only while the machine runs."""
    fields = _set_fields(override) if override is not None else {}
    for name in ("labels", "stored_labels"):
        if isinstance(fields.get(name), tuple):
            fields[name] = tuple(with_parts(label) for label in fields[name])
    if not machine.active and isinstance(fields.get("labels"), tuple):
        fields["labels"] = tuple(label for label in fields["labels"] if not label.live)
    return msgspec.structs.replace(machine, demo=True, **fields)


def _set_fields(override: HostOverride | MachineOverride) -> dict[str, Any]:
    return {
        name: value
        for name, value in msgspec.structs.asdict(override).items()
        if value is not UNSET
    }
