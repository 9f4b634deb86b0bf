"""Devices that reach the host, and old ones whose emulation has a history."""

from core.facts import ConsoleKind, Device, NicKind, Unknown
from core.posture.model import Outcome
from core.posture.outcome import failed, listed, not_applicable, passed, seen, unknown, warned
from core.posture.reading import not_qemu
from core.posture.subject import NO_HOST, MachineSubject

DEVICES = "/domain/devices"
_OLD_CARDS = ("rtl8139", "pcnet", "ne2k", "i825", "sungem", "tulip", "vmxnet")
_PLAIN_VIDEO = frozenset({"virtio", "bochs", "vga", "none", "ramfb", ""})


def devices_of(subject: MachineSubject, kind: str) -> tuple[Device, ...] | Outcome:
    found = subject.machine.devices
    if isinstance(found, Unknown):
        return unknown(found, f"{DEVICES}/{kind}")
    return tuple(each for each in found if each.kind == kind)


def host_pci(subject: MachineSubject) -> Outcome:
    """VM-HOSTDEV-001: a PCI device of the host is behind an IOMMU, and somebody meant it."""
    hostdevs = devices_of(subject, "hostdev")
    if isinstance(hostdevs, Outcome):
        return hostdevs
    nics, disks = subject.machine.nics, subject.machine.disks
    names = [each.source or "pci" for each in hostdevs if each.type == "pci"]
    names += (
        []
        if isinstance(nics, Unknown)
        else [each.source or each.mac for each in nics if each.kind is NicKind.HOSTDEV]
    )
    names += (
        []
        if isinstance(disks, Unknown)
        else [each.target for each in disks if each.source_kind == "nvme"]
    )
    if not names:
        return passed("VM-HOSTDEV-001", seen(f"{DEVICES}/hostdev[@type='pci']", "none"))
    evidence = seen(f"{DEVICES}/hostdev[@type='pci']", listed(names))
    iommu = NO_HOST if subject.host is None else subject.host.iommu
    if isinstance(iommu, Unknown):
        return unknown(iommu, "/capabilities/host/iommu/@support")
    proof = seen("/capabilities/host/iommu/@support", iommu)
    if not iommu:
        return failed("VM-HOSTDEV-001", "no-iommu", evidence, proof, names=listed(names))
    return warned("VM-HOSTDEV-001", "given", evidence, proof, names=listed(names))


def host_devices(subject: MachineSubject) -> Outcome:
    """VM-HOSTDEV-002: no USB, SCSI or mediated device of the host by accident."""
    hostdevs = devices_of(subject, "hostdev")
    if isinstance(hostdevs, Outcome):
        return hostdevs
    given = [each for each in hostdevs if each.type != "pci"]
    where = f"{DEVICES}/hostdev"
    for each in given:
        whole = each.type == "scsi_host" or each["mode"] == "capabilities"
        if whole or each["rawio"] == "yes":
            evidence = seen(where, f"{each.type} {each.source}")
            return failed("VM-HOSTDEV-002", "whole", evidence, name=each.source or each.type)
    if given:
        names = listed([f"{each.type} {each.source}".strip() for each in given])
        return warned("VM-HOSTDEV-002", "given", seen(where, names), names=names)
    return passed("VM-HOSTDEV-002", seen(where, "none"))


def usb_redirection(subject: MachineSubject) -> Outcome:
    """VM-USBREDIR-001: whoever sits at the console cannot plug in just anything."""
    channels = devices_of(subject, "redirdev")
    filters = devices_of(subject, "redirfilter")
    if isinstance(channels, Outcome):
        return channels
    evidence = seen(f"{DEVICES}/redirdev", len(channels))
    if not channels or (isinstance(filters, tuple) and filters):
        return passed("VM-USBREDIR-001", evidence)
    say = failed if subject.high else warned
    return say("VM-USBREDIR-001", "unfiltered", evidence, count=len(channels))


def no_floppy(subject: MachineSubject) -> Outcome:
    """VM-DEV-001: no floppy drive and no controller for one."""
    controllers, disks = devices_of(subject, "controller"), subject.machine.disks
    if isinstance(controllers, Outcome):
        return controllers
    if isinstance(disks, Unknown):
        return unknown(disks, f"{DEVICES}/disk")
    drives = [each.target for each in disks if each.device == "floppy"]
    drives += ["fdc" for each in controllers if each.type == "fdc"]
    evidence = seen(f"{DEVICES}/disk[@device='floppy']", listed(drives) or "none")
    return failed("VM-DEV-001", "floppy", evidence) if drives else passed("VM-DEV-001", evidence)


def paravirtual_card(subject: MachineSubject) -> Outcome:
    """VM-DEV-002: virtio cards rather than emulated ones."""
    other, nics = not_qemu(subject.machine), subject.machine.nics
    if other is not None:
        return other
    if isinstance(nics, Unknown):
        return unknown(nics, f"{DEVICES}/interface")
    cards = [each for each in nics if each.kind is not NicKind.HOSTDEV]
    if not cards:
        return not_applicable("no-card")
    evidence = seen(f"{DEVICES}/interface/model", listed([e.model or "default" for e in cards]))
    old = [each.model for each in cards if each.model.startswith(_OLD_CARDS)]
    if old:
        return failed("VM-DEV-002", "old", evidence, models=listed(old))
    emulated = [e.model or "default" for e in cards if not e.model.startswith("virtio")]
    if emulated:
        return warned("VM-DEV-002", "emulated", evidence, models=listed(emulated))
    return passed("VM-DEV-002", evidence)


def plain_video(subject: MachineSubject) -> Outcome:
    """VM-DEV-006: a simple video card; the guest does not drive the host's GPU."""
    videos = devices_of(subject, "video")
    if isinstance(videos, Outcome):
        return videos
    consoles = subject.machine.consoles
    if isinstance(consoles, Unknown):
        return unknown(consoles, f"{DEVICES}/graphics")
    where = f"{DEVICES}/video/model"
    rendering = any(each["model.acceleration.accel3d"] == "yes" for each in videos)
    if rendering or any(c.open_gl or c.kind is ConsoleKind.EGL for c in consoles):
        return failed("VM-DEV-006", "gpu", seen(where, "accel3d"))
    old = [each.model for each in videos if each.model not in _PLAIN_VIDEO]
    evidence = seen(where, listed([each.model for each in videos]) or "none")
    if old:
        return warned("VM-DEV-006", "old", evidence, models=listed(old))
    return passed("VM-DEV-006", evidence)


def no_side_door(subject: MachineSubject) -> Outcome:
    """VM-DEV-008: no vsock, a socket to the host that no firewall sees, unless it is used."""
    found = devices_of(subject, "vsock")
    if isinstance(found, Outcome):
        return found
    evidence = seen(f"{DEVICES}/vsock", len(found))
    return warned("VM-DEV-008", "vsock", evidence) if found else passed("VM-DEV-008", evidence)


CHECKS = (
    ("VM-HOSTDEV-001", host_pci),
    ("VM-HOSTDEV-002", host_devices),
    ("VM-USBREDIR-001", usb_redirection),
    ("VM-DEV-001", no_floppy),
    ("VM-DEV-002", paravirtual_card),
    ("VM-DEV-006", plain_video),
    ("VM-DEV-008", no_side_door),
)
