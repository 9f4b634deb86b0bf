"""For any script of reports the announced changes are exactly the differences of the views."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from core.fleet.model import FleetChanges, FleetView
from core.hosts.protocol import (
    AnyReport,
    FullRead,
    Gone,
    Machines,
    Opened,
    Rows,
)
from tests.unit.fleet.machines import host, machine, row, uuid_of
from tests.unit.fleet.reporting import Bench, run


def _rows(found: list[int], whole: bool) -> Rows:
    return Rows(tuple(row(n) for n in found), whole=whole)


def _one_machine(number: int, title: str) -> Machines:
    return Machines((machine(number, title=title),))


numbers = st.integers(1, 5)
reports: st.SearchStrategy[AnyReport | str] = st.one_of(
    st.builds(_rows, st.lists(numbers, unique=True), st.booleans()),
    st.builds(_one_machine, numbers, st.sampled_from(["", "bad"])),
    numbers.map(lambda n: Gone((uuid_of(n),))),
    st.just(FullRead(1, 0.1, 1)),
    st.just(Opened(host())),
    st.sampled_from(["connected", "stale", "reading"]),
)


@settings(max_examples=10, deadline=None)
@given(st.lists(reports, max_size=12), st.lists(st.booleans(), min_size=12, max_size=12))
def test_the_announced_changes_are_exactly_the_differences(
    script: list[AnyReport | str], pauses: list[bool]
) -> None:
    async def play(bench: Bench) -> None:
        bench.add("hv1")
        before = bench.fleet.view
        expected: set[str] = set()
        for each, pause in zip(script, pauses, strict=False):
            if isinstance(each, str):
                bench.health("hv1", each)
            else:
                _follow(expected, each)
                bench.fleet.reported("hv1", each)
            if pause:
                await asyncio.sleep(0.06)
        view = await bench.settle()
        assert {k.uuid for k in view.machines} == expected
        for after, changes in bench.published:
            _assert_exact(before, after, changes)
            before = after
        assert before is view

    run(play)


def _follow(expected: set[str], report: object) -> None:
    """What a plain reader of the reports would think is there."""
    match report:
        case Rows():
            listed = {each.uuid for each in report.rows}
            if report.whole:
                expected.clear()
            expected |= listed
        case Machines():
            expected |= {each.uuid for each in report.machines}
        case Gone():
            expected -= set(report.uuids)
        case _:
            pass


def _assert_exact(before: FleetView, after: FleetView, changes: FleetChanges) -> None:
    assert changes.added == after.machines.keys() - before.machines.keys()
    assert changes.removed == before.machines.keys() - after.machines.keys()
    both = before.machines.keys() & after.machines.keys()
    assert changes.changed == {k for k in both if before.machines[k] is not after.machines[k]}
    different = {n for n in after.hosts if after.hosts[n] is not before.hosts.get(n)}
    assert changes.hosts >= different
