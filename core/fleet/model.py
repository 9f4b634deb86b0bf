"""The one view of all hosts: what every window, column and command shows.

Views are frozen and replaced as a whole; identity (`is`) tells whether anything changed.
"""

from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from core.facts import Confinement, Host, Machine, MachineRow, SecurityLabel, Unknown
from core.hosts.protocol import Failure, Health
from core.incidents.model import Quarantine
from core.posture.model import Finding, Score
from core.settings.model import HostEntry, ZoneEntry
from core.tenants.model import Ownership
from core.zones.model import Membership

__all__ = [
    "FleetChanges",
    "FleetView",
    "HostView",
    "Key",
    "LabelView",
    "MachineView",
    "Membership",
    "Ownership",
]


class Key(NamedTuple):
    """A machine's identity: uuids may be the same on two hosts, names may change."""

    host: str
    uuid: str


class LabelView(Struct, frozen=True, gc=False):
    """The label column: the state, and the label that proves it."""

    confinement: Confinement | Unknown
    label: SecurityLabel | None
    drivers: tuple[str, ...] | Unknown


class MachineView(Struct, frozen=True, gc=False, eq=False):
    """One row of the fleet. `machine` is None until its XML was read."""

    key: Key
    row: MachineRow
    machine: Machine | None
    read_only: bool
    stale: bool
    last_seen: datetime
    zones: tuple[Membership, ...] | Unknown
    tenant: Ownership
    risk: Ownership
    label: LabelView
    findings: tuple[Finding, ...]
    score: Score
    trend: int | None  # change of the score since yesterday's last; None: no history
    quarantine: Quarantine | None
    demo: bool = False
    failing: frozenset[str] | None = None  # ids of failing checks, when somebody counted them

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def host(self) -> str:
        return self.key.host

    @property
    def target(self) -> str:
        return f"{self.key.host}/{self.row.name}"


class HostView(Struct, frozen=True, eq=False):
    """One host: as declared, how it is doing, what it told, how it is judged."""

    entry: HostEntry
    health: Health
    facts: Host | None
    findings: tuple[Finding, ...]
    score: Score
    machines: int
    read_seconds: float | None = None
    problem: Failure | None = None

    @property
    def name(self) -> str:
        return self.entry.name


class FleetView(Struct, frozen=True, eq=False):
    """Everything at one moment."""

    hosts: dict[str, HostView]
    machines: dict[Key, MachineView]
    findings: tuple[Finding, ...]  # fleet scope
    score: Score
    zones: tuple[ZoneEntry, ...]  # declared, then proposed
    demo: bool


class FleetChanges(Struct, frozen=True):
    """What differs between two views, so that nobody compares everything."""

    hosts: frozenset[str]
    changed: frozenset[Key]
    added: frozenset[Key]
    removed: frozenset[Key]
    fleet: bool  # findings or score of the whole fleet
