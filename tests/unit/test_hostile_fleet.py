"""Hosts that lie, beside one that does not: every face of the fleet shows text, nothing breaks."""

import asyncio
import csv
import io
import json
import sys
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree
from msgspec.structs import replace

from core.cli.output import Output
from core.fleet.columns import COLUMNS
from core.fleet.export import as_csv, as_markdown, as_text, table
from core.fleet.live import LiveFleet
from core.fleet.model import FleetView
from core.fleet.query import complete, parse_query
from core.fleet.rows import host_row, machine_row
from core.hosts.process import Launch
from core.hosts.session import HostSession
from core.posture.engine import Judge
from core.reports.posture import posture_page
from core.settings.model import FleetFile, HostEntry
from core.settings.places import Places
from core.text import Catalogue, load_catalogue
from tests.unit.hosts import hostile_standin
from tests.unit.hosts.hostile_standin import TEXTS
from tests.unit.hosts.station_ends import QUICK, Answers, stand_in

GOOD, WORST, TWIN, CROWD, LONG = "good", "worst", "twin", "crowd", "long"
PATIENT = replace(QUICK, ping_patience_s=10.0)  # a flood read slowly is no worker that hangs
LIARS = {WORST: "worst", TWIN: "worst", CROWD: "crowd", LONG: "long"}


def liar(kind: str) -> Launch:
    root = str(Path(hostile_standin.__file__).parents[3])
    code = (
        f"import sys; sys.path.insert(0, {root!r}); sys.argv[1:1] = [{kind!r}]; import runpy; "
        f"runpy.run_module({hostile_standin.__name__!r}, run_name='__main__')"
    )
    return (sys.executable, "-P", "-c", code)


async def watched(home: Path) -> FleetView:
    """What the fleet shows once every host has said its worst."""
    fleet = LiveFleet(FleetFile(), Judge())
    sessions: list[HostSession] = []
    for name in (GOOD, *LIARS):
        entry = HostEntry(name, "test:///default")
        worker = liar(LIARS[name]) if name in LIARS else stand_in("good")
        fleet.add_host(entry)
        places, prompts = Places.under(home / name), Answers()
        sessions.append(
            HostSession(entry, fleet, places=places, prompts=prompts, timing=PATIENT, worker=worker)
        )
    for session in sessions:
        session.start()
    try:
        assert await fleet.wait_until(_all_told, 20.0)
        return fleet.view
    finally:
        await asyncio.gather(*(session.stop() for session in sessions))


def _all_told(view: FleetView) -> bool:
    hosts = view.hosts
    if any(name not in hosts for name in (GOOD, *LIARS)):
        return False
    failed = all(hosts[name].health.failure is not None for name in (CROWD, LONG))
    read = [view for view in view.machines.values() if view.host in (WORST, TWIN)]
    connected = all(hosts[name].health.state == "connected" for name in (GOOD, WORST, TWIN))
    judged = all(each.machine is not None and each.findings for each in read)
    return failed and connected and judged and len(read) == 2 * len(TEXTS)


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> FleetView:
    return asyncio.run(watched(tmp_path_factory.mktemp("hostile")))


@pytest.fixture(scope="module", params=["en", "zh_CN"])
def words(request: pytest.FixtureRequest) -> Catalogue:
    return load_catalogue(str(request.param))


@pytest.fixture(scope="module")
def cells(view: FleetView, words: Catalogue) -> tuple[list[str], list[list[str]]]:
    return table(view.machines.values(), COLUMNS, words)


def _steering(text: str) -> Iterator[str]:
    return (
        letter
        for letter in text
        if letter not in "\n\t" and unicodedata.category(letter) in {"Cc", "Cf", "Zl", "Zp"}
    )


def test_the_honest_hosts_rows_are_there(view: FleetView) -> None:
    assert [each.name for each in view.machines.values() if each.host == GOOD] == ["web"]


def test_each_liar_costs_only_itself_and_says_what_it_did(view: FleetView) -> None:
    ends = {name: view.hosts[name].health.failure for name in (CROWD, LONG)}
    codes = {name: failure.code for name, failure in ends.items() if failure is not None}

    assert codes == {CROWD: "worker-flooded", LONG: "worker-oversize"}


def test_twins_over_hosts_are_two_machines_and_a_finding(view: FleetView) -> None:
    uuids = {each.key.uuid for each in view.machines.values() if each.host == TWIN}

    assert len(uuids) == len(TEXTS)
    assert "FLEET-CLONE-001" in {finding.check for finding in view.findings}


def test_a_terminal_is_not_steered(cells: tuple[list[str], list[list[str]]]) -> None:
    stream = io.StringIO()
    Output(as_json=False, stream=stream).table(*cells)
    shown = stream.getvalue()

    assert len(shown.splitlines()) == len(cells[1]) + 1
    assert not list(_steering(shown))


def test_a_document_says_everything_and_steers_nothing(view: FleetView) -> None:
    stream = io.StringIO()
    rows = [machine_row(each) for each in view.machines.values()]
    Output(as_json=True, stream=stream).document(
        machines=rows, hosts=[host_row(host) for host in view.hosts.values()]
    )
    document = json.loads(stream.getvalue())

    assert not list(_steering(stream.getvalue()))
    assert {row["name"] for row in document["machines"] if row["host"] == WORST} == set(TEXTS)


def test_no_spreadsheet_runs_a_cell(cells: tuple[list[str], list[list[str]]]) -> None:
    read = list(csv.reader(io.StringIO(as_csv(*cells))))

    assert {len(line) for line in read} == {len(COLUMNS)}
    assert len(read) == len(cells[1]) + 1
    assert all(cell.lstrip()[:1] not in ("=", "@") for line in read for cell in line)


def test_markdown_and_text_keep_their_rows(cells: tuple[list[str], list[list[str]]]) -> None:
    assert len(as_markdown(*cells).splitlines()) == len(cells[1]) + 2
    assert r"\<img" in as_markdown(*cells)
    assert "<img" not in as_markdown(*cells).replace(r"\<", "")
    assert len(as_text(*cells).splitlines()) == len(cells[1]) + 1


def test_a_report_has_no_markup_of_theirs(view: FleetView, words: Catalogue) -> None:
    page = posture_page(view, words, datetime.now(UTC))
    tree = etree.HTML(page)

    assert not list(tree.iter("img", "script", "link", "a", "iframe"))
    assert "alert(1)" in page


@pytest.mark.parametrize("text", [text for text in TEXTS if text and '"' not in text])
def test_a_name_can_be_asked_for_and_sorted_by(view: FleetView, text: str) -> None:
    quotable = text.isprintable() and len(text) < 1000
    asked = parse_query(f'name:"{text}"') if quotable else parse_query("name:*")

    assert any(asked.matches(each) and each.name == text for each in view.machines.values())
    complete(f"name:{text}", len(text) + 5, view)
    for column in COLUMNS:
        sorted(view.machines.values(), key=column.value)
