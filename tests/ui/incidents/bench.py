"""A small station for stories: real planners, journal and runner over a scripted host."""

import os
from datetime import UTC, datetime
from pathlib import Path

from core.changes.journal import Journal
from core.changes.locks import Locks
from core.changes.runner import Runner
from core.changes.seal import KeySealer
from core.changes.witness import Witness
from core.incidents.desk import IncidentDesk
from tests.ui.fleets import uuid_of
from tests.ui.incidents.scripted_host import ScriptedHost

ONE = uuid_of(1)  # the machine most stories are about, and its only card
MAC = "52:54:00:00:00:01"


class NoWitness:
    """The audit record has tests of its own."""

    def follow(self, journal: Journal) -> None:
        return


class SmallStation:
    """What the panels ask of a station."""

    def __init__(
        self, folder: Path, host: ScriptedHost | None = None, witness: Witness | None = None
    ) -> None:
        self.host = host or ScriptedHost()
        self.hands = self.host
        self.journal = Journal(folder / "journal.db")
        sealer = KeySealer((os.urandom(32),))
        locks = Locks(folder / "locks")
        self.runner = Runner(self.journal, self.host, sealer, locks, witness or NoWitness(), _now)
        self.incidents = IncidentDesk(
            hands=self.host,
            journal=self.journal,
            runner=self.runner,
            sealer=sealer,
            operator="kim",
        )

    def close(self) -> None:
        self.journal.close()


def _now() -> datetime:
    return datetime.now(UTC)
