"""Which files the disks of a machine are in, and which of them have been deleted."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from core.hosts.helper.on_host.evidence_disks import (
    chain_of,
    disk_sources,
    domain_of,
    pool_folders,
)
from core.hosts.helper.on_host.values import Refused

MOST_DISKS = 64


def images_of(uuid: str) -> tuple[list[str], list[tuple[str, str]]] | None:
    """The files a machine's disks are in, with the files below them; and what is no file here."""
    try:
        domain = domain_of(uuid)
    except Refused:
        return None
    files: OrderedDict[str, None] = OrderedDict()
    bare: OrderedDict[str, str] = OrderedDict()
    for target, source, form in disk_sources(domain):
        if not source.startswith("/"):
            bare[target] = "no file on this host"
            continue
        for path in chain_of(source, form) or (Path(source),):
            if path.is_block_device():
                bare[f"{target} {path}"] = "a device"
            elif not is_told_by_libvirt(path, Path(source)):
                bare[f"{target} {path}"] = "in no pool, and named by an image alone"
            else:
                files[os.path.realpath(path)] = None
    return list(files), list(bare.items())[:MOST_DISKS]


def is_told_by_libvirt(path: Path, source: Path) -> bool:
    """An image itself names the ones below it, and its machine may have written that: it must not
    make us keep files that are no images."""
    if path == source:
        return True
    rooms = (source.parent, *pool_folders().values())
    real = Path(os.path.realpath(path))
    return any(Path(os.path.realpath(room)) in real.parents for room in rooms)


def deleted_images(uuid: str, pid: int) -> list[str]:
    """Images a machine's process still writes that have no name any more; and of one that does
    not run, those that are not there."""
    nameless = set(files_without_name(pid))
    if pid and not nameless:
        return []
    found = images_of(uuid)
    gone = (path for path in (found[0] if found else ()) if not os.path.lexists(path))
    return [path for path in gone if not pid or path in nameless][:MOST_DISKS]


def files_without_name(pid: int) -> Iterator[str]:
    try:
        handles = list(Path("/proc", str(pid), "fd").iterdir()) if pid else []
    except OSError:
        return
    for handle in handles:
        with suppress(OSError):
            name = str(handle.readlink())
            if name.endswith(" (deleted)") and not handle.stat().st_nlink:
                yield name[: -len(" (deleted)")]
