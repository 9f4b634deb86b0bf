"""Where the slow-to-build parts of the lab are kept between runs, and who may build them."""

import fcntl
import hashlib
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


def cache_directory() -> Path:
    """The lab's own cache; private, because it holds the keys of the SELinux host."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    directory = Path(base) / "ringfence-lab"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


def cache_key(*parts: str) -> str:
    """A short name that changes whenever any of the parts does."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@contextmanager
def only_builder(name: str) -> Generator[None]:
    """Let one process at a time build the thing of that name; the others wait for it."""
    with (cache_directory() / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
