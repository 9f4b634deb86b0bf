"""Every scenario of a session runs on both loops: the terminal's and the window's."""

import asyncio
from collections.abc import Callable

import pytest
from qasync import QEventLoop

from tests.unit.hosts.station_ends import Scenario

Run = Callable[[Scenario], None]


@pytest.fixture(params=["asyncio", "qt"])
def run(request: pytest.FixtureRequest) -> Run:
    """Run one scenario to its end on the loop of the parameter."""
    if request.param == "asyncio":
        return lambda scenario: asyncio.run(scenario())
    application = request.getfixturevalue("qapp")

    def on_qt(scenario: Scenario) -> None:
        with QEventLoop(application) as loop:
            loop.run_until_complete(scenario())  # pyright: ignore[reportUnknownMemberType]  # untyped

    return on_qt
