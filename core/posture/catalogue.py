"""The checks' metadata, one JSON file a family in resources/catalogue, read strictly.

A misspelt key, an unknown severity or an id that stands twice is an error with its file: metadata
that is silently dropped would be a check that silently counts for nothing.
"""

from importlib.resources import files
from pathlib import Path

import msgspec
from msgspec import Struct

from core.posture.model import CheckInfo, FixTime, Scope, Severity


class CatalogueError(ValueError):
    """The catalogue that ships with the program is broken; the text names file and place."""


class _Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """A check as it is written in the file; the family is the file's."""

    id: str
    scope: Scope
    severity: str
    value: int
    needs: tuple[str, ...]
    live: FixTime
    sources: tuple[str, ...]
    mappings: dict[str, tuple[str, ...]]
    never_lower: bool = False
    eased_alone: bool = False


class _Family(Struct, frozen=True, forbid_unknown_fields=True):
    family: str
    checks: tuple[_Entry, ...]


def load_catalogue(folder: Path | None = None) -> dict[str, CheckInfo]:
    """Read every family.

    Raises:
        CatalogueError: a file is not what it must be.
    """
    found: dict[str, CheckInfo] = {}
    for path in sorted((folder or _shipped()).glob("*.json")):
        for info in _read(path):
            if info.id in found:
                raise CatalogueError(f"{path.name}: {info.id} stands twice")
            found[info.id] = info
    return found


def _shipped() -> Path:
    return Path(str(files("resources"))) / "catalogue"


def _read(path: Path) -> tuple[CheckInfo, ...]:
    try:
        family = msgspec.json.decode(path.read_bytes(), type=_Family)
        return tuple(_info(entry, family.family) for entry in family.checks)
    except (msgspec.DecodeError, KeyError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def _info(entry: _Entry, family: str) -> CheckInfo:
    return CheckInfo(
        id=entry.id,
        scope=entry.scope,
        severity=Severity[entry.severity.upper()],
        value=entry.value,
        needs=entry.needs,
        live=entry.live,
        family=family,
        sources=entry.sources,
        mappings=entry.mappings,
        never_lower=entry.never_lower,
        eased_alone=entry.eased_alone,
    )
