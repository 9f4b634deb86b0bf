"""The panels of the other rooms, built when they are first wanted.

The window knows only that they are widgets; what they need of the station is handed on here.
Only the inspector is there from the start: everything else is imported when it is opened.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.fleet.model import HostView, MachineView
from core.hosts.prompts import Prompts
from core.posture.catalogue import load_catalogue as load_checks
from core.text import Catalogue, Text
from gui.theme import Theme

if TYPE_CHECKING:
    from core.audit.log import AuditLog
    from core.station import Station
    from gui.cases.door import StationCases
    from gui.cases.escape_door import StationEscape
    from gui.cases.escape_panel import EscapePanel
    from gui.cases.panel import CasePanel
    from gui.changes.panel import TaskPanel
    from gui.changes.plan_run import PlanRun
    from gui.changes.work import Work
    from gui.hosts.add_host import AddHostPanel
    from gui.hosts.doctor import CheckHostPanel
    from gui.hosts.door import StationHosts
    from gui.hosts.first_run import FirstRunPanel
    from gui.hosts.preparation import PreparationPanel
    from gui.incidents.door import LateDoor
    from gui.incidents.drill_panel import DrillPanel
    from gui.incidents.panel import Finder, IncidentPanel
    from gui.incidents.quarantine_panel import QuarantinePanel
    from gui.incidents.release_panel import ReleasePanel
    from gui.incidents.unlock import StationKeys
    from gui.inspector.panel import InspectorPanel

KEPT_COMPLAINTS = 99


class Panels(QObject):
    """Emits `side_closed` when a panel beside the table has done its work, `run_started` when
    one of them began to change something."""

    side_closed = Signal()
    run_started = Signal()
    run_finished = Signal(object)  # PlanRun
    case_report_wanted = Signal(str)  # a case's id
    counted = Signal(int, int)  # running, waiting for a decision

    def __init__(
        self, station: "Station", prompts: Prompts, catalogue: Catalogue, theme: Theme
    ) -> None:
        super().__init__()
        self.station = station
        self._prompts = prompts
        self._t = catalogue
        self._theme = theme
        self._complaints: list[tuple[str, Text]] = []

    @cached_property
    def inspector(self) -> "InspectorPanel":
        from gui.inspector.panel import InspectorPanel

        door, checks = ReadingDoor(self.station), load_checks()
        return InspectorPanel(self._t, self._theme, door, checks, hosts=self._hosts)

    @cached_property
    def tasks(self) -> "TaskPanel":
        from gui.changes.door import LateRunner
        from gui.changes.panel import TaskPanel

        station = self.station
        panel = TaskPanel(self._t, self._theme, LateRunner(lambda: station.runner))
        panel.show_unfinished(self.station.journal.unfinished())
        panel.finished.connect(self.run_finished.emit)
        panel.counted.connect(self.counted)
        for host, text in self._complaints:
            panel.report(host, text)
        return panel

    @cached_property
    def _incidents(self) -> "LateDoor":
        from gui.incidents.door import LateDoor

        station = self.station
        return LateDoor(lambda: station.incidents)

    @cached_property
    def _keys(self) -> "StationKeys":
        from gui.incidents.unlock import StationKeys

        station = self.station
        return StationKeys(lambda: station.key_ring, lambda: station.case_files)

    @cached_property
    def quarantine(self) -> "QuarantinePanel":
        from gui.incidents.quarantine_panel import QuarantinePanel
        from gui.incidents.surroundings import StationSurroundings

        around, door = StationSurroundings(self.station), self._incidents
        panel = QuarantinePanel(self._t, self._theme, door, around=around, keys=self._keys)
        self._follow(panel)
        return panel

    async def warm(self, keep: Callable[[QWidget], None]) -> None:
        """Build the panels of an emergency before they are wanted, and give those beside the table
        to `keep`; their modules are read off the loop, so that nothing stutters."""
        for module in ("gui.incidents.quarantine_panel", "gui.changes.panel", "gui.cases.panel"):
            await asyncio.to_thread(import_module, module)
        keep(self.quarantine)
        await asyncio.sleep(0)
        _ = self.tasks
        await asyncio.sleep(0)
        keep(self.cases)

    @cached_property
    def release(self) -> "ReleasePanel":
        from gui.incidents.release_panel import ReleasePanel

        panel = ReleasePanel(self._t, self._theme, self._incidents)
        self._follow(panel)
        return panel

    @cached_property
    def drill(self) -> "DrillPanel":
        from gui.incidents.drill_door import StationDrill
        from gui.incidents.drill_panel import DrillPanel

        door = StationDrill(self.station, self._incidents)
        panel = DrillPanel(self._t, self._theme, door, keys=self._keys)
        panel.closed.connect(self.side_closed)
        panel.run_started.connect(self._started)
        return panel

    @cached_property
    def case_door(self) -> "StationCases":
        from gui.cases.door import StationCases

        return StationCases(self.station, self._t)

    @cached_property
    def cases(self) -> "CasePanel":
        from gui.cases.panel import CasePanel

        panel = CasePanel(self._t, self._theme, self.case_door)
        panel.closed.connect(self.side_closed)
        panel.report_wanted.connect(self.case_report_wanted)
        return panel

    @cached_property
    def escape_door(self) -> "StationEscape":
        from gui.cases.escape_door import StationEscape

        return StationEscape(self.station, self._incidents)

    @cached_property
    def escape(self) -> "EscapePanel":
        from gui.cases.escape_panel import EscapePanel

        panel = EscapePanel(self._t, self._theme, self.escape_door)
        panel.closed.connect(self.side_closed)
        panel.run_started.connect(self._started)
        return panel

    @cached_property
    def work(self) -> "Work":
        """What an action began that no panel waits for."""
        from gui.changes.work import Work

        return Work()

    @cached_property
    def add_host(self) -> "AddHostPanel":
        from gui.hosts.add_host import AddHostPanel

        panel = AddHostPanel(self._t, self._theme, self._hosts)
        panel.closed.connect(self.side_closed)
        return panel

    @cached_property
    def check_host(self) -> "CheckHostPanel":
        from gui.hosts.doctor import CheckHostPanel

        panel = CheckHostPanel(self._t, self._theme, self._hosts)
        panel.closed.connect(self.side_closed)
        return panel

    @cached_property
    def preparation(self) -> "PreparationPanel":
        from core.hosts.preparation.of_station import preparation_of
        from gui.hosts.preparation import PreparationPanel

        panel = PreparationPanel(self._t, self._theme, preparation_of(self.station))
        panel.closed.connect(self.side_closed)
        panel.run_started.connect(self._started)
        panel.changed.connect(self.station.refresh)
        return panel

    @cached_property
    def first_run(self) -> "FirstRunPanel":
        from gui.hosts.first_run import FirstRunPanel

        return FirstRunPanel(self._t, self._theme)

    @cached_property
    def _hosts(self) -> "StationHosts":
        from gui.hosts.door import StationHosts, doctor_of

        places = self.station.places
        return StationHosts(places, doctor_of(self.station, self._prompts), self.station.apply)

    def complain(self, host: str, text: Text) -> None:
        """Say what a host complains of; kept until the task panel is there to show it."""
        if "tasks" in self.__dict__:
            self.tasks.report(host, text)
        else:
            self._complaints = [*self._complaints[-KEPT_COMPLAINTS:], (host, text)]

    @property
    def unfinished(self) -> int:
        """How many plans a crash or a cancel left behind."""
        return len(self.station.journal.unfinished())

    def show(self, machines: Sequence[MachineView], host: HostView | None) -> None:
        """Show the selection in the inspector; a host only when no machine is selected."""
        if machines or host is None:
            self.inspector.show_machines(machines)
        else:
            self.inspector.show_host(host)

    def observe(self, find: "Finder") -> None:
        """The fleet was read again: the open incident panels show what is the case now."""
        for name in ("quarantine", "release"):
            panel = self.__dict__.get(name)
            if panel is not None and panel.isVisible():
                panel.observe(find)

    @property
    def running(self) -> bool:
        return any(run.running for run in self.runs())

    def runs(self) -> "list[PlanRun]":
        """Return what the task panel shows, to be handed to the next window."""
        made = self.__dict__.get("tasks")
        return [] if made is None else [card.run for card in self.tasks.cards()]

    def take_over(self, runs: "Sequence[PlanRun]") -> None:
        if not runs:
            return
        for run in reversed(runs):
            run.setParent(self.tasks)
            self.tasks.watch(run)
        self.run_started.emit()

    def _follow(self, panel: "IncidentPanel") -> None:
        panel.closed.connect(self.side_closed)
        panel.run_started.connect(self._started)

    def _started(self, run: "PlanRun") -> None:
        self.tasks.watch(run)
        self.run_started.emit()


class ReadingDoor:
    """A station as the inspector sees it: what it may read, and nothing that it may change."""

    def __init__(self, station: "Station") -> None:
        self._station = station
        self.hands = station.hands
        self.journal = station.journal
        self.history = station.history
        self.fleet = station.fleet
        self.holds = station.holds
        self.barriers = station.barriers

    @property
    def audit(self) -> "AuditLog":
        """Opened when it is first asked for: the keyring may want a password."""
        return self._station.audit
