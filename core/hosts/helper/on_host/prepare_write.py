"""Writing items: what will be there is written down first, and nothing foreign is replaced."""

from __future__ import annotations

import os
from pathlib import Path

from core.hosts.helper.on_host.prepare_disk import (
    DiskRecord,
    found_at,
    keep_record,
    real_path,
    record_at,
    relabel,
    sha_of,
    write_whole,
)
from core.hosts.helper.on_host.prepare_items import (
    BARRIER_ITEM,
    FOLDERS,
    KEEP_ITEM,
    NETWORK_HOOK,
    OWN_FOLDERS,
    PORTS_BLOCK,
    PORTS_ITEM,
    QEMU_CONF,
    QEMU_HOOK,
    SELINUX_ITEM,
    Preparation,
    WantedFile,
    program_file,
    wanted_files,
)
from core.hosts.helper.on_host.prepare_module import module_text
from core.hosts.helper.on_host.prepare_services import TOUCHED, forget_waiting
from core.hosts.helper.on_host.prepare_sight import Ground, places_on
from core.hosts.helper.on_host.prepare_state import (
    FOREIGN,
    OURS,
    PlaceSeen,
    ports_block,
)
from core.hosts.helper.on_host.values import Refused

OWN_HOOK = "50-ringfence"


def item_written(ground: Ground, item: str, wanted: Preparation) -> None:
    """Bring one item to what it should be.

    Raises:
        Refused: prepare-foreign: something that we never wrote is in its place.
    """
    record = record_at(ground.root)
    program = program_file(ground.interpreter, ground.source)
    places = places_on(ground, item, wanted, program, record)
    foreign = [place.path for place in places if place.state == FOREIGN]
    if foreign:
        raise Refused("prepare-foreign", ", ".join(foreign))
    if item == SELINUX_ITEM and ground.policy.busy():
        return  # it is about to come, or to go: asked again
    if item == FOLDERS:
        _make_own_folders(ground)
    changed = {place.path for place in places if place.state != OURS}
    _remember(ground, record, item, wanted, program, news_to_libvirt(item, places))
    if item == PORTS_ITEM:
        _write_ports(ground)
    for place in places:
        if place.wanted is None and place.found is not None:
            real_path(ground.root, place.path).unlink(missing_ok=True)
    for each in wanted_files(item, wanted, program):
        if each.path in changed:
            write_whole(ground.root, each)
    if item == SELINUX_ITEM:
        _bring_module(ground)
    if item in (QEMU_HOOK, NETWORK_HOOK):
        _check_hooks(ground, wanted_files(item, wanted, program))
    if item in (KEEP_ITEM, BARRIER_ITEM) and changed:
        ground.services.units_changed()


def _bring_module(ground: Ground) -> None:
    """It is begun, and asked about again; once it is there the kernel says whether it helps."""
    policy = ground.policy
    policy.said(loading=False)  # of an unload that nobody waited for
    said = policy.said(loading=True)
    if policy.module() != module_text() and not said:
        policy.load()
        if policy.busy():
            return
        said = policy.said(loading=True)
    if policy.module() != module_text():
        raise Refused("prepare-policy", said)
    policy.relabel()
    policy.check()


def _check_hooks(ground: Ground, hooks: tuple[WantedFile, ...]) -> None:
    """A hook that libvirt may not run would end every machine: it does not stay."""
    for each in hooks:
        try:
            ground.policy.check(each.path)
        except (Refused, OSError, ValueError) as error:
            real_path(ground.root, each.path).unlink(missing_ok=True)
            detail = error.detail if isinstance(error, Refused) else str(error)
            raise Refused("prepare-selinux", detail) from error


def news_to_libvirt(item: str, places: tuple[PlaceSeen, ...]) -> bool:
    """A hook that was there and could run is asked by whoever looked for one; ports are read."""
    changed = [place for place in places if place.state != OURS]
    if item == PORTS_ITEM:
        return bool(changed)
    return any(not place.mode or not int(place.mode, 8) & 0o100 for place in changed)


def _make_own_folders(ground: Ground) -> None:
    for path, mode in OWN_FOLDERS:
        place = real_path(ground.root, path)
        place.mkdir(mode=mode, parents=True, exist_ok=True)
        os.chown(place, os.geteuid(), os.getegid())
        place.chmod(mode)
    relabel(ground.root, *(real_path(ground.root, path) for path, _ in OWN_FOLDERS))
    ground.policy.relabel()


def _remember(
    ground: Ground,
    record: DiskRecord,
    item: str,
    wanted: Preparation,
    program: bytes,
    changes: bool,
) -> None:
    """Write down what will be there before it is."""
    files = wanted_files(item, wanted, program)
    sums = {each.path: sha_of(each.body) for each in files}
    if item == PORTS_ITEM:
        sums = {QEMU_CONF: sha_of(PORTS_BLOCK.encode())}
    missing = [folder for path in sums for folder in _missing_above(ground, path)]
    made = dict.fromkeys((*record.made, *missing, *_conf_made(ground, item)))
    waiting = _waiting(ground, record, item, changes)
    keep_record(ground.root, DiskRecord(wanted, {**record.files, item: sums}, list(made), waiting))
    for folder in missing:
        place = real_path(ground.root, folder)
        place.mkdir(mode=0o755, exist_ok=True)
        relabel(ground.root, place)


def _missing_above(ground: Ground, path: str) -> list[str]:
    """Directories of others that are not there yet, the outermost first."""
    above = [str(folder) for folder in reversed(Path(path).parents) if str(folder) != "/"]
    return [folder for folder in above if not real_path(ground.root, folder).exists()]


def _conf_made(ground: Ground, item: str) -> list[str]:
    """A qemu.conf that only we need goes with us."""
    there = real_path(ground.root, QEMU_CONF).exists()
    return [] if item != PORTS_ITEM or there else [QEMU_CONF]


def _waiting(ground: Ground, record: DiskRecord, item: str, changes: bool) -> dict[str, str]:
    """Daemons that run now and looked before this item came."""
    runs = ground.services.runs()
    waiting = forget_waiting(record.waiting, runs)
    if item in TOUCHED and changes and not _other_hook(ground, item):
        waiting.update({name: runs[name] for name in TOUCHED[item] if name in runs})
    return waiting


def _other_hook(ground: Ground, item: str) -> bool:
    """With a hook of somebody else's libvirt looks each time."""
    if item == PORTS_ITEM:
        return False
    kind = "qemu" if item == QEMU_HOOK else "network"
    hooks = real_path(ground.root, "/etc/libvirt/hooks")
    others = [hooks / kind, *(hooks / f"{kind}.d").glob("*")]
    return any(
        each.is_file() and os.access(each, os.X_OK) and each.name != "50-ringfence"
        for each in others
    )


def _write_ports(ground: Ground) -> None:
    """The block to the top of qemu.conf; every other byte, its mode and owner stay."""
    found = found_at(ground.root, QEMU_CONF)
    rest = without_block(found.body or b"", ports_block(found))
    body = PORTS_BLOCK.encode() + rest
    if body != found.body:
        like = real_path(ground.root, QEMU_CONF).stat() if found.there else None
        write_whole(ground.root, WantedFile(QEMU_CONF, found.mode or 0o600, body), like)


def without_block(body: bytes, block: bytes | None) -> bytes:
    return body if block is None else body.replace(block, b"", 1)
