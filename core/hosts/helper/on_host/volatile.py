"""What a host knows of a machine's network at this moment, and will not know for long."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from core.hosts.helper.on_host.files import utc_now
from core.hosts.helper.on_host.machines import NET, Machine, machine_of, master_of
from core.hosts.helper.on_host.rules import NFT_PLACES
from core.hosts.helper.on_host.sockets import inodes_of, table_lines
from core.hosts.helper.on_host.values import checked_macs, checked_uuid

VOLATILE_S = 2.0
MAX_SECTION_BYTES = 256 * 1024
MAX_FLOWS_BYTES = 8 * 1024 * 1024
IP_PLACES = ("/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip")
LEASES = ("/var/lib/libvirt/dnsmasq", "*.status")
RULES_PROGRAMS = (
    *((place, ("-a", "list", "ruleset")) for place in NFT_PLACES),
    ("/usr/sbin/iptables-save", ()),
)
FLOWS = Path("/proc/net/nf_conntrack")


class Gathering(NamedTuple):
    machine: Machine
    macs: tuple[str, ...]
    until: float

    @property
    def left_s(self) -> float:
        return self.until - time.monotonic()


def read_volatile(values: dict[str, Any]) -> dict[str, Any]:
    begun = time.monotonic()
    uuid, asked = checked_uuid(values.get("uuid")), checked_macs(values.get("macs"))
    machine = machine_of(uuid)
    macs = tuple(dict.fromkeys([*asked, *(card.mac for card in machine.cards if card.mac)]))
    given = Gathering(machine, macs, begun + VOLATILE_S)
    sections = [section_of(name, read, given) for name, read in SECTIONS.items()]
    return {"at": utc_now(), "took_s": time.monotonic() - begun, "sections": sections}


def section_of(name: str, read: Callable[[Gathering], str], given: Gathering) -> dict[str, Any]:
    text, missing = "", ""
    if given.left_s <= 0:
        missing = "no time was left"
    else:
        try:
            text = read(given)
        except (OSError, subprocess.SubprocessError) as error:
            missing = str(error)[:500]
    body = text.encode("utf-8", "replace")
    kept = body[:MAX_SECTION_BYTES].decode("utf-8", "ignore")
    return {
        "name": name,
        "text": kept,
        "missing": missing,
        "cut_short": len(body) > len(kept.encode()),
    }


def process_text(given: Gathering) -> str:
    if not given.machine.pid:
        raise FileNotFoundError("it does not run")
    place = Path("/proc", str(given.machine.pid))
    words = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    return "\n".join([words, (place / "status").read_text(), (place / "limits").read_text()])


def sockets_text(given: Gathering) -> str:
    if not given.machine.pid:
        raise FileNotFoundError("it does not run")
    own = inodes_of(given.machine.pid)
    lines: list[str] = []
    for name in ("tcp", "tcp6", "udp", "udp6", "unix"):
        found = table_lines(given.machine.pid, name)
        lines += [f"{name} {line.strip()}" for line in found if own & set(line.split())]
    return "\n".join(lines)


def neighbours_text(given: Gathering) -> str:
    program = next((place for place in IP_PLACES if os.access(place, os.X_OK)), "")
    if not program:
        raise FileNotFoundError("ip")
    done = subprocess.run(
        [program, "-o", "neigh", "show"],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=max(0.1, given.left_s / 2),
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
        check=False,
    )
    return "\n".join(line for line in done.stdout.splitlines() if names_any(line, given.macs))


def names_any(line: str, macs: tuple[str, ...]) -> bool:
    lower = line.lower()
    return any(mac in lower for mac in macs)


def addresses_of(given: Gathering) -> frozenset[str]:
    return frozenset(line.split()[0] for line in neighbours_text(given).splitlines() if line)


def flows_text(given: Gathering) -> str:
    """The host's own record of the guest's flows: of the addresses it is known by."""
    addresses = addresses_of(given)
    words = {f"{end}={address}" for end in ("src", "dst") for address in addresses}
    with FLOWS.open("rb") as source:
        lines = source.read(MAX_FLOWS_BYTES).decode("utf-8", "replace").splitlines()
    return "\n".join(line for line in lines if words & set(line.split()))


def bridge_text(given: Gathering) -> str:
    """What the bridges learned on its taps' ports: entries of 16 bytes, address first."""
    lines: list[str] = []
    for card in given.machine.cards:
        bridge = master_of(card.device)
        if bridge:
            port = int((NET / card.device / "brport/port_no").read_text(), 16)
            with (NET / bridge / "brforward").open("rb") as source:
                body = source.read(MAX_SECTION_BYTES)
            entries = (body[at : at + 16] for at in range(0, len(body) - 15, 16))
            learned = (each[:6].hex(":") for each in entries if each[6] | each[12] << 8 == port)
            lines += [f"{bridge} {card.device} {mac}" for mac in learned]
    return "\n".join(lines)


def cards_text(given: Gathering) -> str:
    lines: list[str] = []
    for card in given.machine.cards:
        counters = sorted((NET / card.device / "statistics").iterdir())
        told = " ".join(f"{file.name}={file.read_text().strip()}" for file in counters)
        lines.append(f"{card.device} number={card.number} mac={card.mac} {told}")
    return "\n".join(lines)


def leases_text(given: Gathering) -> str:
    room, pattern = LEASES
    found: list[str] = []
    for file in sorted(Path(room).glob(pattern)):
        with file.open("rb") as source:
            text = source.read(MAX_SECTION_BYTES).decode("utf-8", "replace")
        if names_any(text, given.macs):
            found.append(f"{file.name}\n{text}")
    return "\n".join(found)


def rules_text(given: Gathering) -> str:
    """Every rule the host has now: what stood before a barrier did."""
    for place, words in RULES_PROGRAMS:
        if os.access(place, os.X_OK):
            done = subprocess.run(
                [place, *words],
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=max(0.1, given.left_s),
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
                check=False,
            )
            if not done.returncode:
                return f"{' '.join((place, *words))}\n{done.stdout}"
    raise FileNotFoundError("nft")


SECTIONS: dict[str, Callable[[Gathering], str]] = {
    "process": process_text,
    "sockets": sockets_text,
    "neighbours": neighbours_text,
    "flows": flows_text,
    "bridge": bridge_text,
    "cards": cards_text,
    "leases": leases_text,
    "rules": rules_text,
}
