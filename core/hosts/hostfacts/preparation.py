"""The files that we put on a host, judged against what we would write, from what its shell told.

The record that the host keeps says with which data it was prepared; what the files must be is
rendered here. A record that was altered to fit altered files is found by that.
"""

from typing import NamedTuple

import msgspec
from msgspec import structs

from core.facts import HostPreparation, PreparedItem, Reason, Unknown
from core.hosts.helper.on_host.prepare_disk import sha_of
from core.hosts.helper.on_host.prepare_items import (
    FOLDERS,
    OPERATORS_FOLDER,
    OWN_FOLDERS,
    PORTS_BLOCK,
    PORTS_ITEM,
    PROGRAM_ITEM,
    QEMU_CONF,
    RECORD_FILE,
    SELINUX_ITEM,
    Preparation,
    checked_preparation,
    program_file,
    wanted_files,
    wanted_items,
)
from core.hosts.helper.on_host.prepare_policy import OWN_LABELS
from core.hosts.helper.on_host.prepare_selinux import type_of
from core.hosts.helper.on_host.prepare_sight import INTERPRETERS
from core.hosts.helper.on_host.values import Refused
from core.hosts.helper.one_file import one_file
from core.hosts.hostfacts import kernel
from core.hosts.hostfacts.sections import Sections, text_of

OURS, OUTDATED, MISSING, DRIFTED, HIDDEN = "ours", "outdated", "missing", "drifted", "unknown"
RECORD_ITEM = "record"
ROOT = "0:0"
SELINUX_ON = frozenset({"enforcing", "permissive"})


class Told(NamedTuple):
    """One line: sum of a file ("?": it is hidden), mode, owner, f for a plain file, d for a
    directory."""

    sha256: str
    mode: int
    owner: str
    kind: str


class _Record(msgspec.Struct):
    format: int
    wanted: object
    files: dict[str, dict[str, str]]


def preparation(sections: Sections) -> HostPreparation | Unknown:
    """How the host is prepared."""
    listing, record = text_of(sections, "ringfence"), text_of(sections, RECORD_FILE)
    if isinstance(listing, Unknown):
        return listing
    told = dict(_lines(listing))
    if isinstance(record, Unknown):
        if record.reason is not Reason.NOT_SUPPORTED:
            return record
        left = tuple(PreparedItem(RECORD_ITEM, DRIFTED, path) for path in sorted(told)[:20])
        return HostPreparation(False, left)
    try:
        found = msgspec.json.decode(record, type=_Record)
        wanted = checked_preparation(found.wanted)
    except (msgspec.DecodeError, Refused):
        return HostPreparation(True, (PreparedItem(RECORD_ITEM, DRIFTED, RECORD_FILE),))
    selinux = kernel.selinux(sections) in SELINUX_ON
    items = tuple(
        each
        for item in wanted_items(wanted, selinux or SELINUX_ITEM in found.files)
        for each in _places(item, wanted, told, found.files.get(item, {}), sections)
    )
    if any(each.item == PROGRAM_ITEM and each.state == OURS for each in items):
        items = tuple(_of_this_version(each) for each in items)
    if selinux:
        labels = dict(_labels(listing))
        items = tuple(_as_labelled(each, labels) for each in items)
    operators = tuple(f"{name} {key[:16]}" for name, key in wanted.operators)
    keeping = "keep" in told
    return HostPreparation(True, items, operators, wanted.two_people, keeping)


def _of_this_version(item: PreparedItem) -> PreparedItem:
    """Beside a program of this version nothing can be of another."""
    return structs.replace(item, state=DRIFTED) if item.state == OUTDATED else item


def _lines(listing: str) -> list[tuple[str, Told]]:
    found: list[tuple[str, Told]] = []
    for line in listing.splitlines():
        words = line.split(" ", 4)
        if line == "keep":
            found.append(("keep", Told("", 0, "", "")))
        elif len(words) == 5 and words[1].isdigit() and set(words[1]) <= set("01234567"):
            found.append((words[4], Told(words[0], int(words[1], 8), words[2], words[3])))
    return found


def _labels(listing: str) -> list[tuple[str, str]]:
    lines = (line.split(" ", 2) for line in listing.splitlines())
    return [(words[2], words[1]) for words in lines if len(words) == 3 and words[0] == "label"]


def _as_labelled(item: PreparedItem, labels: dict[str, str]) -> PreparedItem:
    """With another label libvirt may not run a hook, or a hook may not read the holds."""
    wanted = OWN_LABELS.get(item.path)
    if wanted is None or item.state != OURS:
        return item
    if item.path not in labels:
        return structs.replace(item, state=HIDDEN)
    return item if type_of(labels[item.path]) == wanted else structs.replace(item, state=DRIFTED)


def _places(
    item: str,
    wanted: Preparation,
    told: dict[str, Told],
    recorded: dict[str, str],
    sections: Sections,
) -> list[PreparedItem]:
    if item == FOLDERS:
        return [
            PreparedItem(item, _folder(told.get(path), mode), path) for path, mode in OWN_FOLDERS
        ]
    if item == PORTS_ITEM:
        return [PreparedItem(item, _ports(text_of(sections, QEMU_CONF)), QEMU_CONF)]
    files = wanted_files(item, wanted, b"")
    found = [
        PreparedItem(
            item, _file(told.get(each.path), each.mode, good, recorded.get(each.path)), each.path
        )
        for each in files
        for good in (_programs() if item == PROGRAM_ITEM else {sha_of(each.body)},)
    ]
    known = {each.path for each in files}
    if item == "operators":
        planted = [path for path in told if path.startswith(f"{OPERATORS_FOLDER}/")]
        found += [PreparedItem(item, DRIFTED, path) for path in planted if path not in known]
    return found


def _programs() -> set[str]:
    return {sha_of(program_file(interpreter, one_file())) for interpreter in INTERPRETERS}


def _file(told: Told | None, mode: int, good: set[str], recorded: str | None) -> str:
    if told is None:
        return MISSING
    if told.kind != "f" or told.mode != mode or told.owner != ROOT:
        return DRIFTED
    if told.sha256 == "?":
        return HIDDEN
    if told.sha256 in good:
        return OURS
    return OUTDATED if told.sha256 == recorded else DRIFTED


def _folder(told: Told | None, mode: int) -> str:
    """Below a directory that is hidden from us nothing is told."""
    if told is None:
        return HIDDEN
    return OURS if (told.kind, told.mode, told.owner) == ("d", mode, ROOT) else DRIFTED


def _ports(conf: str | Unknown) -> str:
    if isinstance(conf, Unknown):
        return MISSING if conf.reason is Reason.NOT_SUPPORTED else HIDDEN
    return OURS if conf.startswith(PORTS_BLOCK.rstrip("\n")) else DRIFTED
