"""A case is what the journal and the audit log say; a damaged log takes no case away."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from core.audit.record import Entry
from core.incidents.cases import entries
from core.incidents.cases.book import CaseBook
from core.incidents.cases.desk import CaseDesk
from core.incidents.cases.model import Case, Grade, Mark, Role, Source, Status
from core.incidents.cases.timeline import of_case
from core.incidents.cases.words import moment_words
from core.text import RingfenceError, load_catalogue
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.station import Station, new_machine


class Desk:
    """A station whose one machine can be cut, with its cases."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.station = Station(folder, NearHands(new_machine(folder)))
        self.book = CaseBook(self.station.journal, folder / "audit.sqlite3")
        self.desk = CaseDesk(self.book, self.station.audit.append, "kim")

    def cut(self) -> str:
        async def work() -> str:
            plan = await self.station.quarantine()
            await self.station.runner.run(plan)
            return plan.case

        return asyncio.run(work())

    def release(self) -> None:
        async def work() -> None:
            await self.station.runner.run(await self.station.release())

        asyncio.run(work())

    def close(self) -> None:
        self.book.close()
        self.station.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def the_case(desk: Desk) -> Case:
    [case] = desk.book.all()
    return case


def test_a_case_exists_from_the_first_quarantine_to_its_release(desk: Desk) -> None:
    assert desk.book.all() == ()
    name = desk.cut()
    case = the_case(desk)
    assert (case.id, case.title, case.opened_by) == (name, "test", "alice")
    assert case.status is Status.CONTAIN
    [machine] = case.machines
    assert (machine.target, machine.held, machine.ended_at) == ("hv1/web", True, None)
    desk.release()
    [machine] = the_case(desk).machines
    assert (machine.held, machine.ended) == (False, "released")


def test_a_second_cut_joins_the_case(desk: Desk) -> None:
    desk.cut()
    desk.cut()
    case = the_case(desk)
    assert len(case.machines) == 1
    assert len(case.plans) == len(case.machines[0].plans) == 2


def test_what_people_add_is_folded_onto_the_case(desk: Desk) -> None:
    case = desk.cut()
    desk.desk.note(case, " a  note\nof two lines ")
    desk.desk.lesson(case, "patch sooner")
    desk.desk.person(case, "Anna", Role.LEAD, "+49 30 1234")
    desk.desk.person(case, "Anna", Role.LEAD, "+49 30 9999")
    desk.desk.grade(case, Grade.HIGH, "customer data")
    desk.desk.status(case, Status.ERADICATE)
    desk.desk.communicate(case, "the owner", "it is off", "phone")
    desk.desk.link(case, "hv2/db", "same account")
    desk.desk.follow(case, "ransomware")
    desk.desk.mark(case, "cut", Mark.DONE)
    found = the_case(desk)
    assert [note.text for note in found.notes] == ["a note of two lines", "customer data"]
    assert (found.grade, found.status) == (Grade.HIGH, Status.ERADICATE)
    assert [(person.name, person.role, person.how) for person in found.people] == [
        ("Anna", Role.LEAD, "+49 30 9999")
    ]
    assert [(one.about, one.kind) for one in found.communications] == [("the owner", "phone")]
    assert [one.about for one in found.linked] == ["hv2/db"]
    assert [one.text for one in found.lessons] == ["patch sooner"]
    assert found.playbook == "ransomware"
    assert [(each.step, each.mark, each.by) for each in found.progress] == [
        ("cut", Mark.DONE, "kim")
    ]
    assert found.doubts == ()


def test_a_case_can_be_opened_without_a_machine(desk: Desk) -> None:
    case = desk.desk.open("strange logins on hv1", ["hv1"], drill=True)
    found = the_case(desk)
    assert (found.id, found.status, found.drill) == (case, Status.DETECT, True)
    assert desk.book.find(found.short) == found
    desk.desk.status(case, Status.CLOSED)
    assert the_case(desk).closed_at is not None


