"""Where SELinux would not let libvirt run our hook, preparing stops short of ending machines.

On a host of its own: what is prepared by then stays there, and goes with it.
"""

import asyncio
from collections.abc import Generator
from pathlib import Path

import pytest

from core.changes.outcome import PlanOutcome, PlanState
from core.hosts.preparation.of_station import preparation_of
from tests.lab.configuration import write_home
from tests.lab.requirements import reason_not_to_run_selinux
from tests.lab.selinux.host import SelinuxHost
from tests.lab.selinux.machines import STARTED
from tests.lab.selinux.patience import patience
from tests.lab.selinux.preparation import selinux_image
from tests.lab.stations import opened

pytestmark = [pytest.mark.selinux, pytest.mark.timeout(1800)]
HOST = SelinuxHost.name
LOOK = "find /etc/libvirt/hooks -type f; systemctl show -P MainPID libvirtd"


@pytest.fixture
def host(tmp_path: Path) -> Generator[SelinuxHost]:
    if reason := reason_not_to_run_selinux():
        pytest.skip(reason)
    made = SelinuxHost(selinux_image(), tmp_path / "selinux")
    try:
        made.boot()
        yield made
    finally:
        made.down()


async def prepared(home: Path) -> PlanOutcome:
    with patience():
        async with opened(home, settled=False) as station:
            assert await station.ready_to_act("s1", 300)
            desk = preparation_of(station)
            return await desk.run(await desk.plan_prepare(HOST))


def test_preparing_never_ends_what_runs(host: SelinuxHost, tmp_path: Path) -> None:
    write_home(tmp_path / "home", [(host, "ssh")])
    before = host.exec(["sh", "-c", LOOK]).stdout
    done = asyncio.run(prepared(tmp_path / "home"))
    assert done.state is PlanState.FAILED and done.problem is not None, done
    assert done.problem.code == "error.prepare-selinux.cause", done.problem
    assert host.exec(["sh", "-c", LOOK]).stdout == before, "a hook stayed, or libvirt began anew"
    assert set(STARTED) <= host.process_labels().keys()
