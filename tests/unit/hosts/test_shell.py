"""A login that is given up is given up, also when the answer comes at that very moment."""

import asyncio
import sys
from pathlib import Path

import pytest

from core.hosts.helper.holds import ReadHolds
from core.hosts.process import launch
from core.hosts.shell import HostShell
from core.hosts.ssh.protocol import Connect, Ready, shell_frame
from core.hosts.timing import Timing
from core.text import RingfenceError
from tests.unit.hosts.station_ends import Answers

MUTE = (sys.executable, "-c", "import time; time.sleep(60)")
READY = shell_frame(Ready("root", "password", "192.0.2.1", "paramiko", socket=True))


@pytest.mark.parametrize("turns", range(6))
def test_a_cancel_that_meets_the_answer_is_not_lost(turns: int, tmp_path: Path) -> None:
    async def give_up() -> None:
        child = await launch(MUTE, tmp_path, log=lambda line: None)
        shell = HostShell("hv1", child, Answers(), lambda facts: None, Timing())
        login = asyncio.ensure_future(shell.connect(Connect("hv1", "192.0.2.1")))
        await asyncio.sleep(0.01)
        child.reader.feed_data(READY)
        for _ in range(turns):
            await asyncio.sleep(0)
        wanted = login.cancel()  # False: it had ended before
        await asyncio.wait((login,))
        assert login.cancelled() is wanted
        await child.close()

    asyncio.run(give_up())


def test_an_order_to_a_login_that_nobody_follows_any_more_is_refused_at_once(
    tmp_path: Path,
) -> None:
    """Its process may live on for a moment, and answer nothing."""

    async def lost() -> None:
        child = await launch(MUTE, tmp_path, log=lambda line: None)
        shell = HostShell("hv1", child, Answers(), lambda facts: None, Timing(close_grace_s=0.1))
        child.reader.feed_eof()
        assert (await shell.follow()).code == "ssh-lost"
        assert not child.ended.is_set()
        with pytest.raises(RingfenceError) as caught:
            await asyncio.wait_for(shell.order(ReadHolds(0), 30.0), 5.0)
        assert caught.value.code == "host-not-reached"
        await child.close()

    asyncio.run(lost())
