"""Every scenario of a session runs on both loops: the terminal's and the window's."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication
from qasync import QEventLoop

from tests.unit.hosts.station_ends import Scenario

Run = Callable[[Scenario], None]


@pytest.fixture(params=["asyncio", "qt"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """Run one scenario to its end on the loop of the parameter."""
    yield _run_plain if request.param == "asyncio" else _run_qt


def _run_plain(scenario: Scenario) -> None:
    asyncio.run(scenario())


def _run_qt(scenario: Scenario) -> None:
    application = QCoreApplication.instance() or QCoreApplication([])
    loop = QEventLoop(application)
    with loop:
        loop.run_until_complete(scenario())
