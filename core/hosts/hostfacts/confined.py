"""What the reader of this machine's facts may touch: the system's own directories, to read.

No home directory, no file to write, no TCP connection, no signal to others. Where the kernel has
no Landlock the reader runs with what `core.hosts.lowered` took from it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from core.hosts.process import CODE_ROOT
from core.hosts.worker.confinement.landlock import abi, restrict

_PROGRAMS = ("/usr", "/bin", "/sbin", "/lib", "/lib64")
_FACTS = ("/etc", "/sys", "/proc", "/run", "/var/lib", "/dev")


def confine_reader() -> None:
    """Raises OSError when a kernel that has Landlock refuses it."""
    version = abi()
    if version:
        restrict(version, _readable(), [Path("/dev/null")], (), _present(_PROGRAMS))


def _readable() -> Iterator[Path]:
    yield from _present(_FACTS)
    yield from {Path(sys.prefix), Path(sys.base_prefix), CODE_ROOT}


def _present(names: tuple[str, ...]) -> Iterator[Path]:
    return (path for name in names if (path := Path(name)).exists())
