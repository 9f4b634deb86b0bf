"""SPICE, serial lines, and what crosses between a console and its viewer."""

from core.facts import Console, ConsoleKind, Device, Exposure, Unknown
from core.posture.checks.console_vnc import GRAPHICS, WIDE, consoles_of, flag_on, reach_of
from core.posture.model import Outcome
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
from core.posture.reading import flag
from core.posture.subject import MachineSubject

_NET = frozenset({"tcp", "udp"})


def spice_guarded(subject: MachineSubject) -> Outcome:
    """CON-SPICE-001: SPICE is local, or TLS is demanded; tickets are not judged here."""
    consoles = consoles_of(subject, ConsoleKind.SPICE)
    if isinstance(consoles, Outcome):
        return consoles
    return worst([_spice(subject, console) for console in consoles])


def _spice(subject: MachineSubject, console: Console) -> Outcome:
    where = f"{GRAPHICS}[@type='spice']"
    reach = reach_of(subject, console)
    if isinstance(reach, Unknown):
        return unknown(reach, f"{where}/listen")
    evidence = seen(f"{where}/listen", listed(console.listen) or "qemu.conf")
    if reach not in WIDE:
        return passed("CON-SPICE-001", evidence)
    if console.tls is True:
        return passed("CON-SPICE-001", evidence, seen(f"{where}/@defaultMode", "secure"))
    offered = flag(subject.host, "qemu.conf", "spice_tls", False)
    if isinstance(offered, Unknown) and isinstance(console.tls, Unknown):
        return unknown(offered, "qemu.conf spice_tls")
    if offered is True or console.tls_port > 0:
        return warned("CON-SPICE-001", "clear-allowed", evidence, port=console.port)
    return failed("CON-SPICE-001", "open", evidence, port=console.port)


def serial_not_on_network(subject: MachineSubject) -> Outcome:
    """CON-SER-001: no serial line or channel answers on the network in clear text."""
    consoles, devices = subject.machine.consoles, subject.machine.devices
    if isinstance(consoles, Unknown):
        return unknown(consoles, "/domain/devices/serial")
    if isinstance(devices, Unknown):
        return unknown(devices, "/domain/devices/channel")
    lines = [_serial(subject, c) for c in consoles if c.kind is ConsoleKind.SERIAL]
    lines += [_channel(each) for each in devices if each.kind == "channel" and each.type in _NET]
    return worst(lines) if lines else passed("CON-SER-001", seen("/domain/devices/serial", "none"))


def _serial(subject: MachineSubject, console: Console) -> Outcome:
    where = "/domain/devices/serial/source"
    evidence = seen(where, f"{console.back_end} {listed(console.listen)}".strip())
    if console.back_end not in _NET or console.exposure is Exposure.OFF:
        return passed("CON-SER-001", evidence)
    if console.back_end == "tcp" and _encrypted(subject, console):
        return passed("CON-SER-001", evidence)
    if console.exposure is Exposure.LOCAL:
        return warned("CON-SER-001", "loopback", evidence, port=console.port)
    return failed("CON-SER-001", "network", evidence, port=console.port)


def _encrypted(subject: MachineSubject, console: Console) -> bool:
    """The host's default counts only where the line itself says nothing."""
    if isinstance(console.tls, Unknown):
        return flag_on(subject, "chardev_tls")
    return console.tls


def _channel(channel: Device) -> Outcome:
    address = f"{channel['source.host']}:{channel['source.service']}"
    evidence = seen("/domain/devices/channel/source", f"{channel.type} {address}")
    if channel["source.mode"] != "bind" or channel["source.tls"] == "yes":
        return passed("CON-SER-001", evidence)
    if channel["source.host"] in {"127.0.0.1", "::1", "localhost"}:
        return warned("CON-SER-001", "loopback", evidence, port=channel["source.service"])
    return failed("CON-SER-001", "network", evidence, port=channel["source.service"])


def clipboard_shut(subject: MachineSubject) -> Outcome:
    """CON-CLIP-001: nothing is copied between the guest and the viewer's desktop."""
    consoles, devices = subject.machine.consoles, subject.machine.devices
    if isinstance(consoles, Unknown):
        return unknown(consoles, GRAPHICS)
    if isinstance(devices, Unknown):
        return unknown(devices, "/domain/devices/channel")
    screens = [each for each in consoles if each.kind is not ConsoleKind.SERIAL]
    if not screens:
        return not_applicable("no-console")
    ways = [f"{each.kind.value} {name}" for each in screens for name in _crossings(each)]
    ways += [
        "qemu-vdagent clipboard"
        for each in devices
        if each.type == "qemu-vdagent" and each["source.clipboard.copypaste"] == "yes"
    ]
    evidence = seen(f"{GRAPHICS}/clipboard", listed(ways) or "no")
    if not ways:
        return passed("CON-CLIP-001", evidence)
    say = failed if subject.confidential else warned
    return say("CON-CLIP-001", "open", evidence, ways=listed(ways))


def _crossings(console: Console) -> list[str]:
    found = ["clipboard"] if console.clipboard else []
    return [*found, "files"] if console.file_transfer else found


CHECKS = (
    ("CON-SPICE-001", spice_guarded),
    ("CON-SER-001", serial_not_on_network),
    ("CON-CLIP-001", clipboard_shut),
)
