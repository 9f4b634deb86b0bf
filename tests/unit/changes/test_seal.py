"""What is sealed opens only here, only for its plan, and only unaltered."""

from pathlib import Path

import pytest

from core.changes.seal import KeySealer, open_sealer
from core.keys.store import open_keys
from core.text import RingfenceError

KEY, OTHER = b"k" * 32, b"o" * 32


def test_it_opens_what_it_sealed() -> None:
    sealer = KeySealer((KEY,))
    blob = sealer.seal("s3cret", "plan/name")
    assert b"s3cret" not in blob
    assert sealer.unseal(blob, "plan/name") == "s3cret"


def test_a_sealed_value_cannot_be_moved_to_another_plan() -> None:
    sealer = KeySealer((KEY,))
    with pytest.raises(RingfenceError, match="seal-damaged"):
        sealer.unseal(sealer.seal("s3cret", "plan/name"), "other/name")


def test_one_altered_byte_is_found() -> None:
    sealer = KeySealer((KEY,))
    blob = bytearray(sealer.seal("s3cret", "a"))
    blob[-1] ^= 1
    with pytest.raises(RingfenceError, match="seal-damaged"):
        sealer.unseal(bytes(blob), "a")


def test_another_key_is_named_as_such() -> None:
    blob = KeySealer((OTHER,)).seal("s3cret", "a")
    with pytest.raises(RingfenceError, match="seal-key-not-here"):
        KeySealer((KEY,)).unseal(blob, "a")
    assert KeySealer((KEY, OTHER)).unseal(blob, "a") == "s3cret"


def test_the_stations_key_is_made_once(tmp_path: Path) -> None:
    blob = open_sealer(open_keys(tmp_path, None)).seal("s3cret", "a")
    assert open_sealer(open_keys(tmp_path, None)).unseal(blob, "a") == "s3cret"
