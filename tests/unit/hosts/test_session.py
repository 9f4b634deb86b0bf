"""A session survives everything its worker does, and says what it was."""

import asyncio
import time
from pathlib import Path

import msgspec
import pytest

from core.hosts.protocol import (
    Applied,
    FullRead,
    Log,
    Opened,
    Resume,
    Rows,
    SetAutostart,
    SetLinkState,
)
from core.hosts.session import HostSession
from core.settings.model import HostEntry
from core.settings.places import Places
from core.text import RingfenceError
from tests.unit.hosts.conftest import Run
from tests.unit.hosts.standin import UUID
from tests.unit.hosts.station_ends import QUICK, Answers, Remembers, session_with, stand_in

HUNG = "worker-hung"
# A busy machine makes a flood thin: it must not be called silent before it is one.
PATIENT = msgspec.structs.replace(QUICK, ping_patience_s=8.0)
CUT = SetLinkState(0, uuid=UUID, mac="52:54:00:00:00:01", up=False, live=True, stored=True)


def test_reports_reach_the_listener_and_health_follows(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        listener = Remembers()
        session = session_with("good", listener, tmp_path)
        session.start()
        await listener.state("connected")
        assert listener.states == ["connecting", "reading", "connected"]
        assert [type(report) for report in listener.reports] == [Opened, Rows, FullRead]
        result = await session.order(CUT)
        assert result == Applied("down", live=False, stored=False)
        await session.stop()
        assert session.health.state == "closed"
        assert not list(Places.under(tmp_path).runtime_dir.iterdir())

    run(scenario)


def test_what_the_worker_must_not_decide_is_put_right(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        listener = Remembers()
        session = session_with("good", listener, tmp_path)
        session.start()
        await listener.state("connected")
        (opened,) = listener.of(Opened)
        assert opened.host.uri == "test:///default"
        assert opened.host.transport == "in-process"
        await session.stop()

    run(scenario)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("die", "worker-lost"),
        ("stop", HUNG),
        ("deaf", HUNG),
        ("garbage", "worker-nonsense"),
        ("oversize", "worker-oversize"),
        ("flood", "worker-flooded"),
        ("impostor", "worker-nonsense"),
        ("wrong-uuid", "worker-nonsense"),
        ("wrong-answer", "worker-nonsense"),
        ("refuse", "tls-refused"),
    ],
)
def test_a_bad_worker_is_ended_and_started_again(
    run: Run, tmp_path: Path, kind: str, code: str
) -> None:
    async def scenario() -> None:
        listener = Remembers()
        session = session_with(kind, listener, tmp_path, timing=QUICK if code == HUNG else PATIENT)
        session.start()
        health = await listener.state("stale")
        assert health.failure is not None
        assert health.failure.code == code
        assert health.retry_at is not None
        assert (health.last_seen is None) == (kind in ("impostor", "refuse"))
        await listener.until(lambda: listener.states.count("connecting") >= 2)
        await session.stop()

    run(scenario)


