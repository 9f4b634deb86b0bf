"""The host's own ways in and its ground: SSH, socket modes, clock, swap."""

from core.facts import Reason, Unknown
from core.posture.model import Outcome
from core.posture.outcome import failed, passed, seen, unknown, warned
from core.posture.reading import host_os, setting
from core.posture.subject import HostSubject

SSHD = "sshd -T"
OFF_SECONDS, FAR_OFF_SECONDS = 0.1, 5.0
_OPEN_TO_ALL = 0o006


def ssh_hardened(subject: HostSubject) -> Outcome:
    """HOST-SSH-001: nobody logs in to the hypervisor with a password or straight as root."""
    os = host_os(subject.host)
    sshd = os if isinstance(os, Unknown) else os.sshd
    if isinstance(sshd, Unknown):
        return unknown(sshd, SSHD)
    values = sshd.values
    root = values.get("permitrootlogin")
    if root is None:
        return unknown(Unknown(Reason.UNREADABLE), f"{SSHD} permitrootlogin")
    evidence = tuple(seen(f"{SSHD} {name}", values.get(name, "not told")) for name in _SHOWN)
    if values.get("permitemptypasswords") == "yes":
        return failed("HOST-SSH-001", "empty", *evidence)
    if values.get("passwordauthentication") == "yes":
        return failed("HOST-SSH-001", "password", *evidence)
    if root == "yes":
        return failed("HOST-SSH-001", "root", *evidence)
    if root != "no" or values.get("x11forwarding") == "yes":
        return warned("HOST-SSH-001", "root-key", *evidence, root=root)
    return passed("HOST-SSH-001", *evidence)


_SHOWN = ("permitrootlogin", "passwordauthentication", "permitemptypasswords", "x11forwarding")


def socket_guarded(subject: HostSubject) -> Outcome:
    """HOST-API-003: the local read-write socket asks polkit, or its mode keeps others out."""
    auth = _first(subject, "auth_unix_rw")
    if isinstance(auth, Unknown):
        return unknown(auth, "libvirtd.conf auth_unix_rw")
    mode = _first(subject, "unix_sock_rw_perms")
    evidence = (
        seen("libvirtd.conf auth_unix_rw", auth or "not set"),
        seen("libvirtd.conf unix_sock_rw_perms", mode if isinstance(mode, str) else "not set"),
    )
    if auth == "none" and isinstance(mode, str) and _octal(mode) & _OPEN_TO_ALL:
        return failed("HOST-API-003", "open", *evidence)
    if auth == "none" and not isinstance(mode, str):
        return warned("HOST-API-003", "by-group", *evidence)
    return passed("HOST-API-003", *evidence)


def _first(subject: HostSubject, name: str) -> str | Unknown | None:
    """The setting in the file of the daemon that machines are run by."""
    modern = setting(subject.host, "virtqemud.conf", name)
    return setting(subject.host, "libvirtd.conf", name) if isinstance(modern, Unknown) else modern


def _octal(text: str) -> int:
    try:
        return int(text, 8)
    except ValueError:
        return _OPEN_TO_ALL


def clock_right(subject: HostSubject) -> Outcome:
    """HOST-TIME-001: its clock is right; logs, certificates and holds depend on it."""
    os = host_os(subject.host)
    offset = os if isinstance(os, Unknown) else os.clock_offset_seconds
    if isinstance(offset, Unknown):
        return unknown(offset, "clock offset")
    evidence = seen("clock offset", f"{offset:+.3f} s")
    seconds = round(abs(offset), 1)
    if abs(offset) > FAR_OFF_SECONDS:
        return failed("HOST-TIME-001", "off", evidence, seconds=seconds)
    if abs(offset) > OFF_SECONDS:
        return warned("HOST-TIME-001", "off", evidence, seconds=seconds)
    return passed("HOST-TIME-001", evidence)


def swap_encrypted(subject: HostSubject) -> Outcome:
    """HOST-SWAP-001: a guest's memory does not come to rest in clear text."""
    os = host_os(subject.host)
    encrypted = os if isinstance(os, Unknown) else os.swap_encrypted
    if isinstance(encrypted, Unknown):
        return unknown(encrypted, "swapon --show")
    evidence = seen("swapon --show", "encrypted or none" if encrypted else "plain")
    if encrypted:
        return passed("HOST-SWAP-001", evidence)
    return failed("HOST-SWAP-001", "plain", evidence)


CHECKS = (
    ("HOST-SSH-001", ssh_hardened),
    ("HOST-API-003", socket_guarded),
    ("HOST-TIME-001", clock_right),
    ("HOST-SWAP-001", swap_encrypted),
)
