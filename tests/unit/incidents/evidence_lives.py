"""Processes that take evidence and are killed at a named instant while they do."""

import asyncio
import signal
from pathlib import Path

from core.changes.outcome import PlanOutcome
from tests.unit.changes.lives import PROCESSES, DieAt
from tests.unit.incidents.evidence_station import EvidenceStation, sample_plan


def live(folder: str, point: str, pool: bool) -> None:
    """Be the program: take evidence, and die at the point."""
    station = EvidenceStation(Path(folder), DieAt(point), pool=pool)
    asyncio.run(station.runner.run(sample_plan(pool=pool)))


def killed_at(folder: Path, point: str, pool: bool) -> bool:
    process = PROCESSES.Process(target=live, args=(str(folder), point, pool))
    process.start()
    process.join(30)
    code = process.exitcode
    process.close()
    return code == -signal.SIGKILL


def decided(folder: Path, decision: str, pool: bool) -> tuple[EvidenceStation, PlanOutcome | None]:
    """Start again and decide what is to become of the plan; None when it was never begun."""
    station = EvidenceStation(folder, pool=pool)
    try:
        records = station.journal.records()
        if not records:
            return station, None
        verb = station.runner.resume if decision == "resume" else station.runner.roll_back
        outcome = asyncio.run(verb(records[0].plan.id))
        assert station.journal.unfinished() == ()
        assert station.audit.verify(station.journal).good
        return station, outcome
    finally:
        station.close()
