"""From an order with a host's name to that host's session: what core.changes.hands asks for."""

from collections.abc import Callable

from core.hosts.helper.closed_set import READINGS
from core.hosts.protocol import READS, Order
from core.hosts.session import HostSession, Result
from core.text import RingfenceError


class Hands:
    """Gives an order to the session of its host; `after` is called when it may have had effect,
    `heard` with every order and its answer."""

    def __init__(
        self,
        sessions: dict[str, HostSession],
        after: Callable[[], None],
        heard: Callable[[str, Order, Result], None] = lambda host, order, result: None,
    ) -> None:
        self._sessions = sessions
        self._after = after
        self._heard = heard

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        session = self._sessions.get(host)
        if session is None:
            raise RingfenceError("host-not-reached", host=host)
        try:
            result = await session.order(order, deadline_s)
            self._heard(host, order, result)
            return result
        finally:
            if not isinstance(order, (*READS, *READINGS)):
                self._after()
