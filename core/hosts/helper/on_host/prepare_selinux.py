"""What this host's SELinux lets libvirt's daemons and our hooks do, by the kernel's own decision.

libvirt refuses every start, and ends what runs, when it may not run a hook that is there: the
kernel is asked before a hook is in its place and before a daemon is started anew. A policy that
only warns is asked too: it may be enforced tomorrow.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from core.hosts.helper.on_host.prepare_items import OPERATORS_FOLDER, PROGRAM_FILE
from core.hosts.helper.on_host.prepare_services import DAEMON_NAMES, processes
from core.hosts.helper.on_host.values import Refused

SELINUX_ROOM = Path("/sys/fs/selinux")
SELINUX_HOLDS = "/var/lib/ringfence/holds"
DAEMON_FOLDERS = ("/usr/sbin", "/usr/bin")
RUN_IT = ("execute", "read", "open", "getattr")
LOOK_IN = ("read", "search", "open", "getattr")
# What a hook needs, wherever it runs: (place, class, permissions).
HOOK_NEEDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("/bin/sh", "file", RUN_IT),
    ("/bin/ls", "file", (*RUN_IT, "execute_no_trans")),
    ("/usr/bin/python3", "file", (*RUN_IT, "execute_no_trans")),
    (PROGRAM_FILE, "file", (*RUN_IT, "execute_no_trans")),
    (OPERATORS_FOLDER, "dir", LOOK_IN),
    (SELINUX_HOLDS, "dir", (*LOOK_IN, "write", "add_name", "remove_name")),
    (SELINUX_HOLDS, "file", ("read", "open", "getattr", "append", "lock", "rename", "unlink")),
    ("/run/libvirt", "dir", ("search",)),
    ("/sys/class/net", "dir", LOOK_IN),
)
HOOK_NEEDS_ITSELF: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("netlink_netfilter_socket", ("create", "bind", "read", "write", "setopt", "getopt")),
    ("capability", ("net_admin", "dac_override", "sys_ptrace")),
)
DOMAIN_IS_PERMISSIVE = 1


def selinux_is_on() -> bool:
    return (SELINUX_ROOM / "enforce").exists()


def check_confinement(hook: str) -> None:
    """Whether a file of this label can be a hook here. Nothing to ask where SELinux is off.

    Raises:
        Refused: prepare-selinux, with who may not do what.
    """
    if not selinux_is_on():
        return
    for daemon in sorted(set(daemon_labels())):
        need(daemon, hook, "file", RUN_IT, "a hook")
        domain = computed(daemon, hook)
        if domain == daemon:
            need(daemon, hook, "file", ("execute_no_trans",), "a hook")
        else:
            need(daemon, domain, "process", ("transition",), "a hook's domain")
            need(domain, hook, "file", ("entrypoint", "read", "execute"), "a hook")
        _check_domain(domain)


def _check_domain(domain: str) -> None:
    for place, kind, permissions in HOOK_NEEDS:
        if Path(place).exists():
            need(domain, label_of(Path(place)), kind, permissions, place)
    for kind, permissions in HOOK_NEEDS_ITSELF:
        need(domain, domain, kind, permissions, "itself")


def need(source: str, target: str, kind: str, permissions: tuple[str, ...], what: str) -> None:
    if not may(source, target, kind, permissions):
        words = f"{source} {kind} {{ {' '.join(permissions)} }} {target} {what}"
        raise Refused("prepare-selinux", words)


def daemon_labels() -> Iterator[str]:
    """Of the daemons that run, and of those that systemd would start when they are called."""
    for place, words in processes():
        if Path(words[0]).name in DAEMON_NAMES:
            yield (place / "attr/current").read_text().rstrip("\0\n")
    first = Path("/proc/1/attr/current").read_text().rstrip("\0\n")
    for place in (Path(folder, name) for folder in DAEMON_FOLDERS for name in DAEMON_NAMES):
        label = computed(first, label_of(place)) if place.is_file() else first
        if label != first:
            yield label


def label_of(place: Path) -> str:
    return os.getxattr(place, "security.selinux").decode().rstrip("\0")


def type_of(label: str) -> str:
    return [*label.split(":"), "", "", ""][2]


def computed(source: str, file: str) -> str:
    """The label of a process that one of `source` begins from this file."""
    return asked_of_kernel("create", source, file, "process")


def may(source: str, target: str, kind: str, permissions: tuple[str, ...]) -> bool:
    """The kernel's own decision; it knows the policy that is loaded."""
    room = SELINUX_ROOM / "class" / kind / "perms"
    bits = [int((room / name).read_text()) - 1 for name in permissions]
    allowed, *_, flags = asked_of_kernel("access", source, target, kind).split()
    granted = int(allowed, 16)
    return bool(int(flags, 16) & DOMAIN_IS_PERMISSIVE) or all(granted >> bit & 1 for bit in bits)


def asked_of_kernel(question: str, source: str, target: str, kind: str) -> str:
    index = (SELINUX_ROOM / "class" / kind / "index").read_text().strip()
    handle = os.open(SELINUX_ROOM / question, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.write(handle, f"{source} {target} {index}".encode())
        return os.read(handle, 500).decode().rstrip("\0")
    finally:
        os.close(handle)
