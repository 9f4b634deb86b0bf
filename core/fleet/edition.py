"""The next edition of the view: what changed since the last one, and nothing else.

Views are frozen; an edition copies the dictionaries once, however many rows are in it, and says
exactly which rows were added, changed and removed.
"""

from operator import is_

from core.fleet.judging import same_verdicts
from core.fleet.model import FleetChanges, FleetView, HostView, Key, MachineView
from core.posture.model import Finding
from core.posture.score import NO_SCORE, combine
from core.settings.model import ZoneEntry


class Edition:
    """Collects rows and hosts until they are published together."""

    def __init__(self, zones: tuple[ZoneEntry, ...]) -> None:
        self.view = FleetView({}, {}, (), NO_SCORE, zones, demo=False)
        self.findings: tuple[Finding, ...] = ()
        self.zones = zones
        self._rows: dict[Key, MachineView] = {}
        self._gone: set[Key] = set()
        self._hosts: dict[str, HostView | None] = {}

    @property
    def empty(self) -> bool:
        return not (self._rows or self._gone or self._hosts)

    def put(self, view: MachineView) -> None:
        """Add or change a row; one that shows the same as the published one is no change."""
        self._gone.discard(view.key)
        before = self.view.machines.get(view.key)
        if before is not None and _same(before, view):
            self._rows.pop(view.key, None)
        else:
            self._rows[view.key] = view

    def drop(self, key: Key) -> None:
        self._rows.pop(key, None)
        self._gone.add(key)

    def put_host(self, name: str, view: HostView | None) -> None:
        """Show a host; None takes it off."""
        self._hosts[name] = view

    def publish(self) -> tuple[FleetView, FleetChanges] | None:
        """Return the new view and its changes; None when nothing differs."""
        old, rows = self.view, self._rows
        removed = frozenset(key for key in self._gone if key in old.machines)
        added = frozenset(key for key in rows if key not in old.machines)
        touched, machines, hosts = (
            frozenset(self._hosts),
            self._machines(removed),
            self._all_hosts(),
        )
        self._rows, self._gone, self._hosts = {}, set(), {}
        view = self._assembled(machines, hosts)
        fleet = view.findings is not old.findings or view.score != old.score
        fleet = fleet or view.zones != old.zones or view.demo != old.demo
        if not (rows or removed or touched or fleet):
            return None
        self.view = view
        changed = frozenset(rows.keys() - added)
        return view, FleetChanges(touched, changed, added, removed, fleet)

    def _machines(self, removed: frozenset[Key]) -> dict[Key, MachineView]:
        machines = self.view.machines
        if not (self._rows or removed):
            return machines
        kept = {key: each for key, each in machines.items() if key not in removed}
        kept.update(self._rows)
        return kept

    def _all_hosts(self) -> dict[str, HostView]:
        if not self._hosts:
            return self.view.hosts
        hosts = {**self.view.hosts, **self._hosts}
        return {name: view for name, view in hosts.items() if view is not None}

    def _assembled(self, machines: dict[Key, MachineView], hosts: dict[str, HostView]) -> FleetView:
        old, findings = self.view.findings, self.findings
        if len(old) == len(findings) and all(map(is_, old, findings)):
            findings = old
        return FleetView(
            hosts,
            machines,
            findings,
            combine(host.score for host in hosts.values()),
            self.zones,
            demo=any(host.entry.demo_facts for host in hosts.values()),
        )


def _same(before: MachineView, after: MachineView) -> bool:
    """Whether two rows show the same; when a fresh one was last seen is not shown."""
    return (
        before.machine is after.machine
        and before.row == after.row
        and before.stale == after.stale
        and (not after.stale or before.last_seen == after.last_seen)
        and before.read_only == after.read_only
        and before.zones == after.zones
        and before.tenant == after.tenant
        and before.risk == after.risk
        and before.label == after.label
        and before.score == after.score
        and before.trend == after.trend
        and before.quarantine == after.quarantine
        and same_verdicts(before.findings, after.findings)
    )
