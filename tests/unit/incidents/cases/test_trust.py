"""A host that a guest may have taken over proves nothing, and is believed against itself only."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.audit.log import AuditLog
from core.audit.record import Entry
from core.changes.journal import Journal
from core.incidents.cases import entries
from core.incidents.cases.book import CaseBook
from core.incidents.cases.trust import (
    HostTrust,
    Trust,
    claim_in,
    doubted,
    only_claimed,
    warned,
)
from core.incidents.model import Containment, Mode, Quarantine
from core.incidents.words import missing_text, state_text
from core.settings.model import HostEntry
from core.settings.places import Places
from core.station import Station
from core.text import load_catalogue
from tests.nobody import Nobody
from tests.unit.audit.chain import open_log
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.station import Station as SmallStation
from tests.unit.changes.station import new_machine

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
MARK = HostTrust("hv1", Trust.SUSPECT, "c1", "kim", NOW, "escape")


def held(state: Containment, missing: tuple[str, ...] = ()) -> Quarantine:
    return Quarantine(state, Mode.FREEZE, "c1", "kim", NOW, "r", missing, NOW)


@pytest.mark.parametrize("state", [Containment.CONTAINED, Containment.PARTIAL])
def test_what_a_suspect_host_says_for_itself_is_a_claim(state: Containment) -> None:
    seen = doubted(held(state, ("52:54:00:00:00:01: live",)), MARK)
    assert seen is not None
    assert seen.state is Containment.UNKNOWN
    assert claim_in(seen.missing) == state
    assert state_text(seen).code == f"containment.claimed-{state}"
    words = load_catalogue("en")
    assert "suspect host" in words.say(state_text(seen))
    assert all(words.has(missing_text(item).code) for item in seen.missing)


def test_what_it_says_against_itself_is_believed() -> None:
    bad = held(Containment.NOT_CONTAINED)
    assert doubted(bad, MARK) is bad
    assert doubted(held(Containment.CONTAINED), None) == held(Containment.CONTAINED)
    assert doubted(None, MARK) is None
    assert claim_in(()) == claim_in(("suspect host: nonsense",)) == ""


@pytest.fixture
def log(tmp_path: Path) -> Iterator[AuditLog]:
    made = open_log(tmp_path)
    yield made
    made.close()


def test_the_last_mark_counts_and_a_person_lifts_it(tmp_path: Path, log: AuditLog) -> None:
    journal = Journal(tmp_path / "journal.sqlite3")
    book = CaseBook(journal, tmp_path / "audit.sqlite3")
    assert not book.look_at_trust()
    log.append(entries.suspected("c1", "kim", "hv1", "escape"))
    assert book.look_at_trust()
    mark = book.trust("hv1")
    assert mark is not None and (mark.trust, mark.reason) == (Trust.SUSPECT, "escape")
    assert not book.keeps_away("hv1") and book.trust("hv2") is None
    log.append(entries.cut_off("c1", "kim", "hv1", "sure now"))
    assert book.look_at_trust() and book.keeps_away("hv1")
    log.append(Entry("host-unverified", "kim", targets=("hv1",)))
    assert not book.look_at_trust()
    log.append(entries.trusted("c1", "anna", "hv1", "installed anew"))
    assert book.look_at_trust() and book.trust("hv1") is None
    book.close()
    journal.close()


def test_a_host_that_was_cut_off_is_not_called(tmp_path: Path) -> None:
    """The row stays and says why; trusting it again opens it without a restart."""

    async def life() -> None:
        demo = (HostEntry("hv1", "test:///default"),)
        places = Places.under(tmp_path)
        station = Station(places, load_catalogue("en"), Nobody(), operator="kim", demo=demo)
        station.audit.append(entries.cut_off("c1", "kim", "hv1", "escape"))
        await station.start()
        assert "hv1" not in station.sessions
        await station.fleet.wait_until(lambda view: "hv1" in view.hosts, 5)
        health = station.fleet.view.hosts["hv1"].health
        assert health.state == "closed"
        assert health.failure is not None and health.failure.code == "host-cut-off"
        station.audit.append(entries.trusted("c1", "kim", "hv1", "installed anew"))
        station.look_at_trust()
        assert "hv1" in station.sessions
        await station.stop()

    asyncio.run(life())


def test_a_plan_on_a_suspect_host_says_so(tmp_path: Path) -> None:
    hands = NearHands(new_machine(tmp_path))
    station = SmallStation(tmp_path, hands)
    plan = asyncio.run(station.quarantine())
    station.close()
    assert not only_claimed(plan)
    assert only_claimed(warned(plan))
    assert warned(plan).warnings[0].params == {"host": plan.targets[0].host}
