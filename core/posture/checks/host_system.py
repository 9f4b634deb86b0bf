"""The host's own ways in and its ground: SSH, socket modes, clock, swap."""

from core.facts import Reason, Unknown
from core.posture.model import Outcome
from core.posture.outcome import failed, passed, seen, unknown, warned
from core.posture.reading import host_os, setting
from core.posture.subject import HostSubject

SSHD = "sshd -T"
OFF_SECONDS, FAR_OFF_SECONDS = 0.1, 5.0
_OPEN_TO_ALL = 0o006
_DEFAULT_ROOT, _DEFAULT_PASSWORDS = "prohibit-password", "yes"  # sshd's own
_SOCKETS = ("/run/libvirt/virtqemud-sock", "/run/libvirt/libvirt-sock")


def ssh_hardened(subject: HostSubject) -> Outcome:
    """HOST-SSH-001: nobody logs in to the hypervisor with a password or straight as root."""
    os = host_os(subject.host)
    sshd = os if isinstance(os, Unknown) else os.sshd
    if isinstance(sshd, Unknown):
        return unknown(sshd, SSHD)
    values = sshd.values
    if not values:
        return unknown(Unknown(Reason.UNREADABLE), SSHD)
    root = values.get("permitrootlogin", _DEFAULT_ROOT)
    evidence = tuple(seen(f"{SSHD} {name}", values.get(name, "default")) for name in _SHOWN)
    if values.get("permitemptypasswords") == "yes":
        return failed("HOST-SSH-001", "empty", *evidence)
    if values.get("passwordauthentication", _DEFAULT_PASSWORDS) == "yes":
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
    mode = _socket_mode(subject)
    evidence = (
        seen("libvirtd.conf auth_unix_rw", auth or "not set"),
        seen("mode of libvirt's socket", mode or "not told"),
    )
    if auth == "none" and mode and _octal(mode) & _OPEN_TO_ALL:
        return failed("HOST-API-003", "open", *evidence)
    if auth == "none" and not mode:
        return warned("HOST-API-003", "by-group", *evidence)
    return passed("HOST-API-003", *evidence)


def _socket_mode(subject: HostSubject) -> str:
    """The mode of the socket itself, else the one that the file asks for; "" when not told."""
    os = host_os(subject.host)
    files = {} if isinstance(os, Unknown) else os.files
    found = next((files[path] for path in _SOCKETS if path in files), "")
    asked = _first(subject, "unix_sock_rw_perms")
    return found.split(" ")[0] or (asked if isinstance(asked, str) else "")


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
