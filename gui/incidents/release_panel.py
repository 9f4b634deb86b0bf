"""Giving held machines back what the first quarantine saved."""

from functools import partial

from core.text import Text
from gui.incidents.attempt import Planner
from gui.incidents.panel import IncidentPanel

RELEASE_REASONS = (
    Text("panels.release.reason.clean"),
    Text("panels.release.reason.false-alarm"),
    Text("panels.release.reason.restored"),
    Text("panels.release.reason.drill"),
)


class ReleasePanel(IncidentPanel):
    """A failure on the way leaves the machine contained."""

    kind = "release"
    presets = RELEASE_REASONS

    def _planner(self) -> Planner:
        return partial(self._door.plan_release, reason=self.reason.edit.text())
