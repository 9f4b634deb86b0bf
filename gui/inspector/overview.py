"""The overview page of a machine: what it is, whose it is, how it is isolated."""

from datetime import datetime

from core.facts import Device, Disk, EncryptionFormat, Exposure, Firmware, Machine, Tuning, Unknown
from core.fleet.model import MachineView, Membership, Ownership
from core.text import Catalogue
from gui.inspector.console import exposure_fact
from gui.inspector.facts import Fact, FactWriter, Section, Tone, mapped
from gui.inspector.label import confinement_fact
from gui.inspector.quantities import ago, exact, moment, size


def overview(view: MachineView, t: Catalogue, now: datetime) -> tuple[Section, ...]:
    """Everything an admin asks first; the other pages hold the detail."""
    write = FactWriter(t)
    sections = [_belonging(view, write)]
    if view.machine is None:
        return (write.section("machine", note=t("panels.machine.reading")), *sections)
    sections.insert(0, _isolation(view, view.machine, write))
    sections.append(_identity(view, view.machine, write, now))
    sections.append(_resources(view.machine, write))
    sections.append(_devices(view.machine, write))
    return tuple(sections)


def _isolation(view: MachineView, machine: Machine, write: FactWriter) -> Section:
    t = write.t
    firmware = machine.firmware
    return write.section(
        "isolation",
        confinement_fact(view, write),
        _widest_console(machine, write),
        write("encryption", mapped(machine.disks, lambda disks: _encrypted(disks, t))),
        write("secure-boot", firmware if isinstance(firmware, Unknown) else firmware.secure_boot),
        write("firmware", mapped(firmware, _firmware)),
        write("launch-security", machine.launch_security),
        write("taints", mapped(machine.taints, ", ".join)),
    )


def _belonging(view: MachineView, write: FactWriter) -> Section:
    return write.section(
        "belonging",
        *_zones(view, write),
        ownership_fact("tenant", view.tenant, write),
        ownership_fact("risk", view.risk, write),
    )


def _zones(view: MachineView, write: FactWriter) -> tuple[Fact, ...]:
    if isinstance(view.zones, Unknown):
        return (write("zone", view.zones),)
    if not view.zones:
        return (write("zone", write.t("zone.unzoned")),)
    return tuple(write("zone", zone_words(m, write.t), hover="\n".join(m.by)) for m in view.zones)


def zone_words(membership: Membership, t: Catalogue) -> str:
    """The zone with its protection and data class; a proposal says that it is one."""
    zone = membership.zone
    if zone.proposed:
        return t("zone.proposed", zone=zone.name)
    return t(
        "panels.zone.declared",
        name=zone.name,
        protection=t(f"protection.{zone.protection.value}"),
        data=t(f"data-class.{zone.data_class.value}"),
    )


def ownership_fact(name: str, owner: Ownership, write: FactWriter) -> Fact:
    """A claim is marked as one; a disputed value shows both sides."""
    t = write.t
    if owner.disputed:
        words = t("panels.owner.disputed", declared=owner.declared, claimed=owner.claimed)
        return write(name, words, tone=Tone.WRONG, hover=t("panels.owner.disputed.why"))
    if owner.only_claimed:
        words = t("value.claimed", value=owner.claimed)
        return write(name, words, tone=Tone.CLAIMED, hover=t("panels.owner.claimed.why"))
    return write(name, owner.declared)


def _identity(view: MachineView, machine: Machine, write: FactWriter, now: datetime) -> Section:
    t = write.t
    return write.section(
        "machine",
        write("title", machine.title),
        write("description", machine.description),
        write("uuid", machine.uuid, mono=True),
        write("started", mapped(machine.started_at, moment)) if machine.active else None,
        write("persistent", machine.persistent),
        write("autostart", machine.autostart),
        write("managed-save", machine.managed_save),
        write("snapshots", mapped(machine.snapshots, len)),
        write("type", " · ".join(filter(None, _type(machine)))),
        write("emulator", machine.emulator, mono=True),
        write("differences", mapped(machine.differences, lambda d: _differences(len(d), t))),
        write("observed", ago(t, machine.observed_at, now), hover=exact(machine.observed_at)),
        write("parse-error", machine.parse_error, tone=Tone.WRONG) if machine.partial else None,
    )


