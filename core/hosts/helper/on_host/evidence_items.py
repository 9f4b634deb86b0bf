"""What is taken on the host itself: closed kinds, constant commands, places libvirt keeps.

Each kind writes files of closed names into its collection's room and hashes them; what cannot be
had is named with the reason, never left out quietly.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import socket
import stat
import struct
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.hosts.helper.on_host.evidence_disks import Found, domain_of, stopped_disks
from core.hosts.helper.on_host.evidence_room import (
    UNFINISHED,
    evidence_tool,
    file_entry,
    owned_room,
)
from core.hosts.helper.on_host.files import remember_names, utc_now
from core.hosts.helper.on_host.machines import machine_of
from core.hosts.helper.on_host.ring import RING_FILES, ring_room
from core.hosts.helper.on_host.rules import NFT_PLACES
from core.hosts.helper.on_host.values import Refused
from core.hosts.helper.on_host.watch import collected_watch

NVRAM_ROOT = Path("/var/lib/libvirt")
TPM_ROOT = Path("/var/lib/libvirt/swtpm")
SAVE_ROOT = Path("/var/lib/libvirt/qemu/save")
LOG_ROOT = Path("/var/log/libvirt/qemu")
AUDIT_LOG = Path("/var/log/audit/audit.log")
MOST_LOG_BYTES = 16 * 1024 * 1024
MOST_NVRAM_BYTES = 64 * 1024 * 1024
MOST_TABLE_BYTES = 16 * 1024 * 1024
CAPTURE_SECONDS = 5.0
CAPTURE_BYTES = 8 * 1024 * 1024
SNAP_BYTES = 65_535
ALL_PROTOCOLS = 3  # ETH_P_ALL
SAFE_FILE = re.compile(r"[A-Za-z0-9_.+-][A-Za-z0-9_.+ -]{0,200}")
LOG_UNITS = ("libvirtd", "virtqemud", "virtlogd", "virtnetworkd", "virtstoraged", "ringfence*")

NETWORK_COMMANDS = (
    ("/usr/sbin/conntrack", "-L", "-o", "extended"),
    ("/sbin/ip", "-s", "-d", "link", "show"),
    ("/sbin/ip", "address", "show"),
    ("/sbin/ip", "neighbour", "show"),
    ("/sbin/ip", "route", "show", "table", "all"),
    ("/sbin/ip", "-6", "route", "show", "table", "all"),
    ("/sbin/bridge", "fdb", "show"),
    ("/sbin/bridge", "vlan", "show"),
    ("/bin/ss", "-tunap"),
)
NETWORK_FILES = ("/proc/net/nf_conntrack", "/proc/net/arp", "/proc/net/dev")
HOST_COMMANDS = (
    ("/bin/uname", "-a"),
    ("/bin/date", "-u", "+%Y-%m-%dT%H:%M:%S.%NZ"),
    ("/usr/bin/timedatectl", "show"),
    ("/usr/bin/chronyc", "-n", "tracking"),
    ("/usr/sbin/libvirtd", "--version"),
    ("/usr/sbin/virtqemud", "--version"),
    ("/usr/bin/qemu-system-x86_64", "--version"),
    ("/sbin/sysctl", "-a"),
    ("/bin/lsmod",),
)
HOST_FILES = ("/etc/os-release", "/proc/cmdline", "/proc/uptime", "/proc/modules")


def collect_evidence(values: dict[str, Any]) -> dict[str, Any]:
    uuid, room = owned_room(values)
    kind = values.get("kind")
    collect = COLLECTORS.get(kind) if isinstance(kind, str) else None
    if collect is None:
        raise Refused("helper-value", "evidence kind")
    started_at = utc_now()
    before = os.umask(0o077)
    try:
        found = collect(uuid, room)
    finally:
        os.umask(before)
    entries = [file_entry(room / name, method, started_at) for name, method in found.files]
    empty = [entry["name"] for entry in entries if not entry["bytes"]]
    for name in empty:  # nothing to seal: that it is empty is all there is to know
        (room / name).unlink()
    files = [entry for entry in entries if entry["bytes"]]
    return {"files": files, "missing": [*found.missing, *(f"{name}: empty" for name in empty)]}


# --- what libvirt wrote -------------------------------------------------------------------------


def written_memory(_uuid: str, room: Path) -> Found:
    """The station says by asking that libvirt has finished: only then it gets its name."""
    finished(room / "memory.elf")
    return Found((("memory.elf", "written by libvirt, hashed on the host"),))


def finished(file: Path) -> None:
    unfinished = file.with_name(file.name + UNFINISHED)
    if unfinished.exists():
        unfinished.replace(file)
        remember_names(file.parent)


def written_disks(_uuid: str, room: Path) -> Found:
    for file in room.glob(f"disk-*.qcow2{UNFINISHED}"):
        finished(file.with_name(file.name[: -len(UNFINISHED)]))
    names = sorted(file.name for file in room.glob("disk-*.qcow2"))
    return Found(tuple((name, "written by QEMU, hashed on the host") for name in names))


def saved_memory(uuid: str, room: Path, root: Path = SAVE_ROOT) -> Found:
    """The memory of a machine that libvirt put to sleep, read as it lies: a link stands here."""
    if machine_of(uuid).pid:
        raise Refused("helper-machine-moved")
    name = domain_of(uuid).findtext("name") or ""
    path = root / f"{name}.save"
    good = name and Path(name).name == name and not name.startswith(".")
    if not good or not path.is_file() or path.is_symlink():
        return Found(missing=("memory: libvirt has no saved one",))
    link = room / "memory.save"
    link.unlink(missing_ok=True)
    link.symlink_to(path)
    return Found((("memory.save", f"{path}, read as it is"),))


# --- what the host knows ------------------------------------------------------------------------


def network_state(_uuid: str, room: Path) -> Found:
    return told(room / "network.txt", NETWORK_COMMANDS, NETWORK_FILES)


def host_state(_uuid: str, room: Path) -> Found:
    return told(room / "host.txt", HOST_COMMANDS, HOST_FILES)


def rule_sets(_uuid: str, room: Path) -> Found:
    nft = next((place for place in NFT_PLACES if os.access(place, os.X_OK)), NFT_PLACES[0])
    rules = ((nft, "-a", "list", "ruleset"), ("/usr/sbin/iptables-save",))
    return told(room / "rules.txt", (*rules, ("/usr/sbin/ebtables-save",)), ())


def told(file: Path, commands: tuple[tuple[str, ...], ...], files: tuple[str, ...]) -> Found:
    """One text: each command with what it printed, each file with what it holds."""
    used: list[str] = []
    with file.open("wb") as out:
        for words in commands:
            program = installed(words[0])
            if program:
                said, problem = evidence_tool([program, *words[1:]], most_bytes=MOST_TABLE_BYTES)
                used.append(" ".join(words))
                note = f"\n(failed: {problem})" if problem else ""
                out.write(f"== {' '.join(words)} at {utc_now()} ==\n".encode())
                out.write(said + note.encode() + b"\n")
        for name in files:
            if os.access(name, os.R_OK):
                used.append(name)
                out.write(f"== {name} at {utc_now()} ==\n".encode())
                with Path(name).open("rb") as source:
                    out.write(source.read(MOST_TABLE_BYTES) + b"\n")
    file.chmod(0o600)
    return Found(((file.name, "; ".join(used)),) if used else (), () if used else (file.name,))


def installed(place: str) -> str:
    """Distributions differ on sbin and bin; the program's name stays a constant of ours."""
    name = Path(place).name
    places = (place, f"/usr/sbin/{name}", f"/usr/bin/{name}", f"/sbin/{name}", f"/bin/{name}")
    return next((each for each in places if os.access(each, os.X_OK)), "")


