"""A host's private directory at run time: its children's HOME, and the socket to libvirt.

It lives in the station's runtime directory, mode 0700, belongs to one session of one process and
goes away with it; what a killed process left behind is swept by the next.
"""

import os
import shutil
import tempfile
from pathlib import Path

from core.settings.places import make_private

_PREFIX = "host-"


def make_scratch(runtime_dir: Path) -> Path:
    """Make a new private directory."""
    make_private(runtime_dir)
    sweep_scratch(runtime_dir)
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=runtime_dir))


def remove_scratch(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def sweep_scratch(parent: Path) -> None:
    """Remove the directories of processes that are no more."""
    for folder in parent.glob(f"{_PREFIX}*-*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdecimal() and not Path("/proc", pid).exists():
            remove_scratch(folder)