def _type(machine: Machine) -> tuple[str, ...]:
    return (machine.driver, machine.os_type, machine.arch, machine.machine_type)


def _resources(machine: Machine, write: FactWriter) -> Section:
    tuning = machine.tuning
    if isinstance(tuning, Unknown):
        return write.section("resources", write("vcpus", tuning))
    return write.section(
        "resources",
        write("vcpus", _of(tuning.vcpus, tuning.max_vcpus)),
        write("memory", _memory(tuning)),
        write("pins", "; ".join(f"{cpu}→{host}" for cpu, host in tuning.vcpu_pins.items())),
        write("quota", _quota(tuning, write.t)),
        write("hard-limit", size(tuning.hard_limit_bytes) if tuning.hard_limit_bytes else ""),
        write("hugepages", tuning.hugepages),
        write("own-pages", tuning.no_shared_pages),
    )


def _devices(machine: Machine, write: FactWriter) -> Section:
    t = write.t
    if isinstance(machine.devices, Unknown):
        return write.section("devices", write("device", machine.devices))
    facts = [Fact(device.kind, _device(device), _details(device)) for device in machine.devices]
    facts += [
        Fact(t("panels.fact.argument"), argument, tone=Tone.WRONG, mono=True)
        for argument in machine.custom_arguments
    ]
    return write.section("devices", *facts, note="" if facts else t("panels.devices.none"))


def _device(device: Device) -> str:
    parts = (device.type, device.model, device.source, device.target)
    return " · ".join(part for part in parts if part) or device.kind


def _details(device: Device) -> str:
    return "\n".join(f"{name}: {value}" for name, value in device.details.items())


def _widest_console(machine: Machine, write: FactWriter) -> Fact:
    if isinstance(machine.consoles, Unknown):
        return write("consoles", machine.consoles)
    found = {console.exposure for console in machine.consoles}
    widest = next((reach for reach in _WIDEST_FIRST if reach in found), Exposure.OFF)
    return exposure_fact("consoles", widest, write)


_WIDEST_FIRST = (
    Exposure.EVERYWHERE,
    Exposure.NETWORK,
    Exposure.UNKNOWN,
    Exposure.LOCAL,
    Exposure.OFF,
)


def _encrypted(disks: tuple[Disk, ...], t: Catalogue) -> str:
    """Counts disks that hold data; an empty drive neither helps nor harms."""
    data = [disk for disk in disks if disk.source]
    if not data:
        return t("panels.encryption.no-disks")
    done = [disk for disk in data if _is_encrypted(disk)]
    unknown = [disk for disk in data if isinstance(disk.encryption, Unknown)]
    words = t("panels.encryption.some", done=len(done), all=len(data))
    if not unknown:
        return words
    return words + t("panels.encryption.unknown", unknown=len(unknown))


def _is_encrypted(disk: Disk) -> bool:
    known = not isinstance(disk.encryption, Unknown)
    return known and disk.encryption is not EncryptionFormat.NONE


def _firmware(firmware: Firmware) -> str:
    return " · ".join(part for part in (firmware.kind, firmware.loader) if part)


def _differences(count: int, t: Catalogue) -> str:
    return t("panels.differences", count=count) if count else t("panels.differences.none")


def _of(now: int, most: int) -> str:
    return str(now) if now == most else f"{now} / {most}"


def _memory(tuning: Tuning) -> str:
    if tuning.memory_bytes == tuning.max_memory_bytes:
        return size(tuning.memory_bytes)
    return f"{size(tuning.memory_bytes)} / {size(tuning.max_memory_bytes)}"


def _quota(tuning: Tuning, t: Catalogue) -> str:
    if tuning.cpu_quota <= 0:
        return ""
    return t("panels.quota", quota=tuning.cpu_quota, period=tuning.cpu_period)
