"""Where evidence lies on its host until it is sealed and sent: one directory a collection.

A collection is begun once, belongs to one machine, and is removed whole. Names in it are from a
closed set; libvirt writes memory and disks there, so QEMU's group may pass through, nobody else.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.hosts.helper.on_host.files import put, remember_names, taken, utc_now
from core.hosts.helper.on_host.machines import pid_of
from core.hosts.helper.on_host.places import HERE, VAR
from core.hosts.helper.on_host.values import Refused, checked_uuid

OPENSSL_PLACES = ("/usr/bin/openssl", "/bin/openssl", "/usr/local/bin/openssl")
CERTIFICATE = re.compile(
    r"-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=]{1,76}\n){1,100}-----END CERTIFICATE-----\n"
)
EVIDENCE_NAME = re.compile(
    r"(memory\.(elf|save)|disk-[a-z]{2,4}[a-z0-9]{0,8}(\.[0-9]{1,2})?\.(qcow2|img)"
    r"|network\.txt|rules\.txt|host\.txt|machine\.log|journal\.log|audit\.log"
    r"|nvram\.fd|tpm\.tar|packets-[0-9]{1,2}\.pcap)"
)
UNFINISHED = ".partial"  # what libvirt still writes, or left when it failed
HASH_PIECE_BYTES = 4 * 1024 * 1024
EVIDENCE_TOOL_S = 60
SEALING = ("-encrypt", "-binary", "-stream", "-aes-256-gcm", "-outform", "DER")
CASE_CERTIFICATE, OWNER = ".case.pem", ".machine"


def begin_evidence(values: dict[str, Any]) -> dict[str, Any]:
    """Make the room for a collection and see that it can be sealed. Begun twice is begun once."""
    uuid, room = checked_uuid(values.get("uuid")), room_path(values)
    certificate = values.get("certificate")
    if not isinstance(certificate, str) or not CERTIFICATE.fullmatch(certificate):
        raise Refused("helper-value", "certificate")
    make_room(room, group_of(pid_of(uuid)))
    put(room / OWNER, uuid.encode())
    put(room / CASE_CERTIFICATE, certificate.encode())
    program = openssl()
    try_sealing(program, room / CASE_CERTIFICATE)
    about = os.statvfs(room)
    version = evidence_tool([program, "version"])[0].decode("utf-8", "replace").strip()
    return {"free": about.f_bavail * about.f_frsize, "openssl": version[:100], "at": utc_now()}


def read_evidence(values: dict[str, Any]) -> dict[str, Any]:
    """Which files lie in a collection, and how large they are by now."""
    checked_uuid(values.get("uuid"))
    room = room_path(values)
    names = sorted(file.name for file in room.iterdir()) if room.is_dir() else []
    found = [name for name in names if EVIDENCE_NAME.fullmatch(name.removesuffix(UNFINISHED))]
    files = [{"name": name, "bytes": evidence_bytes(room / name)} for name in found]
    try:
        about = os.statvfs(room)
    except OSError as error:
        raise Refused("evidence-gone", str(error)[:500]) from error
    return {"files": files, "free": about.f_bavail * about.f_frsize}


def drop_evidence(values: dict[str, Any]) -> dict[str, Any]:
    """Delete one file, or with an empty name the whole collection; what is gone stays gone."""
    checked_uuid(values.get("uuid"))
    room, name = room_path(values), values.get("name")
    gone: list[str] = []
    if name == "":
        if room.is_dir():
            gone = [each["name"] for each in read_evidence(values)["files"]]
            shutil.rmtree(room)
        with suppress(OSError):  # another collection is there, or there never was one
            room.parent.rmdir()
            if not HERE.program.exists():  # nothing stays on a host that was not prepared
                HERE.evidence.rmdir()
                VAR.rmdir()
    else:
        file = room / dropped_name(name)
        if file.is_symlink() or file.exists():
            file.unlink()
            remember_names(room)
            gone = [file.name]
    return {"gone": gone, "at": utc_now()}


def room_path(values: dict[str, Any], root: Path | None = None) -> Path:
    case, collection = checked_uuid(values.get("case")), checked_uuid(values.get("collection"))
    return (HERE.evidence if root is None else root) / case / collection


def owned_room(values: dict[str, Any]) -> tuple[str, Path]:
    """The machine and its collection's room, which was begun for it."""
    uuid, room = checked_uuid(values.get("uuid")), room_path(values)
    try:
        owner = taken(room / OWNER, 64).decode("ascii", "replace")
    except Refused as refused:
        raise Refused("evidence-gone", refused.detail) from refused
    if owner != uuid:
        raise Refused("helper-value", "collection")
    return uuid, room


