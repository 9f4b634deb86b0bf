"""Where preparation works, and what it remembers: never a path that came from outside.

The record says what we wrote and which directories of others we had to make, so that taking it
away leaves what was there and nothing of ours. It is written before anything it speaks of.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from core.hosts.helper.on_host.prepare_items import (
    RECORD_FILE,
    Preparation,
    WantedFile,
    checked_preparation,
    preparation_values,
)
from core.hosts.helper.on_host.values import Refused, is_list, is_object

MOST_READ_BYTES = 4 * 1024 * 1024
TOOL_DEADLINE_S = 20.0
RESTORECON_PLACES = ("/usr/sbin/restorecon", "/sbin/restorecon")
SELINUX_MOUNT = "/sys/fs/selinux/enforce"


class FoundFile(NamedTuple):
    """What lies at a path: a regular file that can be read, or something else."""

    body: bytes | None  # None: not there, or no file
    mode: int
    owner: str  # "uid:gid"
    there: bool


class DiskRecord(NamedTuple):
    """What we remember having done here."""

    wanted: Preparation | None
    files: dict[str, dict[str, str]]  # item -> path -> sha256
    made: list[str]  # directories of others
    waiting: dict[str, str]  # daemon -> the run of it that does not know of us yet


def real_path(root: Path, path: str) -> Path:
    return root / path.lstrip("/")


def found_at(root: Path, path: str) -> FoundFile:
    """Look without following a link: a link in our place is not our file."""
    place = real_path(root, path)
    try:
        handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return FoundFile(None, 0, "", False)
    except OSError:
        return FoundFile(None, 0, "", os.path.lexists(place))
    with os.fdopen(handle, "rb") as source:
        told = os.fstat(source.fileno())
        body = source.read(MOST_READ_BYTES) if stat.S_ISREG(told.st_mode) else None
        return FoundFile(body, stat.S_IMODE(told.st_mode), f"{told.st_uid}:{told.st_gid}", True)


def own_ids() -> str:
    """Everything is root's; who runs us is root, but in a test."""
    return f"{os.geteuid()}:{os.getegid()}"


def sha_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def write_whole(root: Path, wanted: WantedFile, like: os.stat_result | None = None) -> None:
    """Put a file in its place at once; `like`: keep the owner that the old one had."""
    place = real_path(root, wanted.path)
    fresh = fresh_of(place)
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(wanted.body)
        if like is not None:
            os.fchown(out.fileno(), like.st_uid, like.st_gid)
        os.fchmod(out.fileno(), wanted.mode)
        out.flush()
        os.fsync(out.fileno())
    if wanted.path.startswith("/etc/sudoers.d/"):
        check_sudoers(fresh)
    fresh.replace(place)
    sync_folder(place.parent)
    relabel(root, place)


def fresh_of(place: Path) -> Path:
    """A name that neither sudo, systemd nor libvirt takes for one of theirs."""
    return place.with_name(f".{place.name}.ringfence-new")


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_sudoers(file: Path) -> None:
    """A rule that sudo does not understand would lock everybody out.

    Raises:
        Refused: prepare-sudoers.
    """
    for program in ("/usr/sbin/visudo", "/usr/bin/visudo"):
        if os.access(program, os.X_OK):
            done = tool(program, "-c", "-q", "-f", str(file))
            if done is None or done.returncode:
                file.unlink(missing_ok=True)
                raise Refused("prepare-sudoers", done.stdout.strip()[:300] if done else "timeout")
            return
    file.unlink(missing_ok=True)
    raise Refused("prepare-sudoers", "visudo")


def tool(
    *words: str, deadline_s: float = TOOL_DEADLINE_S
) -> subprocess.CompletedProcess[str] | None:
    """Run a program of the system; None when it takes too long."""
    try:
        return subprocess.run(
            list(words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=deadline_s,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None


def relabel(root: Path, *places: Path) -> None:
    """Give files the label their place has; where SELinux is off there is none to give."""
    program = next((each for each in RESTORECON_PLACES if os.access(each, os.X_OK)), "")
    if root == Path("/") and program and Path(SELINUX_MOUNT).exists():
        tool(program, "-F", *(str(place) for place in places if os.path.lexists(place)))


# --- the record -------------------------------------------------------------------------------


def record_at(root: Path) -> DiskRecord:
    """What was remembered; an unreadable record is one that remembers nothing.

    Raises:
        Refused: prepare-record: something lies there that is no record of ours.
    """
    found = found_at(root, RECORD_FILE)
    if not found.there:
        return DiskRecord(None, {}, [], {})
    try:
        if found.body is None or found.owner.split(":")[0] != own_ids().split(":")[0]:
            raise ValueError("not ours")
        values: Any = json.loads(found.body)
        if not is_object(values) or values.get("format") != 1:
            raise ValueError("format")
        return DiskRecord(
            checked_preparation(values.get("wanted")),
            {str(item): _texts(paths) for item, paths in _object(values.get("files")).items()},
            [str(each) for each in values["made"]] if is_list(values.get("made")) else [],
            _texts(values.get("waiting")),
        )
    except (ValueError, RecursionError, Refused) as error:
        raise Refused("prepare-record", str(error)[:200]) from error


def keep_record(root: Path, record: DiskRecord) -> None:
    values = {
        "format": 1,
        "wanted": preparation_values(record.wanted) if record.wanted else None,
        "files": record.files,
        "made": record.made,
        "waiting": record.waiting,
    }
    body = json.dumps(values, indent=1, sort_keys=True).encode() + b"\n"
    write_whole(root, WantedFile(RECORD_FILE, 0o644, body))


def _object(value: object) -> dict[str, Any]:
    return value if is_object(value) else {}


def _texts(value: object) -> dict[str, str]:
    return {str(key): str(text) for key, text in _object(value).items()}
