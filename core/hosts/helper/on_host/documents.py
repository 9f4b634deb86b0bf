"""What a hold's document and a release order must say before they are kept."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from core.hosts.helper.on_host.files import object_in
from core.hosts.helper.on_host.values import (
    Refused,
    checked_bool,
    checked_count,
    checked_doors,
    checked_macs,
    checked_text,
    is_list,
)

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
MAX_ORDER_BYTES = 64 * 1024
MODES = ("freeze", "strict", "forensic", "observe")
HOWS = ("resume", "restart", "rebuild")
CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LINE = re.compile(r"[^\0]{0,8192}")
BODY = re.compile(r"[^\0]*")
LINES = ("name", "owner", "station", "since", "reason")
BODIES = ("before_stored", "before_live")
MAX_FIELDS = 64


class Held(NamedTuple):
    """What the host itself acts upon, of one document."""

    uuid: str
    case: str
    mode: str
    generation: int
    macs: tuple[str, ...]
    doors: tuple[tuple[str, int], ...]

    @property
    def observes(self) -> bool:
        return self.mode == "observe"


def bytes_of(value: object, limit: int) -> bytes:
    try:
        body = value.encode() if isinstance(value, str) else b""
    except UnicodeEncodeError:
        body = b""
    if not 0 < len(body) <= limit:
        raise Refused("helper-value", "document")
    return body


def held_in(body: bytes, uuid: str) -> Held:
    """Check a document of this machine.

    Raises:
        Refused: helper-value, with the field.
    """
    found = object_in(body)
    case, generation = checked_case(found, uuid)
    if found.get("mode") not in MODES:
        raise Refused("helper-value", "mode")
    held = Held(
        uuid,
        case,
        str(found["mode"]),
        generation,
        checked_macs(found.get("macs")),
        checked_doors(found.get("doors")),
    )
    if held.doors and held.mode != "forensic":
        raise Refused("helper-value", "doors")
    check_the_rest(found)
    return held


def checked_case(found: dict[str, Any], uuid: str) -> tuple[str, int]:
    if found.get("format") != 1 or found.get("uuid") != uuid or len(found) > MAX_FIELDS:
        raise Refused("helper-value", "uuid")
    generation = checked_count(found.get("generation"))
    if not generation:
        raise Refused("helper-value", "generation")
    return checked_text(found.get("case"), CASE, "case"), generation


def check_the_rest(found: dict[str, Any]) -> None:
    for name in LINES:
        checked_text(found.get(name), LINE, name)
    for name in BODIES:
        checked_text(found.get(name), BODY, name)
    for name in ("drill", "ran"):
        checked_bool(found.get(name), name)
    if found.get("autostart") is not None:
        checked_bool(found["autostart"], "autostart")
    checked_macs(found.get("raise_on_release"))


def check_release(body: bytes, held: Held) -> None:
    """A release order names exactly the hold that stands.

    Raises:
        Refused: helper-value, hold-stale.
    """
    found = object_in(body)
    case, generation = checked_case(found, held.uuid)
    if found.get("how") not in HOWS or any(is_list(value) for value in found.values()):
        raise Refused("helper-value", "how")
    checked_text(found.get("reason"), LINE, "reason")
    if (case, generation) != (held.case, held.generation):
        raise Refused("hold-stale", f"{held.case} {held.generation}")
