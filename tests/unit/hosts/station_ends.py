"""What a session is given in tests: a listener that remembers, prompts that answer, loops."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TypeVar

from core.hosts.process import Launch
from core.hosts.protocol import AnyReport, Health
from core.hosts.session import HostSession
from core.hosts.timing import Timing
from core.settings.model import HostEntry
from core.settings.places import Places

QUICK = Timing(
    open_deadline_s=5.0,
    login_deadline_s=8.0,
    ping_every_s=0.05,
    ping_patience_s=0.5,
    close_grace_s=0.3,
    first_retry_s=0.05,
    longest_retry_s=0.4,
    steady_after_s=30.0,
)

Kind = TypeVar("Kind")

STAND_IN = Path(__file__).with_name("standin.py")


class Remembers:
    """A listener that keeps everything and lets a test wait for it."""

    def __init__(self) -> None:
        self.healths: list[Health] = []
        self.reports: list[AnyReport] = []
        self._news = asyncio.Event()

    def health_changed(self, host: str, health: Health) -> None:
        self.healths.append(health)
        self._news.set()

    def reported(self, host: str, report: AnyReport) -> None:
        self.reports.append(report)
        self._news.set()

    @property
    def states(self) -> list[str]:
        return [health.state for health in self.healths]

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [report for report in self.reports if isinstance(report, kind)]

    async def until(self, condition: Callable[[], bool], seconds: float = 8.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def state(self, name: str) -> Health:
        """Wait for the next health of that state."""
        seen = len(self.healths)
        await self.until(lambda: name in self.states[seen:] or self.states[-1:] == [name])
        return next(health for health in reversed(self.healths) if health.state == name)


class Answers:
    """Prompts with prepared answers; what was asked is kept."""

    def __init__(self, trust: bool = False, **values: str) -> None:
        self.trust = trust
        self.values = values
        self.asked: list[str] = []

    async def credential(self, host: str, what: str, secret: bool) -> str | None:
        self.asked.append(what)
        return self.values.get(what.split()[0].replace("-", "_"))

    async def trust_host_key(
        self, host: str, address: str, kind: str, fingerprint: str, known: str | None
    ) -> bool:
        self.asked.append(f"{address} {kind} {fingerprint}")
        return self.trust


def stand_in(kind: str) -> Launch:
    return (sys.executable, "-P", str(STAND_IN), kind)


def session_with(
    kind: str,
    listener: Remembers,
    home: Path,
    entry: HostEntry | None = None,
    prompts: Answers | None = None,
    timing: Timing = QUICK,
) -> HostSession:
    return HostSession(
        entry or HostEntry("hv1", "test:///default"),
        listener,
        places=Places.under(home),
        prompts=prompts or Answers(),
        timing=timing,
        worker=stand_in(kind),
    )


Scenario = Callable[[], Coroutine[None, None, None]]
