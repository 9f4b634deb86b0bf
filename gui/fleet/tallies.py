"""Counts for the sidebar and the status line, taken from one fleet view."""

from collections import Counter
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
    whole: Tally = field(default_factory=Tally)
    hosts: dict[str, Tally] = field(default_factory=dict[str, Tally])
    zones: dict[str, Tally] = field(default_factory=dict[str, Tally])
    unzoned: Tally = field(default_factory=Tally)


def tally(fleet: FleetView) -> Tallies:
    """Count every machine once for the fleet and its host, and in each of its zones."""
    found = Tallies()
    for view in fleet.machines.values():
        found.whole.add(view)
        found.hosts.setdefault(view.host, Tally()).add(view)
        if isinstance(view.zones, Unknown):
            continue
        if not view.zones:
            found.unzoned.add(view)
        for member in view.zones:
            found.zones.setdefault(member.zone.name, Tally()).add(view)
    return found