def test_a_case_that_holds_a_machine_is_not_closed(desk: Desk) -> None:
    case = desk.cut()
    with pytest.raises(RingfenceError, match="case-still-holds"):
        desk.desk.status(case, Status.CLOSED)
    desk.release()
    desk.desk.status(case, Status.CLOSED)
    assert the_case(desk).closed


@pytest.mark.parametrize("text", ["", " \n ", "x" * 5000])
def test_a_note_that_says_nothing_or_too_much_is_refused(desk: Desk, text: str) -> None:
    case = desk.cut()
    with pytest.raises(RingfenceError, match="case-text"):
        desk.desk.note(case, text)
    assert the_case(desk).notes == ()


def test_nothing_is_added_to_a_case_nobody_knows(desk: Desk) -> None:
    for unknown in ("", "nothing-like-it"):
        with pytest.raises(RingfenceError, match="case-not-found"):
            desk.desk.note(unknown, "text")


def test_the_timeline_counts_from_the_yes(desk: Desk) -> None:
    case = desk.cut()
    desk.desk.note(case, "after the cut")
    desk.release()
    moments = desk.book.timeline(case)
    kinds = [moment.kind for moment in moments]
    assert kinds[0] == "confirmed" and moments[0].ms == 0
    cut = next(moment for moment in moments if moment.kind == "cut")
    proved = next(moment for moment in moments if moment.kind == "proved")
    assert cut.ms is not None and proved.ms is not None
    assert 0 < cut.ms < proved.ms < 60_000
    assert kinds.index("proved") < kinds.index("case-note") < kinds.index("released")
    assert [moment.at for moment in moments] == sorted(moment.at for moment in moments)
    note = next(moment for moment in moments if moment.kind == "case-note")
    assert (note.source, note.by) == (Source.AUDIT, "kim")
    marks = of_case(desk.book.plans_of(the_case(desk)))
    assert [mark.kind for mark in marks] == ["cut", "proved", "released"]


def altered(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / "audit.sqlite3")
    connection.execute("DROP TRIGGER records_no_update")
    connection.execute("DROP TRIGGER records_no_delete")
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_an_edited_note_is_shown_as_altered(desk: Desk) -> None:
    case = desk.cut()
    desk.desk.note(case, "the truth")
    altered(desk.folder, "UPDATE records SET body = replace(body, 'the truth', 'a lie')")
    found = the_case(desk)
    assert [(note.text, note.altered) for note in found.notes] == [("a lie", True)]
    assert [doubt.code for doubt in found.doubts] == ["audit.doubt.altered"]
    moment = next(m for m in desk.book.timeline(case) if m.kind == "case-note")
    assert moment.altered


def test_a_missing_and_an_unreadable_record_are_named(desk: Desk) -> None:
    case = desk.cut()
    for text in ("one", "two", "three"):
        desk.desk.note(case, text)
    altered(desk.folder, "DELETE FROM records WHERE body LIKE '%\"two\"%'")
    altered_again = "UPDATE records SET body = '{' WHERE body LIKE '%\"three\"%'"
    connection = sqlite3.connect(desk.folder / "audit.sqlite3")
    connection.execute(altered_again)
    connection.commit()
    connection.close()
    book = CaseBook(desk.station.journal, desk.folder / "audit.sqlite3")
    found = book.need(case)
    book.close()
    assert [note.text for note in found.notes] == ["one"]
    assert {doubt.code for doubt in found.doubts} == {"audit.doubt.missing", "audit.doubt.record"}


