"""Facts and rows for these tests: believable, small, each made anew."""

from datetime import UTC, datetime
from typing import Any

from core.facts import (
    Confinement,
    Console,
    ConsoleKind,
    Disk,
    EncryptionFormat,
    Host,
    LabelKind,
    Machine,
    MachineClaim,
    MachineRow,
    MachineState,
    Network,
    NetworkMode,
    Nic,
    NicKind,
    Reason,
    SecurityDriver,
    SecurityLabel,
    Transport,
    Tuning,
    Unknown,
)
from core.fleet.model import Key, LabelView, MachineView, Ownership
from core.posture.model import Finding, Score, Severity, Verdict
from core.text import Text

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
UNREAD = Unknown(Reason.NOT_READ)
NOBODY = Ownership("", "")


def uuid_of(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def nic(number: int = 1, **fields: Any) -> Nic:
    values: dict[str, Any] = {
        "mac": f"52:54:00:00:{number // 256 % 256:02x}:{number % 256:02x}",
        "kind": NicKind.NETWORK,
        "source": "dmz",
        "filter": "clean-traffic",
    }
    return Nic(**{**values, **fields})


def disk(**fields: Any) -> Disk:
    values: dict[str, Any] = {
        "target": "vda",
        "device": "disk",
        "bus": "virtio",
        "source_kind": "file",
        "source": "/var/lib/libvirt/images/a.qcow2",
        "format": "qcow2",
        "encryption": EncryptionFormat.NONE,
        "read_only": False,
        "shareable": False,
    }
    return Disk(**{**values, **fields})


def vnc(*listen: str, **fields: Any) -> Console:
    values: dict[str, Any] = {"kind": ConsoleKind.VNC, "listen": listen, "port": 5900}
    return Console(**{**values, **fields})


def selinux(number: int = 1, **fields: Any) -> SecurityLabel:
    pair = (f"c{number % 500}", f"c{500 + number % 500}")
    values: dict[str, Any] = {
        "model": "selinux",
        "text": f"system_u:system_r:svirt_t:s0:{','.join(pair)}",
        "live": True,
        "enforcing": True,
        "kind": LabelKind.DYNAMIC,
        "relabel": True,
        "type": "svirt_t",
        "level": f"s0:{','.join(pair)}",
        "categories": pair,
    }
    return SecurityLabel(**{**values, **fields})


def machine(number: int = 1, **fields: Any) -> Machine:
    values: dict[str, Any] = {
        "uuid": uuid_of(number),
        "name": f"vm{number}",
        "state": MachineState.RUNNING,
        "observed_at": NOW,
        "id": number,
        "persistent": True,
        "autostart": False,
        "managed_save": False,
        "title": "",
        "description": "",
        "driver": "kvm",
        "machine_type": "pc-q35-7.2",
        "arch": "x86_64",
        "emulator": "/usr/bin/qemu-system-x86_64",
        "os_type": "hvm",
        "firmware": UNREAD,
        "tuning": Tuning(2, 2, 2**31, 2**31),
        "disks": (disk(),),
        "nics": (nic(number),),
        "consoles": (vnc("127.0.0.1"),),
        "devices": (),
        "labels": (selinux(number),),
        "stored_labels": (),
        "launch_security": "",
        "taints": (),
        "snapshots": (),
        "claim": MachineClaim(),
        "differences": (),
        "stored_nics": (nic(number),),
    }
    return Machine(**{**values, **fields})


def row(number: int = 1, **fields: Any) -> MachineRow:
    values: dict[str, Any] = {
        "uuid": uuid_of(number),
        "name": f"vm{number}",
        "state": MachineState.RUNNING,
        "id": number,
        "persistent": True,
        "autostart": False,
        "managed_save": False,
    }
    return MachineRow(**{**values, **fields})


def network(name: str, **fields: Any) -> Network:
    values: dict[str, Any] = {
        "name": name,
        "uuid": f"net-{name}",
        "active": True,
        "persistent": True,
        "autostart": True,
        "mode": NetworkMode.NAT,
        "bridge": f"br-{name}",
    }
    return Network(**{**values, **fields})


def host(name: str = "hv1", **fields: Any) -> Host:
    values: dict[str, Any] = {
        "name": name,
        "uri": f"qemu+tls://{name}/system",
        "transport": Transport.TLS,
        "hostname": name,
        "driver": "QEMU",
        "read_only": False,
        "observed_at": NOW,
        "libvirt_version": "10.0.0",
        "hypervisor_version": "8.2.0",
        "security_drivers": (SecurityDriver("selinux"), SecurityDriver("dac")),
        "cpu_model": "EPYC",
        "cpus": 8,
        "memory_bytes": 2**35,
        "iommu": True,
        "encrypted_transport": True,
        "verified_peer": True,
        "identity": UNREAD,
        "networks": (network("dmz"), network("lab")),
        "filters": (),
        "pools": (),
    }
    return Host(**{**values, **fields})


def finding(check: str = "VM-A-1", **fields: Any) -> Finding:
    values: dict[str, Any] = {
        "check": check,
        "target": "hv1/vm1",
        "uuid": uuid_of(1),
        "host": "hv1",
        "verdict": Verdict.FAIL,
        "severity": Severity.HIGH,
        "message": Text("finding.VM-A-1.bad"),
        "evidence": (),
        "judged_at": NOW,
    }
    return Finding(**{**values, **fields})


def view(number: int = 1, on: str = "hv1", **fields: Any) -> MachineView:
    """A row of the fleet; `machine`, `row` and all else may be given."""
    facts: Machine | None = fields.pop("machine", machine(number))
    values: dict[str, Any] = {
        "key": Key(on, uuid_of(number)),
        "row": row(number),
        "machine": facts,
        "read_only": False,
        "stale": False,
        "last_seen": NOW,
        "zones": (),
        "tenant": NOBODY,
        "risk": NOBODY,
        "label": LabelView(Confinement.ENFORCED, selinux(number), ("selinux", "dac")),
        "findings": (),
        "score": Score(80, "B", {}, None),
        "trend": None,
        "quarantine": None,
    }
    return MachineView(**{**values, **fields})
