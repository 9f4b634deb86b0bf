"""Named instants at which the process may die; a test dies at every one of them.

The product passes `NoKillPoints` down. Names are planned: `points_of_run` and
`points_of_roll_back` (core.changes.points) list what a plan will pass, so that a point nobody
reached is found.
"""

from typing import Protocol


class KillPoints(Protocol):
    def reach(self, name: str) -> None: ...


class NoKillPoints:
    """Nothing happens here."""

    def reach(self, name: str) -> None:
        return None
