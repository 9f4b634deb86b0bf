"""Fleets made by hand for the window's tests: every column and every odd case, no hypervisor."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from core.facts import (
    Confinement,
    Console,
    ConsoleKind,
    Disk,
    EncryptionFormat,
    LabelKind,
    Machine,
    MachineRow,
    MachineState,
    Nic,
    NicKind,
    Reason,
    SecurityLabel,
    Unknown,
)
from core.facts.machine import MachineClaim
from core.fleet.model import (
    FleetView,
    HostView,
    Key,
    LabelView,
    MachineView,
    Membership,
    Ownership,
)
from core.hosts.protocol import Failure, Health
from core.incidents.model import Containment, Mode, Quarantine
from core.posture.model import Evidence, Finding, Score, Severity, Verdict
from core.settings.model import DataClass, HostEntry, Protection, ZoneEntry
from core.text import Text

NOW = datetime(2026, 11, 22, 14, 2, 11, tzinfo=UTC)
HOSTILE = "<img src=file:///etc/hostname>"

DMZ = ZoneEntry("dmz", protection=Protection.HIGH, data_class=DataClass.PUBLIC)
INTERNAL = ZoneEntry("internal", data_class=DataClass.INTERNAL)
SECRET = ZoneEntry("vault", protection=Protection.VERY_HIGH, data_class=DataClass.SECRET)
ZONES = (DMZ, INTERNAL, SECRET)

SELINUX = SecurityLabel(
    model="selinux",
    text="system_u:system_r:svirt_t:s0:c120,c207",
    live=True,
    enforcing=True,
    kind=LabelKind.DYNAMIC,
    relabel=True,
    type="svirt_t",
    level="s0:c120,c207",
    categories=("c120", "c207"),
)


def uuid_of(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def score(value: int | None, **counts: int) -> Score:
    grade = "?" if value is None else "ABCDF"[min(4, max(0, (99 - value) // 10))]
    worst = max((Severity[name.upper()] for name in counts if name != "unknown"), default=None)
    return Score(value, grade, counts, worst)


def finding(check: str, severity: Severity, target: str, uuid: str = "") -> Finding:
    return Finding(
        check=check,
        target=target,
        uuid=uuid,
        host=target.split("/")[0],
        verdict=Verdict.FAIL,
        severity=severity,
        message=Text(f"check.{check}.title"),
        evidence=(Evidence("/domain/seclabel", "none"),),
        judged_at=NOW,
        observed_at=NOW,
    )


def quarantine(state: Containment = Containment.CONTAINED, *missing: str) -> Quarantine:
    return Quarantine(
        state=state,
        mode=Mode.STRICT,
        case="RF-20261122-1",
        owner="admin",
        since=NOW - timedelta(minutes=4),
        reason="Beaconing to an unknown address",
        missing=missing,
        observed_at=NOW,
    )


def machine(number: int, name: str, state: MachineState = MachineState.RUNNING) -> Machine:
    unread = Unknown(Reason.NOT_READ)
    return Machine(
        uuid=uuid_of(number),
        name=name,
        state=state,
        observed_at=NOW,
        id=number if state is MachineState.RUNNING else -1,
        persistent=True,
        autostart=True,
        managed_save=False,
        title="",
        description="",
        driver="kvm",
        machine_type="pc-q35-8.2",
        arch="x86_64",
        emulator="/usr/bin/qemu-system-x86_64",
        os_type="hvm",
        firmware=unread,
        tuning=unread,
        disks=(
            Disk(
                target="vda",
                device="disk",
                bus="virtio",
                source_kind="file",
                source=f"/var/lib/libvirt/images/{name}.qcow2",
                format="qcow2",
                encryption=EncryptionFormat.LUKS if number % 3 else EncryptionFormat.NONE,
                read_only=False,
                shareable=False,
            ),
        ),
        nics=(Nic(mac=f"52:54:00:00:00:{number % 256:02x}", kind=NicKind.NETWORK, source="dmz"),),
        consoles=(
            Console(
                kind=ConsoleKind.VNC,
                listen=("0.0.0.0",) if number % 4 == 0 else ("127.0.0.1",),
                port=5900 + number % 100,
            ),
        ),
        devices=(),
        labels=(SELINUX,),
        stored_labels=(),
        launch_security="",
        taints=(),
        snapshots=(),
        claim=MachineClaim(),
        differences=(),
    )


def view(
    number: int,
    name: str,
    host: str = "hv1",
    *,
    state: MachineState = MachineState.RUNNING,
    points: int | None = 82,
    zones: Sequence[ZoneEntry] | Unknown = (INTERNAL,),
    confinement: Confinement | Unknown = Confinement.ENFORCED,
    findings: Sequence[Finding] = (),
    held: Quarantine | None = None,
    tenant: str = "acme",
    risk: str = "",
    trend: int | None = None,
    stale: bool = False,
    read_only: bool = False,
) -> MachineView:
    """Return one row; what is not said is a healthy machine."""
    counts: dict[str, int] = {}
    for one in findings:
        counts[one.severity.name.lower()] = counts.get(one.severity.name.lower(), 0) + 1
    labelled = confinement in (Confinement.ENFORCED, Confinement.PERMISSIVE)
    members = (
        zones
        if isinstance(zones, Unknown)
        else tuple(Membership(zone, ("52:54:00:00:00:01 network " + zone.name,)) for zone in zones)
    )
    return MachineView(
        key=Key(host, uuid_of(number)),
        row=MachineRow(uuid_of(number), name, state, number),
        machine=machine(number, name, state),
        read_only=read_only,
        stale=stale,
        last_seen=NOW,
        zones=members,
        tenant=Ownership(tenant, ""),
        risk=Ownership(risk, ""),
        label=LabelView(confinement, SELINUX if labelled else None, ("selinux", "dac")),
        findings=tuple(findings),
        score=score(points, **counts),
        trend=trend,
        quarantine=held,
    )


def host(name: str, machines: int, *, state: str = "connected", points: int = 78) -> HostView:
    failure = Failure("host-timeout", {"host": name}) if state == "stale" else None
    return HostView(
        entry=HostEntry(name, f"qemu+ssh://admin@{name}/system"),
        health=Health(state, NOW - timedelta(minutes=9), NOW, failure),
        facts=None,
        findings=(),
        score=score(points, high=1),
        machines=machines,
        read_seconds=0.21,
        problem=failure,
    )


def fleet(machines: Sequence[MachineView], hosts: Sequence[HostView] = ()) -> FleetView:
    names = sorted({one.host for one in machines})
    listed = hosts or [host(name, sum(m.host == name for m in machines)) for name in names]
    return FleetView(
        hosts={one.name: one for one in listed},
        machines={one.key: one for one in machines},
        findings=(),
        score=score(71, critical=1, high=3),
        zones=ZONES,
        demo=False,
    )


def odd_fleet() -> FleetView:
    """A dozen machines in which every treatment of the table occurs."""
    critical = finding("VM-SVIRT-001", Severity.CRITICAL, "hv1/web-03")
    high = finding("VM-CON-001", Severity.HIGH, "hv1/web-01")
    medium = finding("VM-NET-002", Severity.MEDIUM, "hv2/db-01")
    unknown = Unknown(Reason.NOT_SUPPORTED)
    return fleet(
        [
            view(1, "web-01", zones=(DMZ,), points=64, findings=(high,), trend=-6, risk="high"),
            view(2, "web-02", zones=(DMZ,), points=91, trend=3),
            view(
                3,
                "web-03",
                zones=(DMZ, INTERNAL),
                points=31,
                confinement=Confinement.UNCONFINED,
                findings=(critical, high),
                held=quarantine(),
                risk="critical",
            ),
            view(4, "mail-01", points=77, confinement=Confinement.PERMISSIVE),
            view(5, "build-07", points=55, zones=(), confinement=Confinement.NO_DRIVER),
            view(6, "db-01", "hv2", zones=(SECRET,), points=70, findings=(medium,)),
            view(
                7,
                "db-02",
                "hv2",
                zones=(SECRET,),
                points=44,
                held=quarantine(Containment.PARTIAL, "0000:3b:00.1: hostdev"),
                state=MachineState.PAUSED,
            ),
            view(8, HOSTILE, "hv2", points=12, tenant=HOSTILE, findings=(critical,)),
            view(9, "old-app", "hv3", points=None, zones=unknown, confinement=unknown, stale=True),
            view(
                10,
                "spare",
                "hv3",
                state=MachineState.OFF,
                confinement=Confinement.NOT_RUNNING,
                stale=True,
                tenant="",
            ),
        ],
        [host("hv1", 5), host("hv2", 3, points=58), host("hv3", 2, state="stale", points=40)],
    )


def large_fleet(count: int) -> FleetView:
    """Many machines over five hosts, different enough to sort."""
    return fleet(
        [
            view(
                number,
                f"vm-{number * 7919 % count:05d}",
                f"hv{number % 5}",
                points=number * 37 % 101,
                zones=(ZONES[number % 3],),
                tenant=f"tenant-{number % 7}",
            )
            for number in range(count)
        ]
    )


def changed(one: MachineView, **fields: object) -> MachineView:
    """Return the row with other values, as the live fleet would."""
    return msgspec.structs.replace(one, **fields)
