"""How long a session waits for what, and how it backs off. One value, so that tests are quick."""

import random

from msgspec import Struct


class Timing(Struct, frozen=True):
    """All in seconds. A hung worker is noticed within ping_every_s + ping_patience_s."""

    open_deadline_s: float = 15.0
    login_deadline_s: float = 30.0
    ping_every_s: float = 2.0
    ping_patience_s: float = 6.0
    close_grace_s: float = 1.0
    first_retry_s: float = 1.0
    longest_retry_s: float = 60.0
    steady_after_s: float = 30.0  # a connection that lived so long starts the back-off anew
    host_facts_every_s: float = 300.0

    def retry_delay(self, attempt: int) -> float:
        """1, 2, 4 ... seconds, a fifth more or less so that hosts do not march in step."""
        delay = min(self.first_retry_s * 2.0 ** min(attempt, 16), self.longest_retry_s)
        return delay * random.uniform(0.8, 1.2)
