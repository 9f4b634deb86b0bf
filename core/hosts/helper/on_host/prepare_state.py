"""What lies on this host of an item, beside what should: read, compared, told line by line.

ours      as we would write it now
outdated  as we wrote it, for another version of us or other wishes
missing   we wrote it and it is gone
drifted   ours, changed by somebody: content, mode or owner
foreign   in our place, and we never wrote it
absent    not there, and we never wrote it
loading   the host is about to bring it, or to take it away: ask again
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, NamedTuple

from core.hosts.helper.on_host.prepare_disk import DiskRecord, FoundFile, found_at, own_ids, sha_of
from core.hosts.helper.on_host.prepare_items import (
    FOLDERS,
    OPERATORS_FOLDER,
    OPERATORS_ITEM,
    OWN_FOLDERS,
    PORTS_BEGIN,
    PORTS_BLOCK,
    PORTS_END,
    PORTS_ITEM,
    PROGRAM_FILE,
    QEMU_CONF,
    Preparation,
    WantedFile,
    wanted_files,
)

OURS, OUTDATED, MISSING, DRIFTED = "ours", "outdated", "missing", "drifted"
FOREIGN, ABSENT, LOADING = "foreign", "absent", "loading"
# The one that decides over several places of one item comes first.
STATES_BY_WEIGHT = (FOREIGN, LOADING, DRIFTED, MISSING, OUTDATED, ABSENT, OURS)
MOST_DIFFERENCE_LINES = 120
MOST_LINE = 200


class PlaceSeen(NamedTuple):
    """One path of an item. A folder's and a block's content is what we care for in it."""

    path: str
    state: str
    mode: str
    owner: str
    wanted: bytes | None  # None: should not be there
    found: bytes | None

    def as_values(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "state": self.state,
            "mode": self.mode,
            "owner": self.owner,
            "wanted_sha256": sha_of(self.wanted) if self.wanted is not None else "",
            "found_sha256": sha_of(self.found) if self.found is not None else "",
        }


def places_of(
    root: Path, item: str, wanted: Preparation, program: bytes, record: DiskRecord
) -> tuple[PlaceSeen, ...]:
    if item == FOLDERS:
        return tuple(_folder(root, path, mode, record) for path, mode in OWN_FOLDERS)
    if item == PORTS_ITEM:
        return (_ports(root, record),)
    known = record.files.get(item, {})
    files = wanted_files(item, wanted, program)
    seen = [_file(root, each, known.get(each.path, "")) for each in files]
    paths = {each.path for each in files}
    extra = [path for path in known if path not in paths]
    if item == OPERATORS_ITEM:
        folder = root / OPERATORS_FOLDER.lstrip("/")
        keys = sorted(folder.glob("*.pub")) if folder.is_dir() else []
        extra += [f"{OPERATORS_FOLDER}/{key.name}" for key in keys]
    unwanted = [path for path in dict.fromkeys(extra) if path not in paths]
    return (*seen, *(_unwanted(root, path, known) for path in unwanted))


def state_over(places: tuple[PlaceSeen, ...]) -> str:
    states = {place.state for place in places}
    if states == {OURS, ABSENT}:
        return OUTDATED  # some of it is still to be written
    return next((state for state in STATES_BY_WEIGHT if state in states), OURS)


def _file(root: Path, wanted: WantedFile, known: str) -> PlaceSeen:
    found = found_at(root, wanted.path)
    mode, owner = f"{found.mode:04o}", found.owner
    if not found.there:
        state = MISSING if known else ABSENT
        return PlaceSeen(wanted.path, state, "", "", wanted.body, None)
    plain = found.body is not None and found.mode == wanted.mode and owner == own_ids()
    if plain and found.body == wanted.body:
        state = OURS
    elif plain and known and sha_of(found.body or b"") == known:
        state = OUTDATED
    else:
        state = DRIFTED if known or found.body == wanted.body else FOREIGN
    return PlaceSeen(wanted.path, state, mode, owner, wanted.body, found.body)


def _unwanted(root: Path, path: str, known: dict[str, str]) -> PlaceSeen:
    """A key that is not, or no longer, an operator's."""
    found = found_at(root, path)
    if not found.there:
        return PlaceSeen(path, OURS, "", "", None, None)
    same = found.body is not None and sha_of(found.body) == known.get(path)
    state = OUTDATED if same else DRIFTED
    return PlaceSeen(path, state, f"{found.mode:04o}", found.owner, None, found.body)


def _folder(root: Path, path: str, mode: int, record: DiskRecord) -> PlaceSeen:
    place = root / path.lstrip("/")
    if not place.is_dir() or place.is_symlink():
        there = place.exists() or place.is_symlink()
        gone = MISSING if FOLDERS in record.files else ABSENT
        return PlaceSeen(path, FOREIGN if there else gone, "", "", b"", None)
    told = place.stat()
    found, owner = told.st_mode & 0o7777, f"{told.st_uid}:{told.st_gid}"
    same = found == mode and owner == own_ids()
    return PlaceSeen(path, OURS if same else DRIFTED, f"{found:04o}", owner, b"", b"")


def _ports(root: Path, record: DiskRecord) -> PlaceSeen:
    found = found_at(root, QEMU_CONF)
    mode = f"{found.mode:04o}" if found.there else ""
    block = ports_block(found)
    wanted = PORTS_BLOCK.encode()
    if found.there and found.body is None:
        return PlaceSeen(QEMU_CONF, FOREIGN, mode, found.owner, wanted, None)
    if block is None:
        state = MISSING if PORTS_ITEM in record.files else ABSENT
    elif block == wanted and (found.body or b"").startswith(wanted):
        state = OURS
    else:
        state = DRIFTED
    return PlaceSeen(QEMU_CONF, state, mode, found.owner, wanted, block)


def ports_block(found: FoundFile) -> bytes | None:
    """Our lines in qemu.conf, from mark to mark; to its end where the second is gone."""
    body = found.body or b""
    begin = body.find(PORTS_BEGIN.encode())
    if begin < 0:
        return None
    end = body.find(PORTS_END.encode(), begin)
    return body[begin : end + len(PORTS_END)] if end >= 0 else body[begin:]


def difference_of(places: tuple[PlaceSeen, ...], modes: dict[str, int]) -> list[str]:
    """What writing the item would change, as lines that begin with @, +, - or a space."""
    lines: list[str] = []
    for place in places:
        if place.state == OURS:
            continue
        mode = f"{modes[place.path]:04o} root:root" if place.path in modes else ""
        was = f" ({place.mode} {place.owner})" if place.mode else ""
        lines.append(f"@ {place.path} {mode}{was}".rstrip())
        if place.path == PROGRAM_FILE:
            lines += [*_sum_line("-", place.found), *_sum_line("+", place.wanted)]
        else:
            lines += _text_lines(place.found, place.wanted)
    shown = [line[:MOST_LINE] for line in lines[:MOST_DIFFERENCE_LINES]]
    return [*shown, "@ ..."] if len(lines) > len(shown) else shown


def _sum_line(sign: str, body: bytes | None) -> list[str]:
    return [] if body is None else [f"{sign}{len(body)} bytes, sha256 {sha_of(body)}"]


def _text_lines(found: bytes | None, wanted: bytes | None) -> list[str]:
    old, new = ((body or b"").decode("utf-8", "replace").splitlines() for body in (found, wanted))
    if found is None or wanted is None:
        return [f"-{line}" for line in old] + [f"+{line}" for line in new]
    return list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
