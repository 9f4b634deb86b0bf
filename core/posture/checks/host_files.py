"""Modes of the files and devices that decide over all machines of a host."""

from core.facts import Reason, Unknown
from core.posture.model import Outcome
from core.posture.outcome import failed, listed, passed, seen, unknown, warned
from core.posture.reading import host_os, setting
from core.posture.subject import HostSubject

KVM = "/dev/kvm"
_PRIVATE = ("/etc/libvirt/secrets", "/etc/pki/libvirt/private/serverkey.pem")
_DEVICES = (KVM, "/dev/vhost-net")
_SOCKETS = "/run/libvirt/"
_WRITE_OTHERS, _READ_OTHERS, _ALL_OTHERS = 0o002, 0o004, 0o006
_NOT_TOLD = Unknown(Reason.NOT_READ)


def _modes(subject: HostSubject) -> dict[str, int] | Unknown:
    """Path -> permission bits of the fixed list that we look at."""
    os = host_os(subject.host)
    if isinstance(os, Unknown):
        return os
    texts = {path: text.split(" ")[0] for path, text in os.files.items()}
    modes = {p: int(text, 8) for p, text in texts.items() if text.isdigit() and set(text) <= _OCTAL}
    return modes or _NOT_TOLD


_OCTAL = frozenset("01234567")


def files_strict(subject: HostSubject) -> Outcome:
    """HOST-FS-001: nobody else writes libvirt's files, or reads its keys and secrets."""
    modes = _modes(subject)
    if isinstance(modes, Unknown):
        return unknown(modes, "stat /etc/libvirt")
    kept = {p: m for p, m in modes.items() if p not in _DEVICES and not p.startswith(_SOCKETS)}
    if not kept:
        return unknown(_NOT_TOLD, "stat /etc/libvirt")
    written = [path for path, mode in kept.items() if mode & _WRITE_OTHERS]
    if written:
        evidence = tuple(seen(f"stat {path}", f"{kept[path]:04o}") for path in written)
        return failed("HOST-FS-001", "writable", *evidence, names=listed(written))
    shown = [path for path in _PRIVATE if kept.get(path, 0) & _READ_OTHERS]
    if shown:
        evidence = tuple(seen(f"stat {path}", f"{kept[path]:04o}") for path in shown)
        return failed("HOST-FS-001", "readable", *evidence, names=listed(shown))
    some = sorted(kept)[:6]
    return passed("HOST-FS-001", *(seen(f"stat {path}", f"{kept[path]:04o}") for path in some))


def device_kept(subject: HostSubject) -> Outcome:
    """HOST-DEVKVM-001: not every local account may start machines past libvirt."""
    modes = _modes(subject)
    if isinstance(modes, Unknown):
        return unknown(modes, f"stat {KVM}")
    if KVM not in modes:
        return unknown(_NOT_TOLD, f"stat {KVM}")
    evidence = seen(f"stat {KVM}", f"{modes[KVM]:04o}")
    if modes[KVM] & _ALL_OTHERS:
        return warned("HOST-DEVKVM-001", "open", evidence)
    return passed("HOST-DEVKVM-001", evidence)


def rights_in_steps(subject: HostSubject) -> Outcome:
    """HOST-API-005: who may use libvirt need not be allowed everything."""
    modern = setting(subject.host, "virtqemud.conf", "access_drivers")
    found = setting(subject.host, "libvirtd.conf", "access_drivers")
    value = found if isinstance(modern, Unknown) else modern
    if isinstance(value, Unknown):
        return unknown(value, "libvirtd.conf access_drivers")
    evidence = seen("libvirtd.conf access_drivers", value or "not set")
    if value and "polkit" in value:
        return passed("HOST-API-005", evidence)
    return warned("HOST-API-005", "all-or-nothing", evidence)


CHECKS = (
    ("HOST-FS-001", files_strict),
    ("HOST-DEVKVM-001", device_kept),
    ("HOST-API-005", rights_in_steps),
)
