"""The built-in demo fleet: host entries on libvirt's test driver, in a home of its own.

Its fleet.toml, journal and audit live in a private directory that ends with the program, so that
nothing of the demo is ever mixed with the admin's own.
"""

import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

from core.settings.model import HostEntry
from core.settings.places import Places, make_private


def demo_hosts(folder: Path | None = None) -> tuple[HostEntry, ...]:
    """One entry for each recorded-facts file that has a machine file beside it."""
    root = folder or _resources()
    return tuple(
        HostEntry(facts.stem, f"test://{facts.with_suffix('.xml')}", demo_facts=str(facts))
        for facts in sorted(root.glob("*.json"))
        if facts.with_suffix(".xml").exists()
    )


def demo_places(places: Places, folder: Path | None = None) -> Places:
    """Make the demo's private home and put its fleet.toml there."""
    make_private(places.runtime_dir)
    home = Path(tempfile.mkdtemp(prefix="demo-", dir=places.runtime_dir))
    demo = Places.under(home).make()
    shutil.copyfile((folder or _resources()) / "fleet.toml", demo.fleet_file)
    return demo


def remove_demo_places(demo: Places) -> None:
    """Leave nothing behind."""
    shutil.rmtree(demo.config_dir.parent, ignore_errors=True)
    shutil.rmtree(demo.runtime_dir, ignore_errors=True)


def _resources() -> Path:
    return Path(str(files("resources"))) / "demo"
