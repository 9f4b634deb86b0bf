"""Who records what the journal says, where it cannot be altered quietly (core.audit)."""

from typing import Protocol

from core.changes.journal import Journal


class Witness(Protocol):
    def follow(self, journal: Journal) -> None:
        """Record every journal row that is not recorded yet."""
        ...
