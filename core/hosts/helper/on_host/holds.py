"""Holds as this host keeps them: signed, counted, changed only by who saw what stands.

`HOLDS/<uuid>.json` is there as long as a machine is held, whatever happens to stations. A file that
cannot be read holds its machine too: nothing is released by breaking it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from core.hosts.helper.on_host.documents import (
    MAX_DOCUMENT_BYTES,
    MAX_ORDER_BYTES,
    Held,
    bytes_of,
    check_release,
    held_in,
)
from core.hosts.helper.on_host.files import (
    is_locked,
    locked,
    object_in,
    packed,
    put,
    take_away,
    taken,
    utc_now,
)
from core.hosts.helper.on_host.kept_disks import disks_seen, let_go
from core.hosts.helper.on_host.keys import (
    HOLD_PREFIX,
    RELEASE_PREFIX,
    as_signature,
    good_keys,
    must_be_prepared,
    operators,
    people_needed,
    signed_by_operator,
)
from core.hosts.helper.on_host.places import HERE, Places
from core.hosts.helper.on_host.values import (
    Refused,
    checked_count,
    checked_uuid,
    is_list,
    is_object,
)

MAX_EVENTS = 200
MAX_RELEASED = 200
MAX_EVENTS_BYTES = 256 * 1024
MAX_HOLDS_BYTES = 32 * 1024 * 1024


class Record(NamedTuple):
    """One file as it lies there; without `held` it says nothing that can be believed."""

    held: Held | None
    values: dict[str, Any]

    @property
    def generation(self) -> int:
        return self.held.generation if self.held else 0


def hold_file(here: Places, uuid: str) -> Path:
    return here.holds / f"{uuid}.json"


def events_file(here: Places, uuid: str) -> Path:
    return here.holds / f"{uuid}.events.jsonl"


def released_file(here: Places, uuid: str) -> Path:
    return here.holds / f"{uuid}.released"


def record_of(here: Places, uuid: str) -> Record | None:
    """None only when no file is there."""
    file = hold_file(here, uuid)
    if not os.path.lexists(file):
        return None
    try:
        values = object_in(taken(file))
        body = bytes_of(values.get("document"), MAX_DOCUMENT_BYTES)
        good = good_keys(operators(here), [values.get("signature")], HOLD_PREFIX, body)
        return Record(held_in(body, uuid) if good else None, values)
    except Refused:
        return Record(None, {})


def released(here: Places, record: Record) -> bool:
    """Whether enough operators signed a release order for exactly this hold."""
    if record.held is None:
        return False
    try:
        order = bytes_of(record.values.get("release"), MAX_ORDER_BYTES)
        check_release(order, record.held)
    except Refused:
        return False
    signatures = record.values.get("release_signatures")
    return len(good_keys(operators(here), signatures, RELEASE_PREFIX, order)) >= people_needed(here)


def write_hold(values: dict[str, Any], here: Places = HERE) -> dict[str, Any]:
    uuid, known = checked_uuid(values.get("uuid")), must_be_prepared(here)
    body = bytes_of(values.get("document"), MAX_DOCUMENT_BYTES)
    held, expected = held_in(body, uuid), checked_count(values.get("expected"))
    signature = as_signature(*signed_by_operator(known, values.get("signature"), HOLD_PREFIX, body))
    with locked(here.holds):
        stands = record_of(here, uuid)
        if stands is None or stands.values.get("document") != values["document"]:
            must_be_next(stands, held, expected)
            must_not_open(here, stands, held)
            put_record(here, uuid, {"document": values["document"], "signature": signature})
    return read_holds({}, here)


def must_be_next(stands: Record | None, held: Held, expected: int) -> None:
    """Refuse a station that did not see what stands."""
    number = stands.generation if stands else 0
    if (stands is not None and stands.held is None and expected) or number != expected:
        raise Refused("hold-stale", in_short(stands))
    if held.generation != expected + 1:
        raise Refused("hold-stale", in_short(stands))


def must_not_open(here: Places, stands: Record | None, held: Held) -> None:
    """Where two people release, one cannot do it by a hold that only observes."""
    if stands is None or stands.held is None or stands.held.observes or not held.observes:
        return
    if people_needed(here) > 1 and not released(here, stands):
        raise Refused("hold-not-released", in_short(stands))


def in_short(stands: Record | None) -> str:
    """What stands, in the few words a refusal carries."""
    found: dict[str, Any] = {}
    if stands is not None and stands.held is not None:
        found = object_in(str(stands.values["document"]))
    short = {name: str(found.get(name, ""))[:60] for name in ("mode", "owner", "station", "since")}
    case, generation = str(found.get("case", "")), stands.generation if stands else 0
    return json.dumps({"case": case, "generation": generation, **short}, ensure_ascii=False)[:500]


def put_record(here: Places, uuid: str, values: dict[str, Any]) -> None:
    put(hold_file(here, uuid), packed(values))


def ask_release(values: dict[str, Any], here: Places = HERE) -> dict[str, Any]:
    """The order lies with the hold; a second signature must be another person's."""
    uuid, known = checked_uuid(values.get("uuid")), must_be_prepared(here)
    order = bytes_of(values.get("release"), MAX_ORDER_BYTES)
    key, value = signed_by_operator(known, values.get("signature"), RELEASE_PREFIX, order)
    with locked(here.holds):
        stands = record_of(here, uuid)
        if stands is None or stands.held is None:
            raise Refused("hold-stale", in_short(stands))
        check_release(order, stands.held)
        same = stands.values.get("release") == values["release"]
        others = release_signatures(stands.values) if same else []
        kept = [each for each in others if each["key"] != key]
        fresh = {"release": values["release"], "lowered": False}
        fresh["release_signatures"] = [*kept, as_signature(key, value)]
        put_record(here, uuid, {**stands.values, **fresh})
    return read_holds({}, here)


