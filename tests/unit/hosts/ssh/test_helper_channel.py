"""ringfence-host over a real sshd: sent once, kept warm, honest where it cannot be had."""

import asyncio
import os
import socket
import time
from pathlib import Path

import pytest

from core.hosts.helper.orders import BarrierSeen, ReadBarrier
from core.hosts.shell import HostShell
from core.hosts.ssh.helper_channel import HelperStart, Refusal
from core.hosts.ssh.protocol import Ready
from core.text import RingfenceError
from tests.unit.hosts.conftest import Run
from tests.unit.hosts.ssh.test_login import Ground, ground
from tests.unit.hosts.station_ends import Answers

__all__ = ["ground"]  # a fixture
NOBODY = "11111111-2222-3333-4444-555555555555"  # no machine: reading changes nothing


async def connected(shell: HostShell, ground: Ground) -> "asyncio.Task[object]":
    assert isinstance(await shell.connect(ground.order), Ready)
    return asyncio.ensure_future(shell.follow())


async def refusal(shell: HostShell) -> str:
    with pytest.raises(RingfenceError) as caught:
        await shell.order(ReadBarrier(0, NOBODY), 10.0)
    return caught.value.code


@pytest.mark.skipif(os.getuid() != 0, reason="only root may read a host's packet rules")
def test_a_second_order_finds_the_channel_warm(run: Run, ground: Ground) -> None:
    async def scenario() -> None:
        ground.know_the_server()
        async with ground.shell(Answers()) as shell:
            following = await connected(shell, ground)
            first = await shell.order(ReadBarrier(0, NOBODY), 10.0)
            assert isinstance(first, BarrierSeen)
            assert not first.running and not first.up and first.cards == ()
            began = time.monotonic()
            assert await shell.order(ReadBarrier(0, NOBODY), 10.0) == first
            assert time.monotonic() - began < 0.5
            following.cancel()
        assert ground.server.logins == 1

    run(scenario)


def test_a_host_without_python_says_so(run: Run, ground: Ground) -> None:
    async def scenario() -> None:
        _shadow_python(ground, "echo 'python3: not found' >&2; exit 127")
        ground.know_the_server()
        async with ground.shell(Answers()) as shell:
            following = await connected(shell, ground)
            assert await refusal(shell) == "helper-no-python"
            following.cancel()

    run(scenario)


def test_a_host_that_talks_nonsense_is_not_believed(run: Run, ground: Ground) -> None:
    async def scenario() -> None:
        _shadow_python(ground, "printf '\\0\\0\\0\\2[]'; exec cat >/dev/null")
        ground.know_the_server()
        async with ground.shell(Answers()) as shell:
            following = await connected(shell, ground)
            assert await refusal(shell) == "helper-no-python"
            following.cancel()

    run(scenario)


class Silent:
    """A wire to a host that takes everything and says nothing."""

    carrier = "test"

    def run(self, script: bytes, most_bytes: int, deadline_s: float) -> bytes:
        raise OSError("nothing is run here")

    def join(self, near: socket.socket, command: str) -> str:
        with near:
            while near.recv(1 << 16):
                continue
        return ""

    def wait_end(self) -> str:
        return ""

    def close(self) -> None:
        return


def test_a_host_that_is_slow_is_not_one_without_python() -> None:
    with pytest.raises(Refusal) as caught:
        HelperStart(Silent(), patience_s=0.05).opened()
    assert caught.value.code == "helper-lost"


class Refused(Silent):
    """A login that opens no channel any more."""

    def join(self, near: socket.socket, command: str) -> str:
        near.close()
        raise OSError("Timeout opening channel.")


class Cut(Silent):
    """A login that is lost while the host is greeted."""

    def join(self, near: socket.socket, command: str) -> str:
        near.recv(1)
        near.close()
        return ""


@pytest.mark.parametrize("wire", [Refused(), Cut()])
def test_a_login_that_is_lost_says_nothing_of_what_the_host_has(wire: Silent) -> None:
    with pytest.raises(Refusal) as caught:
        HelperStart(wire, patience_s=5.0).opened()
    assert caught.value.code == "helper-lost"


def test_orders_in_flight_fail_when_the_login_is_cut(run: Run, ground: Ground) -> None:
    async def scenario() -> None:
        _shadow_python(ground, "exec cat >/dev/null")
        ground.know_the_server()
        async with ground.shell(Answers()) as shell:
            following = await connected(shell, ground)
            waiting = asyncio.ensure_future(refusal(shell))
            await asyncio.sleep(0.05)
            ground.server.cut()
            assert await waiting in {"host-not-reached", "helper-lost"}
            await following

    run(scenario)


def _shadow_python(ground: Ground, script: str) -> None:
    python: Path = ground.server.folder / "bin" / "python3"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
