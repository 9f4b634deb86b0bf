"""A hold on a host yields to nobody who did not see what stands, or who is not believed there."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.hosts.helper.holds import AnchorsSeen, HoldsSeen
from core.hosts.helper.on_host.anchors import MAX_ANCHORS, write_anchor
from core.hosts.helper.on_host.holds import (
    ask_release,
    clear_hold,
    hold_file,
    may_lower,
    may_raise,
    read_holds,
    record_of,
    write_hold,
)
from core.hosts.helper.on_host.places import Places, places_below
from core.hosts.helper.on_host.values import Refused

UUID = "6695eb01-f6a4-8304-79aa-97f2502e1930"
MAC = "52:54:00:00:00:01"
HOLD, RELEASE = b"ringfence-hold-v1\0", b"ringfence-release-v1\0"
ANN, BOB = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
MALLORY = Ed25519PrivateKey.from_private_bytes(bytes([3]) * 32)


@pytest.fixture
def here(tmp_path: Path) -> Places:
    places = places_below(tmp_path)
    places.operators.mkdir(parents=True)
    for name, key in (("ann", ANN), ("bob", BOB)):
        add_operator(places, name, hex_of(key))
    return places


def add_operator(places: Places, name: str, text: str) -> None:
    file = places.operators / f"{name}.pub"
    file.write_text(text + "\n")
    file.chmod(0o644)


def ask_two(places: Places, text: str = '{"two_people": true}') -> None:
    places.policy.write_text(text)
    places.policy.chmod(0o644)


def hex_of(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def signature(key: Ed25519PrivateKey, body: bytes) -> dict[str, str]:
    return {"key": hex_of(key), "value": key.sign(body).hex()}


def document(generation: object = 1, **more: object) -> str:
    values: dict[str, object] = {
        "format": 1,
        "uuid": UUID,
        "name": "web",
        "case": "019a-1",
        "mode": "freeze",
        "owner": "ann",
        "station": "desk",
        "since": "2026-11-22T05:00:00Z",
        "reason": "odd traffic",
        "generation": generation,
        "macs": [MAC],
        "doors": [],
        "drill": False,
        "ran": True,
        "autostart": None,
        "raise_on_release": [MAC],
        "before_stored": "<domain/>",
        "before_live": "<domain/>",
        **more,
    }
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def held(
    here: Places,
    text: str,
    expected: int,
    key: Ed25519PrivateKey = ANN,
    signed: bytes | None = None,
    uuid: str = UUID,
) -> HoldsSeen:
    body = HOLD + text.encode() if signed is None else signed
    given = {"uuid": uuid, "document": text, "expected": expected}
    found = write_hold({**given, "signature": signature(key, body)}, here)
    return msgspec.convert(found, HoldsSeen)


def order(generation: int = 1, case: str = "019a-1", how: str = "resume", **more: object) -> str:
    values = {"format": 1, "uuid": UUID, "case": case, "generation": generation, "how": how}
    return json.dumps({**values, "reason": "clean", **more}, sort_keys=True)


def asked(here: Places, text: str, key: Ed25519PrivateKey = ANN) -> HoldsSeen:
    given = {"uuid": UUID, "release": text, "signature": signature(key, RELEASE + text.encode())}
    return msgspec.convert(ask_release(given, here), HoldsSeen)


def refusal(act: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value


def test_a_hold_is_kept_for_roots_eyes_and_read_back(here: Places) -> None:
    seen = held(here, document(), 0)
    [hold] = seen.holds
    assert hold.valid and hold.generation == 1 and hold.document == document()
    file = hold_file(here, UUID)
    assert file.stat().st_mode & 0o777 == 0o600
    assert here.holds.stat().st_mode & 0o777 == 0o700
    assert held(here, document(), 0) == seen, "the same again is no change"


def test_generations_are_changed_only_by_who_saw_the_last(here: Places) -> None:
    held(here, document(1), 0)
    held(here, document(2, mode="strict"), 1)
    late = refusal(lambda: held(here, document(2, owner="bob"), 1))
    assert late.code == "hold-stale"
    stands = json.loads(late.detail)
    assert stands["generation"] == 2 and stands["owner"] == "ann" and stands["mode"] == "strict"
    assert refusal(lambda: held(here, document(1), 0)).code == "hold-stale", "an old one again"
    assert refusal(lambda: held(here, document(9), 2)).code == "hold-stale"


def test_a_host_that_was_not_prepared_keeps_nothing(tmp_path: Path) -> None:
    bare = places_below(tmp_path)
    assert refusal(lambda: held(bare, document(), 0)).code == "host-unprepared"
    assert refusal(lambda: asked(bare, order())).code == "host-unprepared"
    given = {"uuid": UUID, "expected": 1}
    assert refusal(lambda: clear_hold(given, bare)).code == "host-unprepared"
    assert refusal(lambda: anchored(bare, 1)).code == "host-unprepared"
    seen = msgspec.convert(read_holds({}, bare), HoldsSeen)
    assert not seen.prepared and not seen.keeping and seen.holds == ()
    assert not here_files(tmp_path)


def here_files(root: Path) -> list[Path]:
    return [found for found in root.rglob("*") if found.is_file()]


def test_only_operators_over_these_very_bytes_are_believed(here: Places) -> None:
    text = document()
    wrong = [
        lambda: held(here, text, 0, MALLORY),
        lambda: held(here, text, 0, signed=HOLD + document(2).encode()),
        lambda: held(here, text, 0, signed=text.encode()),
        lambda: held(here, text, 0, signed=RELEASE + text.encode()),
    ]
    for act in wrong:
        assert refusal(act).code == "hold-unsigned"
    assert here_files(here.holds) == []


def test_a_key_others_may_write_is_no_operators(here: Places) -> None:
    add_operator(here, "mallory", hex_of(MALLORY))
    (here.operators / "mallory.pub").chmod(0o666)
    assert refusal(lambda: held(here, document(), 0, MALLORY)).code == "hold-unsigned"
    (here.operators / "mallory.pub").unlink()
    (here.operators / "mallory.pub").symlink_to(here.operators / "ann.pub")
    held(here, document(), 0)


@pytest.mark.parametrize(
    "uuid", ["../../etc/passwd", "", UUID.upper(), f"../{UUID}", f"{UUID}/..", f"{UUID}\0"]
)
def test_a_name_that_is_a_path_is_refused(here: Places, uuid: str) -> None:
    given = document(uuid=uuid)
    assert refusal(lambda: held(here, given, 0, uuid=uuid)).code == "helper-value"
    assert here_files(here.holds) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"uuid": "6695eb01-f6a4-8304-79aa-97f2502e1931"},
        {"format": 2},
        {"mode": "open"},
        {"mode": ["freeze"]},
        {"case": "../x"},
        {"generation": True},
        {"generation": 0},
        {"macs": ["52:54:00:00:00:01 }"]},
        {"doors": [{"station": "192.0.2.9", "port": 22}]},  # not in this mode
        {"mode": "forensic", "doors": [{"station": "::1", "port": 22}]},
        {"mode": "forensic", "doors": [{"station": "192.0.2.9", "port": 0}]},
        {"mode": "forensic", "doors": [{"station": "192.0.2.09", "port": 1}]},
        {"reason": None},
        {"ran": 1},
        {"autostart": "no"},
        {"before_stored": {}},
        {"name": "x" * 9000},
    ],
)
def test_a_document_is_checked_field_by_field(here: Places, wrong: dict[str, object]) -> None:
    assert refusal(lambda: held(here, document(**wrong), 0)).code == "helper-value"


def test_a_key_twice_is_refused_for_readers_differ(here: Places) -> None:
    text = document()[:-1] + ',"mode":"observe"}'
    assert refusal(lambda: held(here, text, 0)).code == "helper-value"


def test_one_person_releases_where_one_is_enough(here: Places) -> None:
    held(here, document(), 0)
    assert refusal(lambda: may_lower(UUID, here)).code == "hold-not-released"
    cleared = {"uuid": UUID, "expected": 1}
    assert refusal(lambda: clear_hold(cleared, here)).code == "hold-not-released"
    [hold] = asked(here, order()).holds
    assert hold.release == order() and len(hold.release_signatures) == 1
    may_lower(UUID, here)
    stale = {"uuid": UUID, "expected": 2}
    assert refusal(lambda: clear_hold(stale, here)).code == "hold-stale"
    assert msgspec.convert(clear_hold(cleared, here), HoldsSeen).holds == ()
    clear_hold(cleared, here)
    may_lower(UUID, here)


def test_two_people_sign_the_same_words(here: Places) -> None:
    ask_two(here)
    held(here, document(), 0)
    for _ in range(2):
        asked(here, order())
        assert refusal(lambda: may_lower(UUID, here)).code == "hold-not-released"
    asked(here, order(how="restart"), BOB)
    assert refusal(lambda: may_lower(UUID, here)).code == "hold-not-released", "other words"
    [hold] = asked(here, order(how="restart")).holds
    assert len(hold.release_signatures) == 2
    may_lower(UUID, here)


def test_one_person_cannot_release_by_observing_where_two_are_asked(here: Places) -> None:
    ask_two(here)
    held(here, document(), 0)
    watching = document(2, mode="observe")
    assert refusal(lambda: held(here, watching, 1)).code == "hold-not-released"
    asked(here, order())
    asked(here, order(), BOB)
    assert held(here, watching, 1).holds[0].generation == 2
    held(here, document(3), 2)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"two_people": 0}', '{"two_people": "no"}'])
def test_a_policy_that_cannot_be_read_asks_for_two(here: Places, text: str) -> None:
    ask_two(here, text)
    assert read_holds({}, here)["two_people"] is True
    ask_two(here, '{"two_people": false}')
    assert read_holds({}, here)["two_people"] is False


def test_a_release_order_is_for_one_hold_only(here: Places) -> None:
    held(here, document(), 0)
    assert refusal(lambda: asked(here, order(2))).code == "hold-stale"
    assert refusal(lambda: asked(here, order(case="019a-2"))).code == "hold-stale"
    assert refusal(lambda: asked(here, order(), MALLORY)).code == "hold-unsigned"
    assert refusal(lambda: asked(here, order(how="at once"))).code == "helper-value"
    asked(here, order())
    held(here, document(2), 1)
    assert refusal(lambda: may_lower(UUID, here)).code == "hold-not-released", "it was voided"
    assert refusal(lambda: asked(here, order())).code == "hold-stale"


def test_a_barrier_may_be_stricter_than_the_hold_never_looser(here: Places) -> None:
    may_raise(UUID, (("192.0.2.9", 22),), True, here)
    door = {"station": "192.0.2.9", "port": 22}
    held(here, document(mode="forensic", doors=[door]), 0)
    may_raise(UUID, (), False, here)
    may_raise(UUID, (("192.0.2.9", 22),), False, here)
    wide = refusal(lambda: may_raise(UUID, (("192.0.2.9", 23),), False, here))
    assert wide.code == "hold-not-released"
    assert refusal(lambda: may_raise(UUID, (), True, here)).code == "hold-not-released"


def test_a_file_that_cannot_be_read_holds_its_machine(here: Places) -> None:
    held(here, document(), 0)
    file = hold_file(here, UUID)
    for spoil in (b"", b"{", b"[]", file.read_bytes().replace(b"odd traffic", b"all is well")):
        file.write_bytes(spoil)
        [hold] = msgspec.convert(read_holds({}, here), HoldsSeen).holds
        assert hold.uuid == UUID and not hold.valid and hold.generation == 0
        assert refusal(lambda: may_lower(UUID, here)).code == "hold-not-released"
    held(here, document(), 0)
    file.unlink()
    file.symlink_to("/dev/zero")
    record = record_of(here, UUID)
    assert record is not None and record.held is None


def test_an_operator_who_left_is_believed_no_more(here: Places) -> None:
    held(here, document(), 0)
    asked(here, order())
    (here.operators / "ann.pub").unlink()
    assert refusal(lambda: may_lower(UUID, here)).code == "hold-not-released"
    assert not read_holds({}, here)["holds"][0]["valid"]


def anchored(here: Places, count: int, text: str = "", key: Ed25519PrivateKey = ANN) -> AnchorsSeen:
    digest = hashlib.sha256((text or str(count)).encode()).hexdigest()
    body = b"ringfence-anchor-v1\0" + f"{count} {digest}".encode()
    values: dict[str, Any] = {"count": count, "sha256": digest, "signature": signature(key, body)}
    return msgspec.convert(write_anchor(values, here), AnchorsSeen)


def test_no_anchor_takes_another_ones_place(here: Places) -> None:
    for count, text in ((5, ""), (9, ""), (9, ""), (7, ""), (9, "made anew")):
        anchored(here, count, text)
    seen = anchored(here, 3, key=BOB)
    assert [each.count for each in seen.anchors if each.signature.key == hex_of(ANN)] == [
        5,
        9,
        7,
        9,
    ]
    assert [each.count for each in seen.anchors if each.signature.key == hex_of(BOB)] == [3]
    assert refusal(lambda: anchored(here, 9, key=MALLORY)).code == "hold-unsigned"


def test_many_anchors_are_thinned_but_first_longest_and_last_stay(here: Places) -> None:
    anchored(here, 10_000)
    file = here.anchors / f"{hex_of(ANN)}.jsonl"
    line = json.loads(file.read_bytes())
    counts = [1, 2, 9_999, *range(3, MAX_ANCHORS)]
    file.write_bytes(b"".join(json.dumps({**line, "count": n}).encode() + b"\n" for n in counts))
    seen = anchored(here, 200)
    kept = [each.count for each in seen.anchors]
    assert len(kept) < MAX_ANCHORS and kept[0] == 1 and kept[-1] == 200 and 9_999 in kept
