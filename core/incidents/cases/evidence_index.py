"""What lies in a case's directory, by its signed manifests: names, sizes, hashes.

This only reads what the manifests say. Whether the files fit them is asked of `case verify`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from core.incidents.cases.story import EvidenceIndex, EvidenceItem
from core.incidents.evidence.manifest import Manifest, read_manifest, sha256_of
from core.incidents.evidence.verify import collections_in
from core.text import RingfenceError, Text

_CASE = re.compile(r"[0-9a-f-]{8,64}")  # a host may name a case: it is no path


def evidence_of(cases_dir: Path, case: str) -> EvidenceIndex:
    """The index of one case. A collection that cannot be read is said, and hides no other."""
    folder = cases_dir / case
    if _CASE.fullmatch(case) is None or not folder.is_dir():
        return EvidenceIndex()
    items: list[EvidenceItem] = []
    hashes: list[str] = []
    keys: dict[str, None] = {}
    problem: Text | None = None
    for collection in _collections(folder):
        try:
            manifest, _body = read_manifest(collection)
            hashes.append(sha256_of(collection / "manifest.json"))
        except (RingfenceError, OSError):
            problem = Text("cases.evidence.unreadable", {"name": collection.name})
            continue
        keys[manifest.key or "-"] = None
        items += _items(manifest, collection.name)
    return EvidenceIndex(tuple(items), " ".join(hashes), " ".join(keys), problem)


def _collections(folder: Path) -> tuple[Path, ...]:
    try:
        return collections_in(folder)
    except RingfenceError:  # nothing was sealed yet
        return ()


def _items(manifest: Manifest, collection: str) -> Iterator[EvidenceItem]:
    for item in manifest.items:
        for part in item.parts:
            name = f"{collection}/{part.path}"
            yield EvidenceItem(name, item.kind, part.bytes, part.sha256, item.ended_at)
