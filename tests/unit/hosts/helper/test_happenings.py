"""What happened is kept in bounds, and whoever only looks takes no lock away."""

import fcntl
from pathlib import Path

from core.hosts.helper.on_host.happenings import alone, happened
from core.hosts.helper.on_host.holds import MAX_EVENTS, MAX_EVENTS_BYTES, events_file, hold_events
from core.hosts.helper.on_host.netlink import TABLE_NAME, uuid_in
from core.hosts.helper.on_host.places import places_below

UUID = "6695eb01-f6a4-8304-79aa-97f2502e1930"


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    here = places_below(tmp_path)
    happened(here, UUID, "gap", "x" * 9000, 0.12345)
    file = events_file(here, UUID)
    assert file.stat().st_mode & 0o777 == 0o600
    [event] = hold_events(here, UUID)
    assert event["what"] == "gap" and len(event["detail"]) == 500 and event["seconds"] == 0.1235
    file.write_bytes(file.read_bytes() * (2 + MAX_EVENTS_BYTES // file.stat().st_size))
    happened(here, UUID, "stopped")
    found = hold_events(here, UUID)
    assert len(found) == MAX_EVENTS and found[-1]["what"] == "stopped"
    assert file.stat().st_size < MAX_EVENTS_BYTES


def test_a_lock_is_had_once(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with file.open("wb") as first, file.open("rb") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        fcntl.flock(looking, fcntl.LOCK_UN)
        assert alone(first)


def test_news_of_a_table_name_their_machine() -> None:
    message = b"\0\x10ringfence_barrier_" + UUID.replace("-", "").encode() + b"\0"
    assert [uuid_in(each[1]) for each in TABLE_NAME.finditer(message)] == [UUID]
    assert not TABLE_NAME.search(b"ringfence_drain_" + UUID.encode())
