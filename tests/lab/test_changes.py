"""The change engine on a real guest: cut, proved, given back; and after every death of a worker."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from core.changes.live_difference import live_differences
from core.changes.outcome import PlanState
from core.hosts.process import Launch
from tests.lab.engine import engine
from tests.lab.hosts.lab import Lab

HOST, GUEST = "h1", "g1"
# Orders that change something: live link, stored link, autostart, mark; and back: stored
# configuration, autostart, mark, live link.
EFFECTS = {"quarantine": 4, "release": 4}
MOMENTS = [
    (act, f"{moment}:{number}")
    for act, count in EFFECTS.items()
    for number in range(1, count + 1)
    for moment in ("before", "after")
]
DECISIONS = ("resume", "roll back")


def moments() -> Iterator[ParameterSet]:
    """Every moment with one decision, in turn; with the other one in the soak."""
    for number, (act, moment) in enumerate(MOMENTS):
        for turn, decision in enumerate(DECISIONS):
            marks = [] if turn == number // 2 % 2 else [pytest.mark.soak]
            yield pytest.param(act, moment, decision, marks=marks)


def stored(lab: Lab) -> str:
    return lab.hosts[HOST].virsh(["dumpxml", "--inactive", "--security-info", GUEST])


def live(lab: Lab) -> str:
    return lab.hosts[HOST].virsh(["dumpxml", GUEST])


def autostarts(lab: Lab) -> bool:
    lines = lab.hosts[HOST].virsh(["list", "--all", "--autostart", "--name"]).split()
    return GUEST in lines


def dying(moment: str) -> Launch:
    return (sys.executable, "-P", "-m", "tests.lab.dying_worker", moment)


def assert_contained(lab: Lab) -> None:
    assert not lab.ping(GUEST)
    for text in (stored(lab), live(lab)):
        assert "<link state='down'/>" in text
        assert "ringfence:hold" in text
    assert not autostarts(lab)


def assert_as_before(lab: Lab, before: tuple[str, str]) -> None:
    assert stored(lab) == before[0]
    assert live_differences(before[1], live(lab)) == ()
    assert autostarts(lab)
    lab.wait_until_answers(GUEST, timeout_seconds=20)


@pytest.fixture
def before(lab: Lab) -> tuple[str, str]:
    """A running guest that starts with its host; its XML, stored and live."""
    lab.hosts[HOST].virsh(["autostart", GUEST])
    lab.wait_until_answers(GUEST)
    return stored(lab), live(lab)


def test_a_guest_is_cut_and_given_back(lab: Lab, home: Path, before: tuple[str, str]) -> None:
    async def there_and_back() -> None:
        async with engine(home, HOST) as station:
            cut = await station.quarantine(GUEST)
            assert cut.state is PlanState.DONE, cut
            assert cut.seconds_to_cut is not None and cut.seconds_to_cut < 0.5
            print(f"cut after {cut.seconds_to_cut * 1000:.1f} ms, all {cut.seconds * 1000:.0f} ms")
            assert_contained(lab)
            back = await station.release(GUEST)
            assert back.state is PlanState.DONE, back
            assert_as_before(lab, before)
            verification = station.audit.verify(station.journal)
            assert verification.good, verification.problems

    asyncio.run(there_and_back())


@pytest.mark.parametrize(("act", "moment", "decision"), [*moments()])
def test_a_worker_killed_at(
    lab: Lab, home: Path, before: tuple[str, str], act: str, moment: str, decision: str
) -> None:
    async def die() -> None:
        if act == "release":
            async with engine(home, HOST) as station:
                assert (await station.quarantine(GUEST)).state is PlanState.DONE
        async with engine(home, HOST, dying(moment)) as station:
            outcome = await (station.quarantine if act == "quarantine" else station.release)(GUEST)
            assert outcome.state is PlanState.UNFINISHED, f"{moment} was not reached"

    async def decide() -> None:
        async with engine(home, HOST) as station:
            [record] = station.journal.unfinished()
            verb = station.runner.resume if decision == "resume" else station.runner.roll_back
            outcome = await verb(record.plan.id)
            assert outcome.state in {PlanState.DONE, PlanState.ROLLED_BACK}, outcome
            assert station.journal.unfinished() == ()
            if (act == "quarantine") == (decision == "resume"):
                assert_contained(lab)
                assert (await station.release(GUEST)).state is PlanState.DONE
            assert station.hold(GUEST) is None

    asyncio.run(die())
    asyncio.run(decide())
    assert_as_before(lab, before)
