"""Fixtures: a started worker on a node of the test driver."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.hosts.protocol import FullRead, Open
from tests.unit.hosts.worker.child import WorkerChild, opening

FIXTURES = Path(__file__).parent / "xml"

StartWorker = Callable[[Open], WorkerChild]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[StartWorker]:
    """Start a worker with an opening order; all are ended afterwards."""
    started: list[WorkerChild] = []
    home = tmp_path / "home"
    home.mkdir()

    def start_one(order: Open) -> WorkerChild:
        child = WorkerChild(home)
        started.append(child)
        child.give(order)
        return child

    yield start_one
    for child in started:
        child.end()


@pytest.fixture
def node(start: StartWorker) -> WorkerChild:
    """A worker that has read the whole node of xml/node.xml."""
    child = start(opening(f"test://{FIXTURES / 'node.xml'}"))
    child.wait_for(FullRead)
    return child


def fixture_text(name: str) -> str:
    return (FIXTURES / name).read_text("utf-8")
