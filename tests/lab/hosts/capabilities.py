"""What libvirt found out about QEMU, carried from host to host: finding it out takes seconds."""

import shutil
from pathlib import Path

from tests.lab.cache import cache_directory, cache_key
from tests.lab.commands import run
from tests.lab.hosts.tree import CAPABILITIES


def hand_out(tree: Path) -> None:
    """Give a host what an earlier one found out; libvirt itself discards what is out of date."""
    if (kept := _kept()).is_dir():
        shutil.copytree(kept, tree / CAPABILITIES, dirs_exist_ok=True)


def keep(tree: Path) -> None:
    """Keep what a host has found out, for the next one and the next run."""
    if not (kept := _kept()).is_dir():
        shutil.copytree(tree / CAPABILITIES, kept, dirs_exist_ok=True)


def _kept() -> Path:
    versions = (run([tool, "--version"]).stdout for tool in ("qemu-system-x86_64", "libvirtd"))
    kernel = Path("/proc/version").read_text()
    return cache_directory() / f"capabilities-{cache_key(*versions, kernel)}"
