"""All layers in their order, and an honest word in the log about each that is missing."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

from core.hosts.lowered import lower_privileges
from core.hosts.protocol import Open
from core.hosts.worker.confinement import landlock, own_root, seccomp
from core.hosts.worker.confinement.needs import Needs, needs_of

_KEPT = ("PATH", "LANG", "PYTHONPATH", "TZ")
_HOMES = ("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")
_NOWHERE = Path("/nonexistent/ringfence")
_GIB = 1024**3
_DATA_LIMIT = 2 * _GIB  # what it really uses; address space is mostly unused reserves of threads
_ADDRESS_LIMIT = 16 * _GIB
_FILE_LIMIT = 256


def confine(order: Open, stream: int) -> Iterator[str]:
    """Give up everything but `stream` and what `order`'s host needs; yields lines for the log.

    Raises:
        OSError: the first, unconditional layers failed; the worker must not run then.
    """
    needs = needs_of(order)
    home = _scrub_environment()
    _drop_descriptors(stream)
    _limit()
    yield from _own_root(needs, home)
    lower_privileges()
    yield from _landlock(needs)
    yield from _seccomp(needs)


def _scrub_environment() -> Path:
    """HOME stays the empty folder the session made; without one it points nowhere."""
    home = Path(os.environ.get("HOME") or _NOWHERE)
    if not home.is_dir() or any(home.iterdir()):
        home = _NOWHERE
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    os.environ.clear()
    os.environ.update(kept)
    os.environ.update(dict.fromkeys(_HOMES, str(home)))
    return home


def _drop_descriptors(stream: int) -> None:
    os.closerange(3, stream)
    os.closerange(stream + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_DATA, _DATA_LIMIT),
        (resource.RLIMIT_AS, _ADDRESS_LIMIT),
        (resource.RLIMIT_NOFILE, _FILE_LIMIT),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (wanted, wanted))


def _own_root(needs: Needs, home: Path) -> Iterator[str]:
    try:
        own_root.enter_own_root((*needs.readable, *needs.sockets, Path("/dev/null")), home)
        yield "confined: a file system of its own"
    except OSError as error:
        yield f"not confined by a mount namespace ({error}): sockets stay reachable by their path"


def _landlock(needs: Needs) -> Iterator[str]:
    version = landlock.abi()
    if not version:
        yield "not confined by Landlock: this kernel has none"
        return
    try:
        landlock.restrict(version, needs.readable, (Path("/dev/null"),), needs.tcp_ports)
        yield f"confined: Landlock {version}"
    except OSError as error:
        yield f"not confined by Landlock: {error}"


def _seccomp(needs: Needs) -> Iterator[str]:
    if not seccomp.is_known():
        yield "not confined by seccomp: unknown architecture"
        return
    try:
        seccomp.filter_calls(needs.families)
        yield "confined: seccomp"
    except OSError as error:
        yield f"not confined by seccomp: {error}"