def test_an_audit_log_that_is_no_database_takes_no_case_away(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    case = desk.cut()
    broken = tmp_path / "broken.sqlite3"
    broken.write_text("this is not a database, " * 100)
    book = CaseBook(desk.station.journal, broken)
    [found] = book.all()
    assert found.id == case and found.held
    assert "audit.doubt.unreadable" in {doubt.code for doubt in found.doubts}
    assert book.timeline(case)
    desk.close()


def test_words_of_another_version_change_nothing(desk: Desk) -> None:
    case = desk.cut()
    for event, state in (("case-grade", "enormous"), ("case-status", "x"), ("case-what", "y")):
        desk.station.audit.append(Entry(event, "kim", case=case, state=state, reason="r"))
    desk.station.audit.append(entries.note("nobody's", "kim", "an orphan"))
    found = the_case(desk)
    assert (found.grade, found.status) == (Grade.NONE, Status.CONTAIN)


def test_codes_of_a_record_are_said_in_words(desk: Desk) -> None:
    case = desk.cut()
    desk.desk.grade(case, Grade.HIGH)
    desk.desk.status(case, Status.RECOVER, "clean")
    desk.desk.follow(case, "flood")
    desk.desk.mark(case, "cut", Mark.DONE)
    words = load_catalogue("zh_CN")
    said = [moment_words(moment, words) for moment in desk.book.timeline(case)]
    assert "定级 高" in said
    assert "状态变为 恢复：clean" in said
    assert f"开始执行预案：{words('playbook.flood.title')}" in said
    assert f"预案步骤 完成：{words('playbook.flood.step.cut')}" in said


def test_what_happened_to_a_held_machine_is_told_once_and_in_words(desk: Desk) -> None:
    name = desk.cut()
    at = "2026-05-01T10:00:00+00:00"
    told = {
        "hold-gap": f"at={at}; seconds=0.25; detail=rules changed; and more",
        "hold-happened": f"at={at}; event=start-refused; detail=prepare",
        "hold-memory-lost": f"at={at}",
        "hold-released": f"at={at}; keys=bob (aa); unknown=ff00; who=bob, desk",
        "hold-of-another-version": "",
    }
    for event, detail in told.items():
        entry = Entry(event, "ringfence", case=name, targets=("hv1/web",), detail=detail)
        desk.station.audit.append(structs.replace(entry, state="resume", reason="clean"))
    moments = {each.kind: each for each in desk.book.timeline(name) if each.source is Source.AUDIT}
    assert set(moments) == {"gap", "hold-happened", "hold-memory-lost", "hold-released"}
    assert {each.at.isoformat() for each in moments.values()} == {at}
    words = load_catalogue("en")
    said = {kind: moment_words(each, words) for kind, each in moments.items()}
    assert said["gap"] == "hv1/web was open for 0.250 s: rules changed; and more"
    assert said["hold-happened"] == "hv1/web: its host saw a start that was refused prepare"
    assert "a key this station does not know: ff00" in said["hold-released"]


def test_memory_was_lost_when_it_was_first_seen_to_be(desk: Desk) -> None:
    name = desk.cut()
    first, again = "2026-05-01T10:00:00+00:00", "2026-05-02T10:00:00+00:00"
    for at in (first, again):
        entry = Entry("hold-memory-lost", "ringfence", case=name, targets=("hv1/web",))
        desk.station.audit.append(structs.replace(entry, detail=f"at={at}"))
    desk.book.refresh()
    found = desk.book.lost_at(name, "hv1/web")
    assert found is not None and found.isoformat() == first
    assert desk.book.lost_at(name, "hv1/db") is None


def test_an_image_was_deleted_when_it_was_first_seen_to_be(desk: Desk) -> None:
    name, path = desk.cut(), "/images/a; b.img"
    for at in ("2026-05-01T10:00:00+00:00", "2026-05-02T10:00:00+00:00"):
        entry = Entry("hold-happened", "ringfence", case=name, targets=("hv1/web",))
        detail = f"at={at}; event=disk-gone; detail={path}"
        desk.station.audit.append(structs.replace(entry, detail=detail))
    desk.book.refresh()
    found = desk.book.lost_at(name, f"hv1/web {path}")
    assert found is not None and found.isoformat() == "2026-05-01T10:00:00+00:00"