def clear_hold(values: dict[str, Any], here: Places = HERE) -> dict[str, Any]:
    uuid, expected = checked_uuid(values.get("uuid")), checked_count(values.get("expected"))
    must_be_prepared(here)
    with locked(here.holds):
        stands = record_of(here, uuid)
        if stands is not None:
            if not released(here, stands):
                raise Refused("hold-not-released", in_short(stands))
            if stands.generation != expected:
                raise Refused("hold-stale", in_short(stands))
            left = let_go(here, uuid)
            put(released_file(here, uuid), packed({**as_released(uuid, stands), "left": left}))
            take_away(hold_file(here, uuid), events_file(here, uuid))
            forget_old(here)
    return read_holds({}, here)


def may_lower(uuid: str, here: Places) -> None:
    """Before a barrier goes: whoever keeps it up meanwhile is told in the same file.

    Raises:
        Refused: hold-not-released.
    """
    if not os.path.lexists(hold_file(here, uuid)):
        return
    with locked(here.holds):
        stands = record_of(here, uuid)
        if stands is None:
            return
        if not released(here, stands):
            raise Refused("hold-not-released", in_short(stands))
        put_record(here, uuid, {**stands.values, "lowered": True})


def may_raise(uuid: str, doors: tuple[tuple[str, int], ...], observe: bool, here: Places) -> None:
    """A barrier may be stricter than the hold says, never looser, unless it was released.

    Raises:
        Refused: hold-not-released.
    """
    if not os.path.lexists(hold_file(here, uuid)):
        return
    with locked(here.holds):
        stands = record_of(here, uuid)
        if stands is None:
            return
        held = stands.held
        fits = held is not None and set(doors) <= set(held.doors) and held.observes >= observe
        if not fits and (doors or observe) and not released(here, stands):
            raise Refused("hold-not-released", in_short(stands))
        if stands.values.get("lowered"):
            put_record(here, uuid, {**stands.values, "lowered": False})


