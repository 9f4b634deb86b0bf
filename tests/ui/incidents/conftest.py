"""What most stories begin with: one machine on a host that answers, with a login beside libvirt."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.incidents.bench import MAC, ONE, SmallStation


@pytest.fixture
def small(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> Iterator[SmallStation]:
    made = SmallStation(tmp_path)
    made.host.add(ONE, MAC)
    made.host.reached.add(ONE)
    yield made
    made.close()
