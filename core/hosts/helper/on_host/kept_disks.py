"""The disk images of a held machine have a second name, root's alone: who deletes one takes a name
away, and not what is in it.

A hard link: nothing changes for the machine that writes, and none of its data is copied. What
cannot have one (devices, network disks, file systems without links) is named. Paths were real ones
when they were first seen; no link that lies on the way later is followed.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from core.hosts.helper.on_host.files import object_in, packed, put, taken
from core.hosts.helper.on_host.images import MOST_DISKS, images_of
from core.hosts.helper.on_host.places import Places
from core.hosts.helper.on_host.values import Refused, is_list, is_object

DISK_BACK, DISK_GONE, DISK_REPLACED = "disk-back", "disk-gone", "disk-replaced"
UNKEPT = "unkept"  # somebody took the second name away
BESIDE = ".ringfence-kept"  # where the image lies on another file system than ours
FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Kept(NamedTuple):
    """One image: its own name, its second one, and what was told of it last."""

    path: str
    name: str
    beside: bool
    told: str = ""

    @property
    def folder(self) -> Path:
        return Path(self.path).parent


class DiskIndex(NamedTuple):
    kept: tuple[Kept, ...]
    bare: tuple[tuple[str, str], ...]  # what has no second name, and why


def index_file(here: Places, uuid: str) -> Path:
    return here.kept / f"{uuid}.json"


def disk_index(here: Places, uuid: str) -> DiskIndex:
    try:
        values = object_in(taken(index_file(here, uuid)))
    except Refused:
        return DiskIndex((), ())
    kept, bare = values.get("kept"), values.get("bare")
    return DiskIndex(
        tuple(
            Kept(str(each["path"]), str(each["name"]), each["beside"] is True, str(each["told"]))
            for each in (kept if is_list(kept) else [])
            if is_object(each) and each.keys() == set(Kept._fields)
        ),
        tuple(
            (str(each[0]), str(each[1]))
            for each in (bare if is_list(bare) else [])
            if is_list(each) and len(each) == 2
        ),
    )


def keep_index(here: Places, uuid: str, index: DiskIndex) -> None:
    here.kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = [each._asdict() for each in index.kept]
    put(index_file(here, uuid), packed({"kept": kept, "bare": [list(each) for each in index.bare]}))


def folder_handle(folder: Path) -> int:
    """Open a directory; a link anywhere on the way is none."""
    handle = os.open("/", FOLDER)
    for part in folder.parts[1:]:
        try:
            below = os.open(part, FOLDER, dir_fd=handle)
        finally:
            os.close(handle)
        handle = below
    return handle


@contextmanager
def within(folder: Path) -> Generator[int]:
    handle = folder_handle(folder)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def disk_room(here: Places, uuid: str, path: str, beside: bool) -> Generator[int]:
    """Where second names are: a directory that is root's alone."""
    above = Path(path).parent if beside else here.kept.parent.resolve()
    name = BESIDE if beside else here.kept.name
    with within(above) as first, own_folder(first, name) as rooms, own_folder(rooms, uuid) as room:
        yield room


@contextmanager
def own_folder(above: int, name: str) -> Generator[int]:
    with suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=above)
    handle = os.open(name, FOLDER, dir_fd=above)
    try:
        found = os.fstat(handle)
        if found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise Refused("helper-system", f"{name}: not ours")
        yield handle
    finally:
        os.close(handle)


def second_name(here: Places, uuid: str, path: str) -> tuple[Kept | None, str]:
    """Give an image its second name; why not, where that cannot be."""
    try:
        return linked(here, uuid, path, beside=False), ""
    except (OSError, Refused) as first:
        if not isinstance(first, OSError) or first.errno != errno.EXDEV:
            return None, reason_in(first)
    try:
        return linked(here, uuid, path, beside=True), ""
    except (OSError, Refused) as error:
        forget_beside(path, uuid)
        return None, reason_in(error)


def reason_in(error: OSError | Refused) -> str:
    return error.detail if isinstance(error, Refused) else error.strerror or ""


def linked(here: Places, uuid: str, path: str, beside: bool) -> Kept:
    """It is called by its file number: a name that is there already is the same file's."""
    with within(Path(path).parent) as folder:
        flags = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(Path(path).name, flags, dir_fd=folder)
        try:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise Refused("helper-system", "no file")
            with disk_room(here, uuid, path, beside) as room, suppress(FileExistsError):
                # With a directory given, Python follows the link that a handle's name is.
                source, name = f"/proc/self/fd/{handle}", str(found.st_ino)
                os.link(source, name, dst_dir_fd=room, follow_symlinks=True)
        finally:
            os.close(handle)
    return Kept(path, str(found.st_ino), beside)


