"""Giving held machines back: as they are, after a power cycle, or rebuilt from a template."""

from functools import partial

from PySide6.QtWidgets import QLineEdit, QWidget

from core.incidents.model import How
from core.text import Catalogue, Text
from gui.incidents.attempt import Planner
from gui.incidents.choices import Choices, Way
from gui.incidents.panel import IncidentPanel

_LONGEST_TEMPLATE = 512
ASKED = "incidents.warning.release-asked"
RELEASE_REASONS = (
    Text("panels.release.reason.clean"),
    Text("panels.release.reason.false-alarm"),
    Text("panels.release.reason.restored"),
    Text("panels.release.reason.drill"),
)


class ReleasePanel(IncidentPanel):
    """Gives back what the first quarantine saved; what each way gives up is said beside it."""

    kind = "release"
    presets = RELEASE_REASONS

    def _make_fields(self) -> tuple[QWidget, ...]:
        t = self._t
        self.hows = Choices(t("panels.how"), [_way(h, t) for h in How], self._theme, self.options)
        self.hows.changed.connect(self.plan_anew)
        self.ways = self.hows
        self.template = QLineEdit(self.options)
        self.template.setObjectName("template")
        self.template.setMaxLength(_LONGEST_TEMPLATE)
        self.template.setAccessibleName(t("panels.template"))
        self.template.setPlaceholderText(t("panels.template.hint"))
        self.template.textEdited.connect(lambda: self._typing.start())
        self.template.returnPressed.connect(self.confirm)
        return (self.hows, self.template)

    def _tab_fields(self) -> tuple[QWidget, ...]:
        return (self.hows, self.template)

    @property
    def how(self) -> How:
        return How(self.hows.chosen)

    def _planner(self) -> Planner:
        template = self.template.text().strip() if self.how is How.REBUILD else ""
        reason = self.reason.edit.text()
        return partial(self._door.plan_release, reason=reason, how=self.how, template=template)

    def _reset(self) -> None:
        self.hows.set(How.RESUME)
        self.template.clear()

    def _tell(self) -> None:
        self.template.setVisible(self.how is How.REBUILD)
        super()._tell()

    def _acting_role(self) -> str:
        return "danger" if self.how is How.REBUILD else "primary"

    def _second(self) -> bool:
        """Whether somebody has asked for it, and this is the second signature."""
        plans = (attempt.plan for attempt in self._attempts)
        said = (warning.code for plan in plans if plan is not None for warning in plan.warnings)
        return ASKED in said

    def _button_code(self) -> str:
        """The button says what will happen."""
        if self._second():
            return "panels.release.second"
        usual = self.how is How.RESUME
        return "panels.release.button" if usual else f"panels.release.{self.how.value}"


def _way(how: How, t: Catalogue) -> Way:
    code = f"panels.how.{how.value}"
    return Way(how.value, t(f"{code}.name"), t(f"{code}.words"), t(f"{code}.note"))