def read_holds(_: dict[str, Any], here: Places = HERE) -> dict[str, Any]:
    found = [hold_seen(here, uuid) for uuid in held_uuids(here)]
    if sum(len(each["document"]) for each in found) > MAX_HOLDS_BYTES:
        raise Refused("helper-system", "holds")
    return {
        "prepared": bool(operators(here)) and here.program.exists(),
        "keeping": keeping(here),
        "two_people": people_needed(here) == 2,
        "holds": found,
        "released": releases(here),
    }


def held_uuids(here: Places) -> list[str]:
    """Whatever lies there under a machine's name holds it."""
    found: list[str] = []
    for file in sorted(here.holds.glob("*.json")):
        try:
            found.append(checked_uuid(file.name[: -len(".json")]))
        except Refused:
            continue
    return found


def hold_seen(here: Places, uuid: str) -> dict[str, Any]:
    record = record_of(here, uuid) or Record(None, {})
    values = record.values
    return {
        "uuid": uuid,
        "generation": record.generation,
        "document": text_in(values, "document"),
        "signature": signature_in(values.get("signature")),
        "valid": record.held is not None,
        "release": text_in(values, "release"),
        "release_signatures": release_signatures(values),
        "events": hold_events(here, uuid),
        "disks": disks_seen(here, uuid),
    }


def release_signatures(values: dict[str, Any]) -> list[dict[str, Any]]:
    found = values.get("release_signatures")
    return [signature_in(each) for each in found] if is_list(found) else []


def as_released(uuid: str, stands: Record) -> dict[str, Any]:
    """What stays of a hold: that it was released, and who signed that."""
    held = stands.held
    return {
        "uuid": uuid,
        "case": held.case if held else "",
        "generation": stands.generation,
        "at": utc_now(),
        "release": text_in(stands.values, "release"),
        "release_signatures": release_signatures(stands.values),
    }


def releases(here: Places) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for file in sorted(here.holds.glob("*.released")):
        try:
            given = object_in(taken(file))
            fields = {name: text_in(given, name) for name in ("uuid", "case", "at", "release")}
            generation = checked_count(given.get("generation"))
        except Refused:
            continue
        told = given.get("left")
        left = [str(each)[:500] for each in told] if is_list(told) else []
        signatures = release_signatures(given)
        found.append(
            {**fields, "generation": generation, "release_signatures": signatures, "left": left}
        )
    return found


def forget_old(here: Places) -> None:
    """The oldest go when there are too many."""
    files = sorted(here.holds.glob("*.released"), key=lambda file: file.stat().st_mtime)
    for file in files[: max(0, len(files) - MAX_RELEASED)]:
        file.unlink()


def text_in(values: dict[str, Any], name: str) -> str:
    found = values.get(name)
    return found if isinstance(found, str) else ""


def signature_in(found: object) -> dict[str, Any]:
    given = dict(found) if is_object(found) else {}
    return as_signature(text_in(given, "key"), text_in(given, "value"))


def hold_events(here: Places, uuid: str) -> list[dict[str, Any]]:
    """The last of them; a line that is none is left out."""
    try:
        lines = taken(events_file(here, uuid), 2 * MAX_EVENTS_BYTES).splitlines()
    except Refused:
        return []
    found: list[dict[str, Any]] = []
    for line in lines[-MAX_EVENTS:]:
        try:
            given = object_in(line)
        except Refused:
            continue
        seconds = given.get("seconds")
        words = {name: text_in(given, name)[:500] for name in ("at", "what", "detail")}
        found.append(
            {**words, "seconds": float(seconds) if isinstance(seconds, (int, float)) else 0.0}
        )
    return found


def keeping(here: Places) -> bool:
    """Whether somebody holds the keeper's lock."""
    return is_locked(here.run / "keep.lock")