def looked_after(here: Places, uuid: str, anew: bool) -> list[tuple[str, str]]:
    """Put back the first names that went, and with `anew` ask what disks there are and give each
    image its second name; what there is to tell. The caller has the lock of the holds."""
    before = disk_index(here, uuid)
    news: list[tuple[str, str]] = []
    kept = [each for each in (mended(here, uuid, each, news) for each in before.kept) if each]
    anew = anew or len(kept) < len(before.kept)
    images = images_of(uuid) if anew else None
    bare = list(before.bare) if images is None else images[1]
    known = {each.path for each in kept if each.told != DISK_REPLACED}
    for path in (path for path in (images[0] if images else ()) if path not in known):
        fresh, why = (
            (None, "too many") if len(kept) >= MOST_DISKS else second_name(here, uuid, path)
        )
        if fresh is None:
            bare.append((path, why))
        else:
            kept.append(fresh)
    after = DiskIndex(tuple(kept), tuple(bare))
    if after != before:
        keep_index(here, uuid, after)
    return news


def mended(here: Places, uuid: str, kept: Kept, news: list[tuple[str, str]]) -> Kept | None:
    """One image looked at; each thing is told once. None: it is to be given its name again."""
    try:
        with disk_room(here, uuid, kept.path, kept.beside) as room:
            found = first_name(kept, room)
            if found == DISK_GONE:
                give_back(kept, room, kept.path)
                found = DISK_BACK
    except (OSError, Refused):
        found = DISK_GONE
    if found == UNKEPT:
        return None
    if found and found != kept.told:
        news.append((found, kept.path))
    return kept._replace(told="" if found == DISK_BACK else found)


def first_name(kept: Kept, room: int) -> str:
    """What is where the image was: the same file (""), nothing, or another one."""
    try:
        found = Path(kept.path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        os.stat(kept.name, dir_fd=room, follow_symlinks=False)  # raises: nothing can be put back
        return DISK_GONE
    try:
        own = os.stat(kept.name, dir_fd=room, follow_symlinks=False)
    except FileNotFoundError:
        return UNKEPT
    return "" if os.path.samestat(own, found) else DISK_REPLACED


def give_back(kept: Kept, room: int, path: str) -> None:
    """Raises: OSError: also when another file stands there."""
    with within(kept.folder) as folder:
        name = Path(path).name
        os.link(kept.name, name, src_dir_fd=room, dst_dir_fd=folder, follow_symlinks=False)


def let_go(here: Places, uuid: str) -> list[str]:
    """Take the second names away. An image whose place another file has lies beside it then; one
    that cannot be put back stays; both are named. The caller has the lock of the holds."""
    left: list[str] = []
    before = disk_index(here, uuid).kept
    kept = [each for each in before if not gone_for_good(here, uuid, each, left)]
    with suppress(OSError):
        (here.kept / uuid).rmdir()
    if kept:
        keep_index(here, uuid, DiskIndex(tuple(kept), ()))
    else:
        index_file(here, uuid).unlink(missing_ok=True)
    with suppress(OSError):
        here.kept.rmdir()
    return left


def gone_for_good(here: Places, uuid: str, kept: Kept, left: list[str]) -> bool:
    """Whether its second name is needed no more."""
    try:
        with disk_room(here, uuid, kept.path, kept.beside) as room:
            found = first_name(kept, room)
            if found == DISK_GONE:
                give_back(kept, room, kept.path)
            elif found == DISK_REPLACED:
                path = f"{kept.path}.held-{uuid[:8]}"
                give_back(kept, room, path)
                left.append(path)
            if found != UNKEPT:
                os.unlink(kept.name, dir_fd=room)
    except (OSError, Refused):
        left.append(kept_place(here, uuid, kept))
        return False
    if kept.beside:
        forget_beside(kept.path, uuid)
    return True


def forget_beside(path: str, uuid: str) -> None:
    """The room goes with its last name."""
    folder = Path(path).parent
    with suppress(OSError), within(folder) as above:
        with suppress(OSError), within(folder / BESIDE) as room:
            os.rmdir(uuid, dir_fd=room)
        os.rmdir(BESIDE, dir_fd=above)


def kept_place(here: Places, uuid: str, kept: Kept) -> str:
    room = kept.folder / BESIDE if kept.beside else here.kept
    return str(room / uuid / kept.name)


def disks_seen(here: Places, uuid: str) -> list[dict[str, Any]]:
    """Each image, and why it has no second name; "" when it has one and its own."""
    return list(disk_lines(disk_index(here, uuid)))


def disk_lines(index: DiskIndex) -> Iterator[dict[str, Any]]:
    for each in index.kept:
        yield {"path": each.path, "why": each.told}
    for path, why in index.bare:
        yield {"path": path[:500], "why": why or "no second name"}