def test_the_last_words_of_a_dead_worker_are_kept(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        listener = Remembers()
        session = session_with("die", listener, tmp_path)
        session.start()
        health = await listener.state("stale")
        assert health.failure is not None
        assert "it hurts" in health.failure.detail
        assert "-6" in health.failure.detail
        await session.stop()

    run(scenario)


def test_an_order_in_flight_fails_at_once_when_the_worker_dies(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        listener = Remembers()
        session = session_with("die-on-order", listener, tmp_path)
        session.start()
        await listener.state("connected")
        began = time.monotonic()
        with pytest.raises(RingfenceError) as caught:
            await session.order(CUT, deadline_s=30.0)
        assert caught.value.code == "worker-lost"
        assert time.monotonic() - began < 2.0
        await session.stop()

    run(scenario)


def test_an_order_has_a_deadline_and_two_of_them_end_the_worker(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        listener = Remembers()
        session = session_with("mute", listener, tmp_path)
        session.start()
        await listener.state("connected")
        for _ in range(2):
            with pytest.raises(RingfenceError) as caught:
                await session.order(CUT, deadline_s=0.05)
            assert caught.value.code == "order-timeout"
        health = await listener.state("stale")
        assert health.failure is not None
        assert health.failure.code == "host-hung"
        await session.stop()

    run(scenario)


def test_orders_that_wait_side_by_side_are_one_timeout(run: Run, tmp_path: Path) -> None:
    """They may all wait behind one machine's job; the host is asked again before it is given up."""

    async def scenario() -> None:
        listener = Remembers()
        session = session_with("mute", listener, tmp_path)
        session.start()
        await listener.state("connected")
        beside = (session.order(CUT, deadline_s=0.05) for _ in range(3))
        for caught in await asyncio.gather(*beside, return_exceptions=True):
            assert isinstance(caught, RingfenceError) and caught.code == "order-timeout"
        with pytest.raises(RingfenceError) as again:
            await session.order(CUT, deadline_s=0.05)
        assert again.value.code == "order-timeout", "it was given up before it was asked again"
        assert (await listener.state("stale")).failure is not None
        await session.stop()

    run(scenario)


def test_a_refused_order_is_raised_with_the_hosts_words(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        listener = Remembers()
        session = session_with("fails", listener, tmp_path)
        session.start()
        await listener.state("connected")
        with pytest.raises(RingfenceError) as caught:
            await session.order(CUT)
        assert (caught.value.code, caught.value.detail) == ("libvirt", "denied")
        await session.stop()

    run(scenario)


def test_a_read_only_host_refuses_effects_here(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        listener = Remembers()
        entry = HostEntry("hv1", "test:///default", read_only=True)
        session = session_with("good", listener, tmp_path, entry)
        session.start()
        await listener.state("connected")
        for order in (CUT, Resume(0, UUID)):
            with pytest.raises(RingfenceError) as caught:
                await session.order(order)
            assert caught.value.code == "host-read-only"
        await session.stop()

    run(scenario)


def test_no_order_goes_to_a_host_that_is_not_there(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        session = session_with("good", Remembers(), tmp_path)
        with pytest.raises(RingfenceError) as caught:
            await session.order(CUT)
        assert caught.value.code == "host-not-reached"

    run(scenario)


def test_credentials_are_asked_for_after_a_refusal_only_once(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        listener, prompts = Remembers(), Answers(user="ann", libvirt_password="pw")
        entry = HostEntry("hv1", "qemu+tls://192.0.2.1/system")
        session = session_with("auth", listener, tmp_path, entry, prompts)
        session.start()
        await listener.state("connected")
        assert prompts.asked == ["user", "libvirt-password ann"]
        await session.stop()

    run(scenario)


def test_missing_credentials_wait_for_a_person(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        listener, prompts = Remembers(), Answers()
        entry = HostEntry("vc", "esx://192.0.2.1/")
        session = session_with("good", listener, tmp_path, entry, prompts)
        session.start()
        health = await listener.state("refused")
        assert health.retry_at is None
        prompts.values = {"user": "ann", "libvirt_password": "pw"}
        session.refresh()
        await listener.state("connected")
        await session.stop()

    run(scenario)


def test_held_machines_are_watched_again_after_a_reconnect(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        listener = Remembers()
        session = session_with("die-on-order", listener, tmp_path)
        session.watch_held([UUID])
        session.start()
        held = Log("info", f"held {UUID}")
        await listener.until(lambda: held in listener.reports)
        with pytest.raises(RingfenceError):
            await session.order(CUT)
        await listener.until(lambda: listener.reports.count(held) == 2)
        await session.stop()

    run(scenario)


def test_an_unverified_host_is_announced(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        told: list[str] = []
        listener = Remembers()
        session = HostSession(
            HostEntry("hv1", "qemu+tls://192.0.2.1/system?no_verify=1"),
            listener,
            places=Places.under(tmp_path),
            prompts=Answers(),
            timing=QUICK,
            worker=stand_in("good"),
            on_unverified=told.append,
        )
        session.start()
        await listener.state("connected")
        assert told == ["hv1"]
        assert listener.of(Opened)[0].host.verified_peer is False
        await session.stop()

    run(scenario)


def test_the_real_worker_on_the_test_driver(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        listener = Remembers()
        session = HostSession(
            HostEntry("hv1", "test:///default"),
            listener,
            places=Places.under(tmp_path),
            prompts=Answers(),
        )
        session.start()
        await listener.state("connected")
        (row,) = listener.of(Rows)[0].rows
        assert row.name == "test"
        applied = await session.order(SetAutostart(0, uuid=row.uuid, on=True))
        assert isinstance(applied, Applied)
        await session.stop()

    run(scenario)


def test_one_bad_host_delays_no_other(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        bad, good = Remembers(), Remembers()
        flooding = session_with("flood", bad, tmp_path)
        chatting = session_with("chatter", Remembers(), tmp_path)
        healthy = session_with("good", good, tmp_path)
        for session in (flooding, chatting, healthy):
            session.start()
        await good.state("connected")
        longest = 0.0
        for _ in range(40):
            before = time.monotonic()
            await healthy.order(CUT)
            longest = max(longest, time.monotonic() - before)
            await asyncio.sleep(0.005)
        assert longest < 0.5
        for session in (flooding, chatting, healthy):
            await session.stop()

    run(scenario)