def logs(uuid: str, room: Path) -> Found:
    """The machine's own log, a day of the daemons' journal, and the audit log's end."""
    name = domain_of(uuid).findtext("name") or ""
    files: list[tuple[str, str]] = []
    missing: list[str] = []
    own = LOG_ROOT / f"{name}.log"
    wanted = [("machine.log", own if SAFE_FILE.fullmatch(name) else None)]
    wanted.append(("audit.log", AUDIT_LOG))
    for kept, source in wanted:
        if source is not None and copied_end(source, room / kept):
            files.append((kept, f"the end of {source}"))
        else:
            missing.append(kept)
    units = [word for unit in LOG_UNITS for word in ("-u", unit)]
    program = installed("/usr/bin/journalctl")
    words = [program, "--no-pager", "--since", "-24h", "-o", "short-iso-precise", *units]
    said, problem = evidence_tool(words, most_bytes=MOST_LOG_BYTES) if program else (b"", "none")
    if problem:
        missing.append("journal.log")
    else:
        (room / "journal.log").write_bytes(said)
        files.append(("journal.log", "journalctl --since -24h of the daemons"))
    return Found(tuple(files), tuple(missing))


def copied_end(source: Path, target: Path) -> bool:
    try:
        handle = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    with os.fdopen(handle, "rb") as reading:
        found = os.fstat(reading.fileno())
        if not stat.S_ISREG(found.st_mode):
            return False
        reading.seek(max(0, found.st_size - MOST_LOG_BYTES))
        target.write_bytes(reading.read(MOST_LOG_BYTES))
    return True


