"""Counts for the sidebar and the status line, taken from one fleet view."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from core.facts import Unknown
from core.fleet.model import FleetView, MachineView
from core.posture.model import Severity

SHOWN = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)


@dataclass(slots=True)
class Tally:
    """How many machines, and how many of them have which worst severity."""

    machines: int = 0
    held: int = 0
    worst: Counter[Severity] = field(default_factory=Counter[Severity])

    def add(self, view: MachineView) -> None:
        self.machines += 1
        self.held += view.quarantine is not None
        if view.score.worst is not None:
            self.worst[view.score.worst] += 1


@dataclass(slots=True)
class Tallies:
    machines: int
    hosts: dict[str, Tally]
    zones: dict[str, Tally]
    unzoned: Tally


def tally(fleet: FleetView) -> Tallies:
    """Count every machine once for its host, and in each of its zones."""
    hosts: defaultdict[str, Tally] = defaultdict(Tally)
    zones: defaultdict[str, Tally] = defaultdict(Tally)
    unzoned = Tally()
    for view in fleet.machines.values():
        hosts[view.key.host].add(view)
        if isinstance(view.zones, Unknown):
            continue
        if not view.zones:
            unzoned.add(view)
        for member in view.zones:
            zones[member.zone.name].add(view)
    return Tallies(len(fleet.machines), dict(hosts), dict(zones), unzoned)
