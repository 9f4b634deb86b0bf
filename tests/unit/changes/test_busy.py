"""What an order waits behind is named, and it may still come: nothing is taken as not done."""

import asyncio
from pathlib import Path

import pytest

from core.changes.busy import explained
from core.changes.hands import Result
from core.changes.judgement import state_of_error
from core.changes.outcome import PlanState, StepState
from core.hosts.evidence import JobSeen, ReadJob
from core.hosts.helper.orders import LowerBarrier
from core.hosts.protocol import Order, SetAutostart, SetLinkState
from core.text import RingfenceError
from tests.unit.changes.hosts import NearHands
from tests.unit.changes.simulator import UUID, SimulatedHost
from tests.unit.changes.station import HOST, Station, new_machine

SLOW = RingfenceError("order-timeout", host=HOST, seconds=10)
NO_JOB = JobSeen(False, "", 0, 0)


class BusyHands(NearHands):
    """A host that tells its job, or does not answer that either."""

    def __init__(self, host: SimulatedHost, job: JobSeen | None) -> None:
        super().__init__(host)
        self.job = job

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        if not isinstance(order, ReadJob):
            return await super().order(host, order, deadline_s)
        self.orders.append(order)
        if self.job is None:
            raise SLOW
        return self.job


@pytest.mark.parametrize(
    ("job", "code"),
    [
        (JobSeen(True, "dump", 1, 2), "busy-with-job"),
        (NO_JOB, "order-timeout"),
        (None, "order-timeout"),
    ],
)
def test_a_slow_order_is_explained(tmp_path: Path, job: JobSeen | None, code: str) -> None:
    hands = BusyHands(new_machine(tmp_path), job)
    found = asyncio.run(explained(hands, HOST, SetAutostart(0, UUID, False), SLOW))
    assert found.code == code
    assert state_of_error(found) is StepState.UNANSWERED


def test_nothing_is_asked_for_what_libvirt_does_not_do(tmp_path: Path) -> None:
    hands = BusyHands(new_machine(tmp_path), JobSeen(True, "dump", 1, 2))
    refused = RingfenceError("no-support")
    assert asyncio.run(explained(hands, HOST, SetAutostart(0, UUID, False), refused)) is refused
    assert asyncio.run(explained(hands, HOST, LowerBarrier(0, UUID), SLOW)) is SLOW
    assert hands.orders == []


def test_the_barrier_stands_and_the_job_is_in_the_outcome(tmp_path: Path) -> None:
    hands = BusyHands(new_machine(tmp_path), JobSeen(True, "backup", 1, 2))
    station = Station(tmp_path, hands)
    plan = asyncio.run(station.quarantine())
    hands.refused[SetLinkState] = SLOW
    outcome = asyncio.run(station.runner.run(plan))
    assert outcome.state is PlanState.UNFINISHED
    assert outcome.problem is not None
    assert outcome.problem.code == "error.busy-with-job.cause"
    assert outcome.problem.params["job"] == "backup"
    assert hands.host.state().behind
    hands.refused.clear()
    assert asyncio.run(station.runner.resume(plan.id)).state is PlanState.DONE
    station.close()
