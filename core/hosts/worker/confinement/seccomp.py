"""A seccomp filter: no new processes, no key rings, no tracing, few socket families.

Written as classic BPF by hand, for the two architectures whose numbers are below; on others the
layer is left out and the log says so.
"""

import ctypes
import errno
import platform
from collections.abc import Iterable

from core.hosts.worker.confinement.kernel import prctl

_PR_SET_SECCOMP = 22
_MODE_FILTER = 2
_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_ERRNO = 0x00050000
_LOAD, _JUMP_EQUAL, _JUMP_GREATER, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16
_CLONE_THREAD = 0x00010000
_X32 = 0x40000000

# name -> number, by architecture
_FORBIDDEN = {
    "x86_64": {
        "fork": 57,
        "vfork": 58,
        "execve": 59,
        "kill": 62,
        "ptrace": 101,
        "pivot_root": 155,
        "mount": 165,
        "umount2": 166,
        "init_module": 175,
        "add_key": 248,
        "request_key": 249,
        "keyctl": 250,
        "unshare": 272,
        "perf_event_open": 298,
        "open_by_handle_at": 304,
        "setns": 308,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "kexec_file_load": 320,
        "bpf": 321,
        "execveat": 322,
        "userfaultfd": 323,
        "pidfd_send_signal": 424,
        "io_uring_setup": 425,
        "open_tree": 428,
        "move_mount": 429,
        "fsopen": 430,
        "pidfd_getfd": 438,
    },
    "aarch64": {
        "umount2": 39,
        "mount": 40,
        "pivot_root": 41,
        "unshare": 97,
        "init_module": 105,
        "ptrace": 117,
        "kill": 129,
        "add_key": 217,
        "request_key": 218,
        "keyctl": 219,
        "execve": 221,
        "perf_event_open": 241,
        "open_by_handle_at": 265,
        "setns": 268,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "bpf": 280,
        "execveat": 281,
        "userfaultfd": 282,
        "kexec_file_load": 294,
        "pidfd_send_signal": 424,
        "io_uring_setup": 425,
        "open_tree": 428,
        "move_mount": 429,
        "fsopen": 430,
        "pidfd_getfd": 438,
    },
}
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SOCKET = {"x86_64": 41, "aarch64": 198}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("filter", ctypes.POINTER(_Instruction)))


def is_known() -> bool:
    return platform.machine() in _ARCHITECTURE


def filter_calls(families: Iterable[int]) -> None:
    """Install the filter for this process and every thread it starts later.

    Raises:
        OSError: the kernel has no seccomp filters.
    """
    code = _program(platform.machine(), tuple(families))
    instructions = (_Instruction * len(code))(*(_Instruction(*line) for line in code))
    program = _Program(len(code), instructions)
    prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), ctypes.byref(program), 0, 0)


Line = tuple[int, int, int, int]


def _program(machine: str, families: tuple[int, ...]) -> list[Line]:
    lines: list[Line] = [
        (_LOAD, 0, 0, _ARCH),
        (_JUMP_EQUAL, 1, 0, _ARCHITECTURE[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_GREATER, 0, 1, _X32),  # the x32 table has the same calls under other numbers
        (_RETURN, 0, 0, _KILL),
    ]
    for number in _FORBIDDEN[machine].values():
        lines += _when(number, [(_RETURN, 0, 0, _ERRNO | errno.EPERM)])
    # glibc falls back to clone, whose flags can be judged
    lines += _when(_CLONE3, [(_RETURN, 0, 0, _ERRNO | errno.ENOSYS)])
    lines += _when(_CLONE[machine], _only_threads())
    lines += _when(_SOCKET[machine], _only_families(families))
    return [*lines, (_RETURN, 0, 0, _ALLOW)]


def _when(number: int, then: list[Line]) -> list[Line]:
    """`then` must end in a return on every path."""
    return [(_JUMP_EQUAL, 0, len(then), number), *then]


def _only_threads() -> list[Line]:
    return [
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_JUMP_SET, 1, 0, _CLONE_THREAD),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _only_families(families: tuple[int, ...]) -> list[Line]:
    lines: list[Line] = [(_LOAD, 0, 0, _FIRST_ARGUMENT)]
    for family in families:
        lines += [(_JUMP_EQUAL, 0, 1, family), (_RETURN, 0, 0, _ALLOW)]
    return [*lines, (_RETURN, 0, 0, _ERRNO | errno.EAFNOSUPPORT)]
