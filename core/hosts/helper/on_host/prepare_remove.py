"""Taking items away: never while a hold stands, and with them the directories we had to make."""

from __future__ import annotations

import shutil

from core.hosts.helper.on_host.prepare_disk import (
    DiskRecord,
    found_at,
    fresh_of,
    keep_record,
    real_path,
    record_at,
    sync_folder,
    write_whole,
)
from core.hosts.helper.on_host.prepare_items import (
    BARRIER_ITEM,
    FOLDERS,
    KEEP_ITEM,
    OWN_FOLDERS,
    PORTS_ITEM,
    QEMU_CONF,
    RECORD_FILE,
    SELINUX_ITEM,
    UNITS_FOLDER,
    WantedFile,
)
from core.hosts.helper.on_host.prepare_services import TOUCHED, forget_waiting
from core.hosts.helper.on_host.prepare_sight import HOLDS_FOLDER, Ground, hold_names
from core.hosts.helper.on_host.prepare_state import ports_block
from core.hosts.helper.on_host.prepare_write import without_block
from core.hosts.helper.on_host.values import Refused

ANCHORS_FOLDER = "/var/lib/ringfence/anchors"
EVIDENCE_FOLDER = "/var/lib/ringfence/evidence"
KEPT_FOLDER = "/var/lib/ringfence/kept"
RUN_FOLDER = "/run/ringfence"


def item_removed(ground: Ground, item: str) -> None:
    """Take one item away; what is not there is gone already.

    Raises:
        Refused: hold-stands; prepare-not-empty: evidence, or what is not ours, lies there.
    """
    if hold_names(ground):
        raise Refused("hold-stands", ", ".join(hold_names(ground))[:300])
    record = record_at(ground.root)
    if item == FOLDERS:
        _remove_own_folders(ground)
        return
    if item == SELINUX_ITEM and not _module_gone(ground, record):
        return
    if item == PORTS_ITEM:
        _remove_ports(ground, record)
    if item == BARRIER_ITEM:
        ground.services.forget_barriers()
    for path in record.files.get(item, {}) if item != PORTS_ITEM else ():
        place = real_path(ground.root, path)
        fresh_of(place).unlink(missing_ok=True)
        place.unlink(missing_ok=True)
    if item == BARRIER_ITEM:
        for link in real_path(ground.root, UNITS_FOLDER).glob(
            "*.wants/ringfence-barrier@*.service"
        ):
            link.unlink()
    if item in (KEEP_ITEM, BARRIER_ITEM):
        ground.services.units_changed()
    if record.wanted is not None:
        _forget(ground, record, item)


def _module_gone(ground: Ground, record: DiskRecord) -> bool:
    """Begun, and asked about again. A module under our name that we never brought stays."""
    if SELINUX_ITEM not in record.files:
        return True
    if ground.policy.busy():
        return False
    ground.policy.said(loading=True)  # of a load that nobody waited for
    said = ground.policy.said(loading=False)
    if ground.policy.module() is not None and not said:
        ground.policy.unload()
        if ground.policy.busy():
            return False
        said = ground.policy.said(loading=False)
    if ground.policy.module() is not None:
        raise Refused("prepare-policy", said)
    ground.policy.relabel()
    return True


def _remove_ports(ground: Ground, record: DiskRecord) -> None:
    found = found_at(ground.root, QEMU_CONF)
    place = real_path(ground.root, QEMU_CONF)
    fresh_of(place).unlink(missing_ok=True)
    block = ports_block(found)
    if block is None or found.body is None:
        return
    rest = without_block(found.body, block)
    if not rest and QEMU_CONF in record.made:
        place.unlink()
        return
    write_whole(ground.root, WantedFile(QEMU_CONF, found.mode, rest), place.stat())


def _forget(ground: Ground, record: DiskRecord, item: str) -> None:
    """The directories we made for it go with it, unless somebody uses them."""
    waiting = _waiting_at_end(ground, record, item)
    files = {name: sums for name, sums in record.files.items() if name != item}
    made = list(record.made)
    for folder in sorted(made, key=len, reverse=True):
        try:
            real_path(ground.root, folder).rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            continue
        made.remove(folder)
    keep_record(ground.root, DiskRecord(record.wanted, files, made, waiting))


def _waiting_at_end(ground: Ground, record: DiskRecord, item: str) -> dict[str, str]:
    """A daemon without its hook asks nobody; only the ports are read at its start alone."""
    runs = ground.services.runs()
    waiting = forget_waiting(record.waiting, runs)
    if item == PORTS_ITEM and item in record.files:
        waiting.update({name: runs[name] for name in TOUCHED[item] if name in runs})
    return waiting


def _remove_own_folders(ground: Ground) -> None:
    for path in (EVIDENCE_FOLDER, KEPT_FOLDER):
        place = real_path(ground.root, path)
        if place.is_dir() and any(place.iterdir()):
            raise Refused("prepare-not-empty", str(place))
    for path in (HOLDS_FOLDER, ANCHORS_FOLDER, KEPT_FOLDER, RUN_FOLDER):
        place = real_path(ground.root, path)
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
    real_path(ground.root, RECORD_FILE).unlink(missing_ok=True)
    fresh_of(real_path(ground.root, RECORD_FILE)).unlink(missing_ok=True)
    for path, _ in reversed(OWN_FOLDERS):
        place = real_path(ground.root, path)
        if place.is_dir():
            try:
                place.rmdir()
            except OSError as error:
                raise Refused("prepare-not-empty", str(place)) from error
            sync_folder(place.parent)
