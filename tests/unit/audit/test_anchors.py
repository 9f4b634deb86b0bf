"""What hosts remember of a log finds what the log itself cannot tell: a tail that was cut together
with its head, a record edited and signed again, a chain made anew with all its keys."""

import asyncio
import shutil
from pathlib import Path

import pytest
from msgspec import structs

from core.audit.anchoring import Anchoring, ask_anchors
from core.audit.anchors import anchor_problems
from core.audit.head import head_file
from core.audit.log import AuditLog
from core.audit.record import Entry, Problem
from core.keys.operator import OperatorKey, operator_key
from core.keys.store import open_keys
from tests.unit.changes.host_memory import prepare
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import SimulatedHost
from tests.unit.changes.station import HOST, new_machine


class Home:
    """A station's log, its operator key, and a host that was prepared for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "home"
        self.folder.mkdir()
        self.host = folder / "hv1"
        self.host.mkdir()
        new_machine(self.host)
        self.hands = NearHands(SimulatedHost(self.host))
        prepare(self.host, self.key.public_hex)

    @property
    def key(self) -> OperatorKey:
        return operator_key(open_keys(self.folder / "keys", None))

    @property
    def file(self) -> Path:
        return self.folder / "audit.sqlite3"

    def write(self, *notes: str) -> None:
        log = self.log()
        for note in notes:
            log.append(Entry("note", "ann", detail=note))
        log.close()

    def log(self) -> AuditLog:
        return AuditLog(self.file, open_keys(self.folder / "keys", None))

    def anchor(self) -> bool:
        hosts, key = (HOST,), self.key
        made = Anchoring(self.hands, head_file(self.file), lambda: key, lambda: hosts)
        return asyncio.run(made.anchor())

    def found(self) -> tuple[Problem, ...]:
        told = asyncio.run(ask_anchors(self.hands, HOST))
        log = self.log()
        try:
            assert log.verify().good, "the log itself is to look well"
            return tuple(anchor_problems(log.readable_records(), [told], self.key.public_hex))
        finally:
            log.close()

    def wipe(self) -> None:
        for file in self.folder.glob("audit.sqlite3*"):
            file.unlink()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.write("one", "two", "three")
    assert made.anchor()
    made.write("four")
    assert made.anchor()
    return made


def test_a_log_that_grew_fits_its_anchors(home: Home) -> None:
    home.write("five")
    assert home.found() == ()


def test_the_same_head_is_not_left_twice(home: Home) -> None:
    hosts, key = (HOST,), home.key
    made = Anchoring(home.hands, head_file(home.file), lambda: key, lambda: hosts)
    assert asyncio.run(made.anchor())
    assert not asyncio.run(made.anchor())


def test_a_tail_cut_together_with_its_head(home: Home, tmp_path: Path) -> None:
    home.wipe()
    home.write("one")
    [problem] = home.found()
    assert (problem.code, problem.number) == ("anchor-tail-cut", 2)
    assert problem.detail.startswith(HOST)


def test_a_log_cut_back_to_an_older_copy(home: Home, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(home.folder, copy)
    home.write("five", "six")
    assert home.anchor()
    home.wipe()
    for file in copy.glob("audit.sqlite3*"):
        shutil.copy(file, home.folder)
    [problem] = home.found()
    assert (problem.code, problem.number) == ("anchor-tail-cut", 5)


def test_a_record_edited_and_everything_signed_again(home: Home, tmp_path: Path) -> None:
    """The one who has the keys can make the rest of the chain fit; not what a host saw of it."""
    short = tmp_path / "short"
    shutil.copytree(home.folder, short)
    with_three = tmp_path / "three"
    with_three.mkdir()
    home.wipe()
    home.write("one", "two", "three", "four, edited", "five")
    [problem] = home.found()
    assert problem.code == "anchor-rebuilt"
    assert problem.number == 3


def test_only_the_end_was_written_anew(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write("one", "two")
    assert home.anchor()
    kept = tmp_path / "kept"
    shutil.copytree(home.folder, kept)
    home.write("three")
    assert home.anchor()
    home.wipe()
    for file in kept.glob("audit.sqlite3*"):
        shutil.copy(file, home.folder)
    home.write("three, otherwise", "four")
    [problem] = home.found()
    assert (problem.code, problem.number) == ("anchor-differs", 3)


def test_a_chain_made_anew_with_new_keys(home: Home) -> None:
    home.wipe()
    for file in (home.folder / "keys").glob("audit-*"):
        file.unlink()
    home.write("one", "two", "three", "four", "five")
    [problem] = home.found()
    assert problem.code == "anchor-rebuilt"


def test_a_host_cannot_make_up_an_anchor(home: Home) -> None:
    told = asyncio.run(ask_anchors(home.hands, HOST))
    forged = tuple(structs.replace(each, count=99) for each in told.anchors)
    liar = structs.replace(told, anchors=forged)
    assert liar.ours(home.key.public_hex) == ()


def test_a_host_that_does_not_know_us_takes_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    prepare(home.host, "00" * 32)
    home.write("one")
    assert not home.anchor()
    home.hands.unreached = True
    told = asyncio.run(ask_anchors(home.hands, HOST))
    assert told.why is not None
    assert list(anchor_problems((), [told], home.key.public_hex)) == []
