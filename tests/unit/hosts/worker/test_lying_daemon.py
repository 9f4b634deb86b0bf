"""Whatever answers in libvirt's place: the worker says that it failed, and ends;
it never takes nonsense for a host."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.hosts.protocol import Closed, Machines
from core.text import load_catalogue
from tests.unit.hosts.worker.child import WorkerChild, opening
from tests.unit.hosts.worker.conftest import StartWorker
from tests.unit.hosts.worker.lying_daemon import LIES, Lie, LyingDaemon

Daemon = Callable[[Lie, int], Path]


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    started: list[LyingDaemon] = []

    def listen(lie: Lie, polite: int) -> Path:
        path = tmp_path / "libvirt-sock"
        started.append(LyingDaemon(path, lie, polite))
        return path

    yield listen
    for each in started:
        each.close()


def asked(start: StartWorker, path: Path) -> WorkerChild:
    uri = f"qemu+unix:///system?socket={path}"
    return start(opening(uri, socket_path=str(path), connections=2))


@pytest.mark.parametrize("polite", [0, 2])
@pytest.mark.parametrize("lie", LIES)
def test_nonsense_ends_the_connection_with_a_reason(
    start: StartWorker, daemon: Daemon, lie: Lie, polite: int
) -> None:
    child = asked(start, daemon(lie, polite))
    closed = child.wait_for(Closed)

    assert load_catalogue("en").has(f"error.{closed.failure.code}.cause")
    assert not [report for report in child.said if isinstance(report, Machines)]
    assert child.exit_status() == 0
