"""A file system of its own: a small root in memory with only what the worker needs.

What has no name here cannot be opened or connected to, by whatever path. It takes a mount
namespace, for which a plain user needs a user namespace first; some systems allow neither.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from core.hosts.worker.confinement.kernel import PIVOT_ROOT, mount, syscall, unmount, unshare

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUSER = 0x10000000
_MS_NOSUID, _MS_NODEV, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
_MNT_DETACH = 2
_PLACE = "/mnt"  # hidden by the new root only in this process's own namespace


def enter_own_root(paths: Iterable[Path], home: Path) -> None:
    """Leave everything behind but `paths`; `home` is an empty folder in the new root.

    Raises:
        OSError: not possible here; the process sees the file system as before.
    """
    _new_namespaces()
    mount("none", "/", "", _MS_REC | _MS_PRIVATE)
    sources = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in _outermost(paths)}
    mount("tmpfs", _PLACE, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=1m,mode=755")
    for path, handle in sources.items():
        _bind(path, handle)
        os.close(handle)
    Path(_PLACE + str(home)).mkdir(parents=True, exist_ok=True)
    os.chdir(_PLACE)
    syscall(PIVOT_ROOT, b".", b".")
    unmount(".", _MNT_DETACH)
    os.chdir("/")


def _new_namespaces() -> None:
    try:
        unshare(_CLONE_NEWNS)
    except PermissionError:
        uid, gid = os.getuid(), os.getgid()
        unshare(_CLONE_NEWUSER | _CLONE_NEWNS)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Without those inside another one; /proc whole, since `self` must follow this process."""
    wanted = {Path("/proc") if path.is_relative_to("/proc") else path for path in paths}
    return sorted(p for p in wanted if not any(parent in wanted for parent in p.parents))


def _bind(path: Path, handle: int) -> None:
    target = Path(_PLACE + str(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    source = f"/proc/self/fd/{handle}"
    if path.is_symlink() and path.parent == Path("/"):  # /lib is a link into /usr
        target.symlink_to(path.readlink())
        return
    if Path(source).is_dir():
        target.mkdir(exist_ok=True)
    else:
        target.touch()
    mount(source, str(target), "", _MS_BIND | _MS_REC)
