"""Whether this host's SELinux lets libvirt's daemons run a hook and read the holds.

libvirt refuses every start, and ends what runs, when it may not run a hook that is there: the
kernel is asked for its own decision before a daemon is started anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from core.hosts.helper.on_host.prepare_services import DAEMON_NAMES, processes
from core.hosts.helper.on_host.values import Refused

SELINUX_ROOM = Path("/sys/fs/selinux")
HOOK_NEEDS = (("file", ("execute", "read", "open", "getattr")),)
HOLDS_NEED = (
    ("dir", ("read", "search", "open", "getattr")),
    ("file", ("read", "open", "getattr")),
)
DOMAIN_IS_PERMISSIVE = 1


def check_confinement(hook: Path, holds: Path) -> None:
    """Nothing to ask where SELinux is off or only warns.

    Raises:
        Refused: prepare-selinux, with who may not do what.
    """
    try:
        if (SELINUX_ROOM / "enforce").read_text().strip() != "1":
            return
    except FileNotFoundError:
        return
    needs = ((hook, HOOK_NEEDS), (holds, HOLDS_NEED))
    for daemon in daemon_labels():
        for place, classes in needs:
            target = label_of(place)
            for kind, permissions in classes:
                if not may(daemon, target, kind, permissions):
                    what = f"{daemon} {kind} {{ {' '.join(permissions)} }} {target} {place}"
                    raise Refused("prepare-selinux", what)


def daemon_labels() -> Iterator[str]:
    for place, words in processes():
        if Path(words[0]).name in DAEMON_NAMES:
            yield (place / "attr/current").read_text().rstrip("\0\n")


def label_of(place: Path) -> str:
    return os.getxattr(place, "security.selinux").decode().rstrip("\0")


def may(source: str, target: str, kind: str, permissions: tuple[str, ...]) -> bool:
    """The kernel's own decision; it knows the policy that is loaded."""
    room = SELINUX_ROOM / "class" / kind
    index = (room / "index").read_text().strip()
    bits = [int((room / "perms" / name).read_text()) - 1 for name in permissions]
    handle = os.open(SELINUX_ROOM / "access", os.O_RDWR | os.O_CLOEXEC)
    try:
        os.write(handle, f"{source} {target} {index}".encode())
        allowed, *_, flags = os.read(handle, 200).decode().rstrip("\0").split()
    finally:
        os.close(handle)
    granted = int(allowed, 16)
    return bool(int(flags, 16) & DOMAIN_IS_PERMISSIVE) or all(granted >> bit & 1 for bit in bits)
