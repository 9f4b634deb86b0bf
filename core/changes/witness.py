"""Who records what the journal says, where it cannot be altered quietly (core.audit)."""

from collections.abc import Callable
from typing import Protocol

from core.changes.journal import Journal


class Witness(Protocol):
    def follow(self, journal: Journal) -> None:
        """Record every journal row that is not recorded yet."""
        ...


class LateWitness:
    """Opens the record at first use, in the thread that writes: its key may be in a keyring."""

    def __init__(self, opened: Callable[[], Witness]) -> None:
        self._open = opened

    def follow(self, journal: Journal) -> None:
        self._open().follow(journal)
