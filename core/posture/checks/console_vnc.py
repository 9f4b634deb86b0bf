"""VNC: who can reach it, who may come in, and for how long."""

from datetime import UTC, datetime, timedelta

from core.facts import Console, ConsoleKind, Exposure, Reason, Unknown
from core.facts.console import reach_of_address
from core.posture.model import Outcome, Severity
from core.posture.outcome import (
    failed,
    listed,
    not_applicable,
    passed,
    seen,
    unknown,
    warned,
    worst,
)
from core.posture.reading import flag, setting
from core.posture.subject import MachineSubject

GRAPHICS = "/domain/devices/graphics"
WIDE = frozenset({Exposure.NETWORK, Exposure.EVERYWHERE})
LONGEST_PASSWORD = timedelta(days=90)
DEFAULT_LISTEN = "127.0.0.1"  # libvirt's own
_UNCLEAR = Unknown(Reason.UNREADABLE)


def consoles_of(subject: MachineSubject, kind: ConsoleKind) -> tuple[Console, ...] | Outcome:
    """The machine's consoles of a kind, or the answer when there are none or nobody knows."""
    consoles = subject.machine.consoles
    if isinstance(consoles, Unknown):
        return unknown(consoles, GRAPHICS)
    found = tuple(each for each in consoles if each.kind is kind)
    return found or not_applicable("no-console")


def reach_of(subject: MachineSubject, console: Console) -> Exposure | Unknown:
    """How far a graphics listener reaches, with qemu.conf deciding where the XML does not."""
    if console.exposure is not Exposure.UNKNOWN:
        return console.exposure
    if not console.default_listen or console.named_exposure is Exposure.UNKNOWN:
        return _UNCLEAR
    if console.kind is ConsoleKind.VNC and flag_on(subject, "vnc_auto_unix_socket"):
        return Exposure.LOCAL
    name = "spice_listen" if console.kind is ConsoleKind.SPICE else "vnc_listen"
    default = setting(subject.host, "qemu.conf", name)
    if isinstance(default, Unknown):
        return default
    reach = reach_of_address(default or DEFAULT_LISTEN)
    return Exposure.NETWORK if reach is Exposure.UNKNOWN else reach  # a name of some machine


def flag_on(subject: MachineSubject, name: str) -> bool:
    return flag(subject.host, "qemu.conf", name, False) is True


def _tls_of(subject: MachineSubject, console: Console) -> bool | Unknown:
    """libvirt does not write VNC's TLS into the XML: qemu.conf decides."""
    if isinstance(console.tls, Unknown):
        return flag(subject.host, "qemu.conf", "vnc_tls", False)
    return console.tls or flag_on(subject, "vnc_tls")


def not_reachable(subject: MachineSubject) -> Outcome:
    """CON-VNC-001: VNC is local, or TLS with verified clients guards it."""
    consoles = consoles_of(subject, ConsoleKind.VNC)
    if isinstance(consoles, Outcome):
        return consoles
    answers = [_reach(subject, console) for console in consoles]
    return worst(answers)


def _reach(subject: MachineSubject, console: Console) -> Outcome:
    reach = reach_of(subject, console)
    where = f"{GRAPHICS}[@type='vnc']/listen"
    if isinstance(reach, Unknown):
        return unknown(reach, where)
    evidence = seen(where, listed(console.listen) or "qemu.conf")
    if reach not in WIDE:
        return passed("CON-VNC-001", evidence)
    tls = _tls_of(subject, console)
    if isinstance(tls, Unknown):
        return unknown(tls, "qemu.conf vnc_tls")
    proof = seen("vnc_tls", tls)
    if not tls:
        return failed("CON-VNC-001", "open", evidence, proof, port=console.port)
    verified = flag(subject.host, "qemu.conf", "vnc_tls_x509_verify", False)
    if verified is True or flag_on(subject, "vnc_sasl"):
        return passed("CON-VNC-001", evidence, proof)
    return warned("CON-VNC-001", "tls-only", evidence, proof, port=console.port)


def asks_who(subject: MachineSubject) -> Outcome:
    """CON-VNC-002: somebody who reaches it must still prove who they are."""
    consoles = consoles_of(subject, ConsoleKind.VNC)
    if isinstance(consoles, Outcome):
        return consoles
    return worst([_authentication(subject, console) for console in consoles])


