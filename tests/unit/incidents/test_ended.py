"""A hold that another station ended goes on record once, with the keys that signed its end."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.hosts.helper.holds import HoldsSeen, Released
from core.incidents.documents import ReleaseOrder, canonical, signed_release
from core.incidents.ended import Endings, ended_entry
from core.incidents.hold import Hold
from core.incidents.holds import HoldBook
from core.incidents.model import How
from core.keys.operator import OperatorKey
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import UUID
from tests.unit.changes.station import HOST, Station, new_machine, now

BOB = OperatorKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    made = Station(tmp_path, NearHands(new_machine(tmp_path)))
    yield made
    made.close()


def released(case: str, signer: OperatorKey = BOB) -> Released:
    order = ReleaseOrder(
        uuid=UUID,
        case=case,
        generation=1,
        how=How.RESUME,
        reason="clean",
        asked_by="bob",
        station="desk-2",
        asked_at=now(),
    )
    text = canonical(order).decode()
    return Released(UUID, case, 1, now().isoformat(), text, (signed_release(text, signer),))


def cut(station: Station, book: HoldBook) -> Hold:
    asyncio.run(quarantined(station))
    book.refresh()
    found = book.find(HOST, UUID)
    assert found is not None
    return found


async def quarantined(station: Station) -> None:
    await station.runner.run(await station.quarantine())


def test_a_release_by_others_is_told_once_with_its_keys(station: Station) -> None:
    book = HoldBook(station.journal)
    endings = Endings(book)
    hold = cut(station, book)
    assert endings.news() == ()
    book.take(HOST, HoldsSeen(True, True, False, (), (released(hold.case),)))
    [entry] = endings.news()
    assert (entry.event, entry.case, entry.state) == ("hold-released", hold.case, "resume")
    assert entry.reason == "clean" and "who=bob, desk-2" in entry.detail
    assert f"keys=; unknown={BOB.public_hex[:16]}" in entry.detail
    assert endings.news() == ()


def test_a_key_that_a_host_was_prepared_with_has_a_name(station: Station) -> None:
    hold = cut(station, HoldBook(station.journal))
    entry = ended_entry(hold, released(hold.case), {BOB.public_hex: "bob"})
    assert f"keys=bob ({BOB.public_hex[:16]}); unknown=;" in entry.detail


def test_our_own_release_is_no_news(station: Station) -> None:
    book = HoldBook(station.journal)
    hold = cut(station, book)

    async def work() -> None:
        await station.runner.run(await station.release())

    asyncio.run(work())
    book.refresh()
    book.take(HOST, HoldsSeen(True, True, False, (), (released(hold.case),)))
    assert Endings(book).news() == ()
