"""How long each station's audit log was once: nothing said here is taken back.

A log that was cut is shorter than its longest anchor, one that was edited or made anew differs from
an anchor at its count. So a shorter or another anchor is kept beside the others, never in
their place; when they become many the older ones are thinned, not the first, longest and last.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from core.hosts.helper.on_host.files import locked, object_in, packed, put, taken, utc_now
from core.hosts.helper.on_host.holds import signature_in, text_in
from core.hosts.helper.on_host.keys import (
    ANCHOR_PREFIX,
    KEY,
    as_signature,
    must_be_prepared,
    signed_by_operator,
)
from core.hosts.helper.on_host.places import HERE, Places
from core.hosts.helper.on_host.values import checked_count, checked_text

MAX_ANCHORS = 128
SHA256 = re.compile(r"[0-9a-f]{64}")


def write_anchor(values: dict[str, Any], here: Places = HERE) -> dict[str, Any]:
    known, count = must_be_prepared(here), checked_count(values.get("count"))
    digest = checked_text(values.get("sha256"), SHA256, "sha256")
    said = f"{count} {digest}".encode()
    key, value = signed_by_operator(known, values.get("signature"), ANCHOR_PREFIX, said)
    signature = as_signature(key, value)
    fresh = {"at": utc_now(), "count": count, "sha256": digest, "signature": signature}
    file = here.anchors / f"{key}.jsonl"
    with locked(here.anchors):
        lines = anchors_in(file)
        if not lines or (lines[-1]["count"], lines[-1]["sha256"]) != (count, digest):
            put(file, b"".join(packed(line) + b"\n" for line in thinned([*lines, fresh])))
    return read_anchors({}, here)


def thinned(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every second of the older half goes, when there are too many."""
    if len(lines) <= MAX_ANCHORS:
        return lines
    longest = max(range(len(lines)), key=lambda place: lines[place]["count"])
    half = len(lines) // 2
    return [
        line
        for place, line in enumerate(lines)
        if place >= half or place % 2 == 0 or place == longest
    ]


def anchors_in(file: Path) -> list[dict[str, Any]]:
    """Raises: Refused: helper-system, when what lies there cannot be read: nothing is dropped."""
    if not file.exists():
        return []
    found = [object_in(line) for line in taken(file).splitlines()]
    return [
        {
            "at": text_in(each, "at"),
            "count": checked_count(each.get("count")),
            "sha256": text_in(each, "sha256"),
            "signature": signature_in(each.get("signature")),
        }
        for each in found
    ]


def read_anchors(_: dict[str, Any], here: Places = HERE) -> dict[str, Any]:
    """Every anchor that is kept, of each key, oldest first."""
    found: list[dict[str, Any]] = []
    for file in sorted(here.anchors.glob("*.jsonl")):
        if KEY.fullmatch(file.stem):
            found += anchors_in(file)
    return {"anchors": found}
