"""A station with the time that a host needs whose every instruction is emulated."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from core.changes.step import Step
from core.changes.steps import preparation
from core.hosts import session
from core.hosts.protocol import Order
from core.hosts.timing import Timing

TIMES = 10.0
PATIENT = Timing(
    open_deadline_s=300.0, login_deadline_s=300.0, ping_patience_s=120.0, longest_retry_s=4.0
)
PATIENT_SHELL = (
    "from core.hosts.ssh import __main__, helper_channel\n"
    "helper_channel.ANSWER_DEADLINE_S = 150.0\n"
    "helper_channel.HelperStart.__init__.__defaults__ = (150.0,)\n"
    "__main__.main()"
)


@contextmanager
def patience() -> Generator[None]:
    """Every deadline of sessions, orders and steps opened within is a longer one; nothing else."""
    order_within = session.HostSession.order

    async def order(
        self: session.HostSession, order: Order, deadline_s: float = 10.0
    ) -> session.Result:
        return await order_within(self, order, deadline_s * TIMES)

    def shell(*about: object) -> tuple[str, ...]:
        return (sys.executable, "-P", "-c", PATIENT_SHELL)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "Timing", lambda: PATIENT)
        patch.setattr(session, "shell_launch", shell)
        patch.setattr(session.HostSession, "order", order)
        patch.setattr(Step, "deadline_s", Step.deadline_s * TIMES)
        patch.setattr(preparation, "RESTART_DEADLINE_S", preparation.RESTART_DEADLINE_S * TIMES)
        yield
