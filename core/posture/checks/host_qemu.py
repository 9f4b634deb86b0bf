"""qemu.conf: what every machine of the host gets unless its own definition says otherwise."""

from core.facts import Reason, Unknown
from core.posture.model import Outcome
from core.posture.outcome import failed, passed, seen, unknown, warned
from core.posture.reading import TRUE_WORDS, flag, setting
from core.posture.subject import HostSubject

_ROOT = frozenset({"root", "0", "+0"})
_BUILT_IN = Unknown(Reason.NOT_KNOWN_TO_LIBVIRT)  # the builder of the package chose it
_WILD = frozenset({"0.0.0.0", "::"})
_LOCAL = frozenset({"", "127.0.0.1", "::1", "localhost"})


def guests_not_root(subject: HostSubject) -> Outcome:
    """HOST-QEMU-001: the account of guests is not root; the capabilities tell it to anybody."""
    drivers = subject.host.security_drivers
    labels = () if isinstance(drivers, Unknown) else drivers
    base = next((e.base_labels for e in labels if e.model == "dac" and e.base_labels), None)
    if base is not None:
        owner = base.get("kvm") or next(iter(base.values()))
        evidence = seen("/capabilities/host/secmodel[model='dac']/baselabel", owner)
        if any(part in _ROOT for part in owner.split(":")):
            return failed("HOST-QEMU-001", "root", evidence, user=owner)
        return passed("HOST-QEMU-001", evidence, user=owner)
    user = setting(subject.host, "qemu.conf", "user")
    if isinstance(user, Unknown):
        return unknown(user, "qemu.conf user")
    if user is None:
        return unknown(drivers if isinstance(drivers, Unknown) else _BUILT_IN, "qemu.conf user")
    evidence = seen("qemu.conf user", user)
    if user in _ROOT:
        return failed("HOST-QEMU-001", "root", evidence, user=user)
    return passed("HOST-QEMU-001", evidence, user=user)


def sandbox_on(subject: HostSubject) -> Outcome:
    """HOST-QEMU-002: nobody switched the system call filter off."""
    value = setting(subject.host, "qemu.conf", "seccomp_sandbox")
    if isinstance(value, Unknown):
        return unknown(value, "qemu.conf seccomp_sandbox")
    evidence = seen("qemu.conf seccomp_sandbox", value or "not set")
    if value is not None and value not in {"1", "-1"}:
        return failed("HOST-QEMU-002", "off", evidence)
    return passed("HOST-QEMU-002", evidence)


def own_namespace(subject: HostSubject) -> Outcome:
    """HOST-QEMU-003: each machine sees a /dev of its own."""
    value = setting(subject.host, "qemu.conf", "namespaces")
    if isinstance(value, Unknown):
        return unknown(value, "qemu.conf namespaces")
    evidence = seen("qemu.conf namespaces", "not set" if value is None else value)
    if value is not None and "mount" not in value:
        return failed("HOST-QEMU-003", "off", evidence)
    return passed("HOST-QEMU-003", evidence)


def strict_acs(subject: HostSubject) -> Outcome:
    """HOST-QEMU-008: devices that can reach each other past the IOMMU are not given away."""
    relaxed = flag(subject.host, "qemu.conf", "relaxed_acs_check", False)
    if isinstance(relaxed, Unknown):
        return unknown(relaxed, "qemu.conf relaxed_acs_check")
    evidence = seen("qemu.conf relaxed_acs_check", relaxed)
    return (
        failed("HOST-QEMU-008", "relaxed", evidence)
        if relaxed
        else passed("HOST-QEMU-008", evidence)
    )


def safe_console_defaults(subject: HostSubject) -> Outcome:
    """HOST-QEMU-010: consoles that name no address do not land on the network."""
    for kind in ("vnc", "spice"):
        answer = _console(subject, kind)
        if answer is not None:
            return answer
    listen = setting(subject.host, "qemu.conf", "vnc_listen")
    if isinstance(listen, Unknown):
        return unknown(listen, "qemu.conf vnc_listen")
    return passed("HOST-QEMU-010", seen("qemu.conf vnc_listen", listen or "not set"))


def _console(subject: HostSubject, kind: str) -> Outcome | None:
    """What is wrong with the defaults of one kind of console, if anything is."""
    listen = setting(subject.host, "qemu.conf", f"{kind}_listen")
    tls = setting(subject.host, "qemu.conf", f"{kind}_tls")
    password = setting(subject.host, "qemu.conf", f"{kind}_password")
    if isinstance(password, str) and password:
        evidence = seen(f"qemu.conf {kind}_password", "set")
        return failed("HOST-QEMU-010", "one-password", evidence, kind=kind)
    if not isinstance(listen, str) or listen in _LOCAL:
        return None
    evidence = seen(f"qemu.conf {kind}_listen", listen)
    guarded = isinstance(tls, str) and tls.lower() in TRUE_WORDS
    if not guarded:
        case = "everywhere" if listen in _WILD else "network"
        return failed("HOST-QEMU-010", case, evidence, kind=kind)
    return warned("HOST-QEMU-010", "network-tls", evidence, kind=kind)


CHECKS = (
    ("HOST-QEMU-001", guests_not_root),
    ("HOST-QEMU-002", sandbox_on),
    ("HOST-QEMU-003", own_namespace),
    ("HOST-QEMU-008", strict_acs),
    ("HOST-QEMU-010", safe_console_defaults),
)
