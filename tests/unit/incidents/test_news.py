"""What is told of a held machine is told once, and in the words of what was observed."""

from datetime import UTC, datetime, timedelta

from msgspec import structs

from core.fleet.model import Key
from core.incidents.chronicle import Chronicle, entry_of
from core.incidents.model import Containment, Gap, Happening, Mode, Quarantine
from core.incidents.news import news_of
from tests.unit.changes.station import view

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
HELD = Quarantine(Containment.CONTAINED, Mode.STRICT, "c1", "ann", NOW, "test", (), NOW)
GAP = Gap(NOW, 1.25, "card vnet3")


def told(before: Quarantine | None, after: Quarantine | None) -> list[str]:
    return [news.what for news in news_of(before, after)]


def test_nothing_new_is_no_news() -> None:
    assert told(None, HELD) == []
    assert told(HELD, structs.replace(HELD, observed_at=NOW + timedelta(seconds=2))) == []
    assert told(HELD, None) == []


def test_open_and_contained_again() -> None:
    opened = structs.replace(HELD, state=Containment.NOT_CONTAINED, missing=("m: live",))
    assert told(HELD, opened) == ["opened"]
    assert told(opened, HELD) == ["contained-again"]
    unknown = structs.replace(HELD, state=Containment.UNKNOWN)
    assert told(HELD, unknown) == []


def test_a_gap_is_told_with_its_length() -> None:
    after = structs.replace(HELD, gaps=(GAP,))
    [news] = news_of(HELD, after)
    assert (news.what, news.at, news.values["seconds"]) == ("gap", NOW, 1.25)
    assert told(after, after) == []


def test_memory_lost_and_what_the_host_saw() -> None:
    refused = Happening(NOW, "start-refused", "")
    after = structs.replace(HELD, memory_lost=NOW, happened=(refused,))
    assert told(HELD, after) == ["happened", "memory-lost"]


def test_a_release_that_another_asks_for() -> None:
    assert told(HELD, structs.replace(HELD, asked_by="bob@laptop")) == ["release-asked"]


def test_a_hold_of_another_station_is_told_when_it_appears() -> None:
    assert told(None, structs.replace(HELD, foreign=True)) == ["held"]


def test_the_record_has_what_happened_before_this_station_looked() -> None:
    entries: list[str] = []
    chronicle = Chronicle(lambda: (_ for _ in ()).throw(AssertionError))
    machine = structs.replace(view(), quarantine=structs.replace(HELD, gaps=(GAP,)))
    chronicle.take(machine)
    entries += [entry.event for entry in chronicle.waiting]
    assert entries == ["hold-gap"]
    chronicle.take(machine)
    assert len(chronicle.waiting) == 1
    assert machine.key == Key("hv1", machine.key.uuid)


def test_the_same_news_is_the_same_entry_in_every_process() -> None:
    [news] = news_of(HELD, structs.replace(HELD, gaps=(GAP,)))
    assert entry_of(news, "hv1/web") == entry_of(news, "hv1/web")
    assert "seconds=1.25" in entry_of(news, "hv1/web").detail
