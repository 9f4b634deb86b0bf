"""Every scenario of a session runs on both loops: the terminal's and the window's."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from qasync import QEventLoop

from core.settings.places import Places
from gui.heap import collected_here
from tests.unit.hosts.station_ends import Scenario

Run = Callable[[Scenario], None]


@pytest.fixture(autouse=True)
def no_runtime_directory_left(tmp_path: Path) -> Iterator[None]:
    """The path of a test is too long for sockets, so its runtime directory lies elsewhere."""
    yield
    for home in (tmp_path, tmp_path / "home"):
        shutil.rmtree(Places.under(home).runtime_dir, ignore_errors=True)


@pytest.fixture(params=["asyncio", "qt"])
def run(request: pytest.FixtureRequest) -> Run:
    """Run one scenario to its end on the loop of the parameter."""
    if request.param == "asyncio":
        return lambda scenario: asyncio.run(scenario())
    application = request.getfixturevalue("qapp")

    def on_qt(scenario: Scenario) -> None:
        with collected_here(), QEventLoop(application) as loop:
            loop.run_until_complete(scenario())  # pyright: ignore[reportUnknownMemberType]  # untyped

    return on_qt