def evidence_name(value: object) -> str:
    if not isinstance(value, str) or not EVIDENCE_NAME.fullmatch(value):
        raise Refused("helper-value", "evidence name")
    return value


def dropped_name(value: object) -> str:
    if isinstance(value, str) and value.endswith(UNFINISHED):
        return evidence_name(value[: -len(UNFINISHED)]) + UNFINISHED
    return evidence_name(value)


def make_room(room: Path, group: int) -> None:
    """Who only passes through can list nothing; what lies in it is root's alone."""
    root = room.parents[1]
    root.mkdir(mode=0o711, parents=True, exist_ok=True)
    for folder in (root.parent, root, room.parent, room):
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise Refused("helper-system", f"{folder}: not ours")
        if group and folder in (root.parent, root):
            folder.chmod(stat.S_IMODE(found.st_mode) | 0o011)
        elif group:
            os.chown(folder, -1, group)
            folder.chmod(0o710)


def group_of(pid: int) -> int:
    """As which group the machine's process opens files; 0 is root's, which may anyway."""
    try:
        lines = Path("/proc", str(pid), "status").read_text().splitlines() if pid else []
    except OSError:
        return 0
    line = next((line for line in lines if line.startswith("Gid:")), "")
    words = line.split()
    return int(words[2]) if len(words) > 2 and words[2].isdigit() else 0


def evidence_bytes(file: Path) -> int:
    """How large a file or a whole block device is."""
    try:
        with file.open("rb") as source:
            return source.seek(0, os.SEEK_END)
    except OSError:
        return 0


def file_entry(file: Path, method: str, started_at: str) -> dict[str, Any]:
    """What is said of one file that was taken: hashed here, before it leaves."""
    whole = hashlib.sha256()
    size = 0
    try:
        with file.open("rb") as source:
            while piece := source.read(HASH_PIECE_BYTES):
                whole.update(piece)
                size += len(piece)
    except OSError as error:
        raise Refused("evidence-gone", str(error)[:500]) from error
    return {
        "name": file.name,
        "bytes": size,
        "sha256": whole.hexdigest(),
        "method": method,
        "started_at": started_at,
        "ended_at": utc_now(),
    }


def openssl() -> str:
    found = next((place for place in OPENSSL_PLACES if os.access(place, os.X_OK)), "")
    if not found:
        raise Refused("evidence-no-openssl", "openssl")
    return found


def sealing_words(program: str, certificate: Path) -> list[str]:
    oaep = ["-recip", str(certificate), "-keyopt", "rsa_padding_mode:oaep"]
    return [program, "cms", *SEALING, *oaep]


def try_sealing(program: str, certificate: Path) -> None:
    """An openssl before 3.0 has no authenticated encryption of this kind: said before, not after
    the memory was written."""
    _, problem = evidence_tool(sealing_words(program, certificate), feed=b"probe")
    if problem:
        raise Refused("evidence-no-openssl", problem)


def evidence_tool(
    words: list[str], feed: bytes = b"", most_bytes: int = 16 * 1024 * 1024
) -> tuple[bytes, str]:
    """Run a constant command; what it said, cut, and what went wrong, "" when nothing."""
    try:
        done = subprocess.run(
            words,
            input=feed,
            capture_output=True,
            timeout=EVIDENCE_TOOL_S,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return b"", str(error)[:300]
    problem = done.stderr.decode("utf-8", "replace").strip()[:300] if done.returncode else ""
    return done.stdout[-most_bytes:], problem or ("failed" if done.returncode else "")