def nvram(uuid: str, room: Path) -> Found:
    """The machine's own variables of its firmware, from where libvirt keeps them."""
    text = domain_of(uuid).findtext("os/nvram") or ""
    if not text:
        return Found(missing=("nvram: the machine has none",))
    try:
        path = Path(text).resolve(strict=True)
        size = path.stat().st_size
    except OSError:
        return Found(missing=("nvram: its file is not there",))
    if NVRAM_ROOT not in path.parents or not path.is_file() or size > MOST_NVRAM_BYTES:
        return Found(missing=("nvram: not where libvirt keeps it",))
    shutil.copyfile(path, room / "nvram.fd")
    return Found((("nvram.fd", f"copy of {path}"),))


def tpm(uuid: str, room: Path) -> Found:
    folder = TPM_ROOT / uuid
    if not folder.is_dir():
        return Found(missing=("tpm: the machine has no emulated one",))
    with tarfile.open(room / "tpm.tar", "w") as archive:
        archive.add(folder, arcname="swtpm", filter=only_plain_files)
    return Found((("tpm.tar", f"tar of {folder}"),))


def only_plain_files(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Only what has content: no link and no socket of it is wanted."""
    return member if member.isfile() or member.isdir() else None


def packets(uuid: str, room: Path) -> Found:
    """What still comes from the machine's cards: a guest that is cut goes on trying."""
    cards = machine_of(uuid).cards
    files: list[tuple[str, str]] = []
    listening: list[tuple[socket.socket, Path]] = []
    for place, card in enumerate(cards[:32]):
        ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS))
        ear.bind((card.device, 0))
        ear.setblocking(False)
        listening.append((ear, room / f"packets-{place}.pcap"))
        method = f"{CAPTURE_SECONDS:g} s on {card.device} {card.mac}"
        files.append((f"packets-{place}.pcap", method))
    captured(listening)
    files += kept_ring(uuid, room)
    files += collected_watch(uuid, room)
    return Found(tuple(files), () if files else ("packets: no card that could be heard",))


def kept_ring(uuid: str, room: Path) -> list[tuple[str, str]]:
    """The packets of a machine that was only observed, as its ring has them now."""
    found: list[tuple[str, str]] = []
    for place, name in enumerate(RING_FILES):
        source = ring_room(uuid) / name
        if source.is_file() and not source.is_symlink():
            shutil.copyfile(source, room / f"packets-{90 + place}.pcap")
            found.append((f"packets-{90 + place}.pcap", f"copy of {source}"))
    return found


def captured(listening: list[tuple[socket.socket, Path]]) -> None:
    """Hear all of them until the time is over or a card said too much."""
    outs = {ear: file.open("wb") for ear, file in listening}
    left = dict.fromkeys(outs, CAPTURE_BYTES)
    for out in outs.values():
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, SNAP_BYTES, 1))
    end = time.monotonic() + CAPTURE_SECONDS
    while left and (rest := end - time.monotonic()) > 0:
        for ear in select.select([*left], [], [], rest)[0]:
            try:
                frame = ear.recv(SNAP_BYTES)
            except OSError:  # the device went away
                left.pop(ear)
                continue
            now = time.time_ns()
            head = (now // 10**9, now // 1000 % 10**6, len(frame), len(frame))
            outs[ear].write(struct.pack("<IIII", *head) + frame)
            left[ear] -= len(frame)
            if left[ear] < 0:
                left.pop(ear)
    for ear, out in outs.items():
        ear.close()
        out.close()


Collector = Callable[[str, Path], Found]
COLLECTORS: dict[str, Collector] = {
    "memory": written_memory,
    "disks": written_disks,
    "stopped-disks": stopped_disks,
    "saved": saved_memory,
    "network": network_state,
    "host": host_state,
    "rules": rule_sets,
    "logs": logs,
    "nvram": nvram,
    "tpm": tpm,
    "packets": packets,
}
