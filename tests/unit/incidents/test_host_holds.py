"""Hosts are asked as often as it matters, and never keep each other waiting."""

import asyncio
from datetime import UTC, datetime

from core.hosts.helper.holds import HoldFile, HoldsSeen, Signature
from core.hosts.protocol import Health, Order
from core.incidents.host_holds import EMPTY_S, HOLDING_S, UNPREPARED_S, HostHolds, pause_after
from core.text import RingfenceError

NOW = datetime(2026, 11, 22, tzinfo=UTC)
NOTHING = HoldsSeen(True, True, False, ())
UNPREPARED = HoldsSeen(False, False, False, ())


def holding(size: int) -> HoldsSeen:
    file = HoldFile("u", 1, "x" * size, Signature("", ""), True, "", (), ())
    return HoldsSeen(True, True, False, (file,))


class Session:
    def __init__(self, state: str = "connected") -> None:
        self.state = state

    @property
    def health(self) -> Health:
        return Health(self.state, NOW)


class Asked:
    """Hosts that answer with what they are given."""

    def __init__(self, **answers: HoldsSeen | RingfenceError) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.heard: dict[str, HoldsSeen] = {}
        self.sessions = {name: Session() for name in answers}
        self.time = 100.0
        self.holds = HostHolds(self, self.sessions, self.heard.__setitem__, lambda: self.time)

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> HoldsSeen:
        self.asked.append(host)
        answer = self.answers[host]
        if isinstance(answer, RingfenceError):
            raise answer
        return answer

    def look(self, after_s: float = 0.0) -> list[str]:
        self.time += after_s
        self.asked.clear()
        asyncio.run(self.holds.look())
        return sorted(self.asked)


def test_a_host_is_asked_when_it_is_connected_and_as_often_as_it_matters() -> None:
    hosts = Asked(empty=NOTHING, holding=holding(10), bare=UNPREPARED)
    assert hosts.look() == ["bare", "empty", "holding"]
    assert hosts.heard.keys() == {"bare", "empty", "holding"}
    assert hosts.look(HOLDING_S) == ["holding"]
    assert hosts.look(EMPTY_S) == ["empty", "holding"]
    assert hosts.look(UNPREPARED_S) == ["bare", "empty", "holding"]


def test_a_host_that_comes_back_is_asked_at_once() -> None:
    hosts = Asked(bare=UNPREPARED)
    hosts.look()
    hosts.sessions["bare"].state = "stale"
    assert hosts.look(1) == []
    hosts.sessions["bare"].state = "connected"
    assert hosts.look(1) == ["bare"]


def test_a_host_that_cannot_answer_has_answered() -> None:
    deaf, late = RingfenceError("helper-no-ssh"), RingfenceError("host-not-reached")
    hosts = Asked(deaf=deaf, late=late)
    hosts.look()
    assert hosts.holds.answered(frozenset({"deaf"}))
    assert not hosts.holds.answered(frozenset({"deaf", "late"}))
    assert hosts.look(HOLDING_S) == ["late"]


def test_a_large_memory_is_read_less_often() -> None:
    assert pause_after(holding(10)) <= HOLDING_S
    assert pause_after(holding(16 * 1024 * 1024)) > 100
