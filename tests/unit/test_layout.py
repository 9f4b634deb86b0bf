"""The fences of the house, and the safety of our plain package names."""

import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"core", "gui", "resources"}
FOREIGN = {"PySide6", "qasync", "gui", "libvirt", "paramiko"}
OWN_PROCESS = ("core.hosts.worker", "core.hosts.ssh")


def test_the_core_imports_neither_qt_nor_libvirt_nor_paramiko() -> None:
    code = (
        "import core, importlib, pkgutil, sys\n"
        f"away = {OWN_PROCESS!r}\n"
        "for m in pkgutil.walk_packages(core.__path__, 'core.', onerror=lambda name: None):\n"
        "    if not m.name.startswith(away) and not m.name.endswith('__main__'):\n"
        "        importlib.import_module(m.name)\n"
        f"bad = {{m.split('.')[0] for m in sys.modules}} & {FOREIGN!r}\n"
        "sys.exit(', '.join(sorted(bad)) or 0)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_no_dependency_ships_a_package_with_our_names() -> None:
    owners = packages_distributions()
    assert {n: o for n, o in owners.items() if n in OURS and set(o) != {"ringfence"}} == {}


def test_packaging_never_shadows_the_library_of_that_name() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()


@pytest.mark.parametrize("name", sorted(OURS))
def test_no_folder_of_the_tests_has_the_name_of_a_package(name: str) -> None:
    assert not [path for path in (ROOT / "tests").rglob(name) if path.is_dir()]


def test_no_file_is_longer_than_the_house_allows() -> None:
    rooms = [path for room in ("core", "gui", "tests") for path in (ROOT / room).rglob("*.py")]
    long = [str(p.relative_to(ROOT)) for p in rooms if len(p.read_bytes().splitlines()) > 400]
    assert long == []
