"""The metadata is read strictly: a slip in a file is an error with the file's name."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.posture.catalogue import CatalogueError, load_catalogue
from core.posture.model import FixTime, Scope, Severity

ENTRY: dict[str, Any] = {
    "id": "VM-X-001",
    "scope": "machine",
    "severity": "high",
    "value": 50,
    "needs": ["xml"],
    "live": "restart",
    "sources": ["s"],
    "mappings": {"bsi": ["SYS.1.5.A1"]},
}


def write(folder: Path, *entries: dict[str, Any], name: str = "x") -> None:
    (folder / f"{name}.json").write_text(json.dumps({"family": name, "checks": entries}))


def test_an_entry_becomes_metadata(tmp_path: Path) -> None:
    write(tmp_path, ENTRY)
    info = load_catalogue(tmp_path)["VM-X-001"]
    assert (info.family, info.scope, info.severity) == ("x", Scope.MACHINE, Severity.HIGH)
    assert info.live is FixTime.RESTART
    assert info.mappings == {"bsi": ("SYS.1.5.A1",)}


@pytest.mark.parametrize(
    "entry",
    [
        {**ENTRY, "severty": "high"},
        {**ENTRY, "severity": "terrible"},
        {**ENTRY, "value": "50"},
        {key: value for key, value in ENTRY.items() if key != "sources"},
    ],
)
def test_a_slip_is_an_error_that_names_the_file(tmp_path: Path, entry: dict[str, Any]) -> None:
    write(tmp_path, entry)
    with pytest.raises(CatalogueError, match=r"x\.json"):
        load_catalogue(tmp_path)


def test_an_id_stands_once(tmp_path: Path) -> None:
    write(tmp_path, ENTRY)
    write(tmp_path, ENTRY, name="y")
    with pytest.raises(CatalogueError, match="stands twice"):
        load_catalogue(tmp_path)


def test_what_ships_is_at_least_fifty_checks_with_the_best_ones() -> None:
    shipped = load_catalogue()
    assert len(shipped) >= 50
    assert shipped["VM-SVIRT-001"].severity is Severity.CRITICAL
    assert shipped["VM-SVIRT-001"].never_lower
