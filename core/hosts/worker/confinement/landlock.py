"""Landlock by its three system calls: what this process may still open, connect to, signal."""

import ctypes
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from core.hosts.worker.confinement.kernel import (
    LANDLOCK_ADD_RULE,
    LANDLOCK_CREATE_RULESET,
    LANDLOCK_RESTRICT_SELF,
    syscall,
)

_VERSION = 1
_PATH_BENEATH, _NET_PORT = 1, 2

_EXECUTE = 1 << 0
_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_FS_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many access rights each ABI knows
_CONNECT_TCP = 1 << 1
_NET_ALL = 0b11
_SCOPE_ALL = 0b11  # abstract UNIX sockets, signals


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("fs", ctypes.c_uint64),
        ("net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("access", ctypes.c_uint64), ("folder", ctypes.c_int32))


class _Port(ctypes.Structure):
    _fields_ = (("access", ctypes.c_uint64), ("port", ctypes.c_uint64))


def abi() -> int:
    """The kernel's Landlock version, 0 when it has none or it is switched off."""
    try:
        return syscall(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(_VERSION))
    except OSError:
        return 0


def restrict(
    version: int,
    readable: Iterable[Path],
    writable: Iterable[Path],
    ports: Iterable[int],
    runnable: Iterable[Path] = (),
) -> None:
    """Deny everything this ABI can deny but what is named. `runnable` may be read as well.

    Raises:
        OSError: the kernel refused; the process is not confined by Landlock then.
    """
    ruleset = _create(version)
    try:
        for path in readable:
            _allow(ruleset, path, _READ_FILE | _READ_DIR)
        for path in runnable:
            _allow(ruleset, path, _READ_FILE | _READ_DIR | _EXECUTE)
        for path in writable:
            _allow(ruleset, path, _READ_FILE | _WRITE_FILE)
        if version >= 4:
            for port in ports:
                _add(ruleset, _NET_PORT, _Port(_CONNECT_TCP, port))
        syscall(LANDLOCK_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint(0))
    finally:
        os.close(ruleset)


def _create(version: int) -> int:
    rights = (1 << _FS_BITS.get(version, 16)) - 1
    wanted = _Ruleset(rights, _NET_ALL if version >= 4 else 0, _SCOPE_ALL if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    return syscall(
        LANDLOCK_CREATE_RULESET, ctypes.byref(wanted), ctypes.c_size_t(size), ctypes.c_uint(0)
    )


def _allow(ruleset: int, path: Path, access: int) -> None:
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            access &= ~_READ_DIR
        _add(ruleset, _PATH_BENEATH, _Beneath(access, handle))
    finally:
        os.close(handle)


def _add(ruleset: int, kind: int, rule: ctypes.Structure) -> None:
    syscall(
        LANDLOCK_ADD_RULE,
        ctypes.c_int(ruleset),
        ctypes.c_int(kind),
        ctypes.byref(rule),
        ctypes.c_uint(0),
    )