def _authentication(subject: MachineSubject, console: Console) -> Outcome:
    where = f"{GRAPHICS}[@type='vnc']/@passwd"
    if _behind_a_file(console) or (console.exposure is Exposure.OFF and not console.default_listen):
        return passed("CON-VNC-002", seen(f"{GRAPHICS}/listen", listed(console.listen) or "none"))
    if flag_on(subject, "vnc_sasl"):
        return passed("CON-VNC-002", seen("qemu.conf", "vnc_sasl=1"))
    if flag_on(subject, "vnc_tls") and flag_on(subject, "vnc_tls_x509_verify"):
        return passed("CON-VNC-002", seen("qemu.conf", "vnc_tls_x509_verify=1"))
    local = reach_of(subject, console) is Exposure.LOCAL
    if isinstance(console.password_set, Unknown):
        return unknown(console.password_set, where, Severity.LOW if local else None)
    evidence = seen(where, console.password_set)
    if console.password_set:
        return passed("CON-VNC-002", evidence)
    if local:
        return warned("CON-VNC-002", "local", evidence, port=console.port)
    return failed("CON-VNC-002", "nobody-asked", evidence, port=console.port)


def _behind_a_file(console: Console) -> bool:
    """It listens on UNIX sockets only: the file's mode says who comes in."""
    return bool(console.listen) and all(each.startswith("/") for each in console.listen)


def password_ends(subject: MachineSubject) -> Outcome:
    """CON-VNC-003: a console password has an end within 90 days."""
    consoles = subject.machine.consoles
    if isinstance(consoles, Unknown):
        return unknown(consoles, GRAPHICS)
    asking = [e for e in consoles if e.password_set is not False and not _behind_a_file(e)]
    if not asking:
        return not_applicable("no-password")
    return worst([_expiry(console, subject.now) for console in asking])


def _expiry(console: Console, now: datetime) -> Outcome:
    where = f"{GRAPHICS}/@passwdValidTo"
    if isinstance(console.password_set, Unknown) and not console.password_expires:
        return unknown(console.password_set, where, Severity.LOW)
    if not console.password_expires:
        return warned("CON-VNC-003", "never", seen(where, ""))
    evidence = seen(where, console.password_expires)
    try:
        end = datetime.fromisoformat(console.password_expires)
    except ValueError:
        return unknown(Unknown(Reason.UNREADABLE, console.password_expires[:40]), where)
    end = end if end.tzinfo else end.replace(tzinfo=UTC)
    if end - now > LONGEST_PASSWORD:
        return warned("CON-VNC-003", "long", evidence, days=(end - now).days)
    return passed("CON-VNC-003", evidence)


def share_policy(subject: MachineSubject) -> Outcome:
    """CON-VNC-005: nobody can watch unseen."""
    consoles = consoles_of(subject, ConsoleKind.VNC)
    if isinstance(consoles, Outcome):
        return consoles
    for console in consoles:
        evidence = seen(f"{GRAPHICS}/@sharePolicy", console.share_policy or "default")
        if console.share_policy == "ignore":
            return failed("CON-VNC-005", "ignore", evidence)
        if console.share_policy == "force-shared":
            return warned("CON-VNC-005", "shared", evidence)
    return passed("CON-VNC-005", seen(f"{GRAPHICS}/@sharePolicy", consoles[0].share_policy))


def web_socket(subject: MachineSubject) -> Outcome:
    """CON-VNC-006: the WebSocket door is shut, or at least not on the network."""
    consoles = consoles_of(subject, ConsoleKind.VNC)
    if isinstance(consoles, Outcome):
        return consoles
    doors = [console for console in consoles if console.websocket_port]
    for console in doors:
        port = console.websocket_port if console.websocket_port > 0 else "auto"
        evidence = seen(f"{GRAPHICS}/@websocket", port)
        reach = reach_of(subject, console)
        if isinstance(reach, Unknown):
            return unknown(reach, f"{GRAPHICS}/listen")
        case = "wide" if reach in WIDE else "local"
        verdict = failed if reach in WIDE else warned
        return verdict("CON-VNC-006", case, evidence, port=port)
    return passed("CON-VNC-006", seen(f"{GRAPHICS}/@websocket", "none"))


CHECKS = (
    ("CON-VNC-001", not_reachable),
    ("CON-VNC-002", asks_who),
    ("CON-VNC-003", password_ends),
    ("CON-VNC-005", share_policy),
    ("CON-VNC-006", web_socket),
)
