"""Raw system calls: glibc has no wrappers for some of these, and Python for none."""

import ctypes
import os
import platform
from typing import Any

_libc = ctypes.CDLL(None, use_errno=True)

LANDLOCK_CREATE_RULESET = 444
LANDLOCK_ADD_RULE = 445
LANDLOCK_RESTRICT_SELF = 446
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}.get(platform.machine(), -1)


def syscall(number: int, *arguments: Any) -> int:
    """Make one system call.

    Raises:
        OSError: it failed.
    """
    result: int = _libc.syscall(ctypes.c_long(number), *arguments)
    return _checked(result, f"system call {number}")


def prctl(option: int, *arguments: Any) -> int:
    return _checked(_libc.prctl(option, *arguments), f"prctl {option}")


def unshare(flags: int) -> None:
    _checked(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    arguments = (os.fsencode(text) if text else None for text in (source, target, kind))
    _checked(
        _libc.mount(*arguments, ctypes.c_ulong(flags), data.encode() or None), f"mount {target}"
    )


def unmount(target: str, flags: int) -> None:
    _checked(_libc.umount2(os.fsencode(target), flags), f"umount {target}")


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
