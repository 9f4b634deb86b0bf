"""Cutting machines off: how, through which doors, with what evidence, and why.

Keys: Enter cuts with what is chosen, which at first is the usual. Digits are the reason, the
arrows and Alt with a digit the mode; in the list of modes digits are the mode.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QCheckBox, QWidget

from core.changes.plan import Plan
from core.fleet.model import MachineView
from core.incidents.evidence.kinds import DEFAULT_KINDS
from core.incidents.model import EvidenceKind, Mode, Wish
from core.incidents.quarantine import CUT_ANYWAY, OBSERVE_ANYWAY
from core.incidents.reasons import PRESET_REASONS
from core.incidents.words import mode_text
from core.text import Catalogue, RingfenceError, Text
from gui.changes.work import Work
from gui.incidents.attempt import Planner
from gui.incidents.choices import Choices, Way
from gui.incidents.collecting import Collector
from gui.incidents.door import IncidentDoor
from gui.incidents.doors_field import DoorsField
from gui.incidents.evidence_field import EvidenceField
from gui.incidents.panel import IncidentPanel
from gui.incidents.surroundings import Surroundings
from gui.incidents.unlock import KeyDoor, UnlockField
from gui.incidents.yes_field import YesField, dependents_asked
from gui.theme import Theme


class QuarantinePanel(IncidentPanel):
    """Read-only hosts are refused with the reason."""

    kind = "quarantine"
    presets = PRESET_REASONS

    def __init__(
        self,
        catalogue: Catalogue,
        theme: Theme,
        door: IncidentDoor,
        parent: QWidget | None = None,
        *,
        around: Surroundings | None = None,
        keys: KeyDoor | None = None,
    ) -> None:
        self._asked_twice = False
        self._around = around
        self._keys = keys
        self._looking = Work()
        super().__init__(catalogue, theme, door, parent)

    def open(self, views: Sequence[MachineView]) -> None:
        super().open(views)
        self._looking.cancel()
        if self._around is not None and views:
            self._looking.start(self._look_around(self._around, views), "look around a quarantine")

    def shut(self) -> None:
        self._looking.cancel()
        self.unlock.forget()
        super().shut()

    async def _look_around(self, around: Surroundings, views: Sequence[MachineView]) -> None:
        """Beside the plans, which come first: our own address, then what evidence will cost."""
        self.doors.suggest(await around.own_address(views[0].host))
        found = await asyncio.gather(*(around.estimates(view) for view in views))
        self.evidence.show_estimates([each for one in found for each in one])

    def _show_going(self) -> None:
        """The cut is on its way; only now keys may be asked for."""
        super()._show_going()
        if self._kinds():
            self.unlock.ask()

    def _keys_given(self) -> None:
        """Evidence that had no key is taken now; what was closed unsigned is signed."""
        for attempt in self._attempts:
            attempt.keys_given()
        self.unlock.sign(tuple({each.plan.case for each in self._attempts if each.plan}))

    # --- the choices --------------------------------------------------------------------------

    def _make_fields(self) -> tuple[QWidget, ...]:
        t, theme, within = self._t, self._theme, self.options
        ways = [_way(mode, t) for mode in Mode]
        self.modes = Choices(t("panels.mode"), ways, theme, within, note_lines=3)
        self.modes.changed.connect(self._mode_changed)
        self.ways = self.modes
        self.doors = DoorsField(t, theme, within)
        self.doors.edited.connect(self._door_typed)
        self.doors.entered.connect(self.confirm)
        self.evidence = EvidenceField(t, theme, within)
        self.evidence.changed.connect(self._evidence_chosen)
        self.drill = QCheckBox(t("panels.drill"), within)
        self.drill.setObjectName("drill")
        self.drill.toggled.connect(self.plan_anew)
        self.dependents = YesField(CUT_ANYWAY, t, theme, within)
        self.dependents.changed.connect(self._tell)
        return (self.modes, self.doors, self.dependents, self.evidence, self.drill)

    def _make_later(self) -> tuple[QWidget, ...]:
        self.unlock = UnlockField(self._keys, self._t, self._theme, self._list)
        self.unlock.opened.connect(self._keys_given)
        return (self.unlock,)

    def _tab_fields(self) -> tuple[QWidget, ...]:
        doors = (part for row in self.doors.rows for part in (row.station, row.port, row.remove))
        kinds = (line.box for line in self.evidence.lines)
        ticks = (self.dependents.box, self.evidence.fold, *kinds, self.drill)
        return (self.modes, *doors, self.doors.add, *ticks)

    @property
    def mode(self) -> Mode:
        return Mode(self.modes.chosen)

    def wish(self, say: bool = True) -> Wish:
        """What is asked for, but for the yes's.

        Raises:
            RingfenceError: a door is wrong; with `say` also said at its row.
        """
        doors = self.doors.doors(say) if self.mode is Mode.FORENSIC else ()
        return Wish(
            mode=self.mode, doors=doors, evidence=self._kinds(), drill=self.drill.isChecked()
        )

    def _planner(self) -> Planner:
        return partial(
            self._door.plan_quarantine, reason=self.reason.edit.text(), wish=self.wish(say=False)
        )

    def _collector(self) -> Collector | None:
        kinds = self._kinds()
        if not kinds:
            return None

        async def collector(view: MachineView, case: str, reason: str) -> Plan:
            return await self._door.plan_evidence(view, case, kinds, reason)

        return collector

    def _kinds(self) -> tuple[EvidenceKind, ...]:
        """Observing takes nothing: its packets are kept on the host."""
        return () if self.mode is Mode.OBSERVE else self.evidence.kinds()

    def _evidence_chosen(self) -> None:
        for attempt in self._attempts:
            attempt.collect_with(self._collector())

    def _reset(self) -> None:
        self._asked_twice = False
        self.unlock.forget()
        self.modes.set(Mode.FREEZE)
        self.doors.reset()
        self.evidence.choose(DEFAULT_KINDS)
        self.evidence.show_estimates(())
        self.drill.blockSignals(True)
        self.drill.setChecked(False)
        self.drill.blockSignals(False)

    def _mode_changed(self) -> None:
        self._asked_twice = False
        self.problem.hide()
        self.plan_anew()

    def _door_typed(self) -> None:
        """Not at every key: half an address is no wish."""
        self.problem.hide()
        self._typing.start()

    # --- the yes's ----------------------------------------------------------------------------

    def _agreed(self) -> frozenset[str]:
        self._refuse_wrong_doors()
        needed = {need for attempt in self._attempts for need in attempt.needs}
        if CUT_ANYWAY in needed and not self.dependents.given:
            self.dependents.box.setFocus()
            raise RingfenceError("cut-anyway-needed")
        if self.mode is not Mode.OBSERVE:
            return frozenset({CUT_ANYWAY} if self.dependents.given else ())
        if not self._asked_twice:
            self._asked_twice = True
            raise RingfenceError("observe-anyway-needed")
        return frozenset({OBSERVE_ANYWAY, CUT_ANYWAY})

    def _refuse_wrong_doors(self) -> None:
        try:
            self.wish()
        except RingfenceError:
            self.doors.go_to_problem()
            raise

    def _dependents(self) -> tuple[Text, ...]:
        """Who depends on the machines that are cut, as their plans name them."""
        plans = (each.plan for each in self._attempts)
        return tuple(text for plan in plans for text in dependents_asked(plan))

    # --- looks --------------------------------------------------------------------------------

    def _tell(self) -> None:
        self.doors.setVisible(self.mode is Mode.FORENSIC)
        self.evidence.setVisible(self.mode is not Mode.OBSERVE)
        self.dependents.ask(self._dependents())
        super()._tell()

    def _acting_role(self) -> str:
        return "primary" if self.mode is Mode.OBSERVE else "danger"

    def _button_code(self) -> str:
        if self.mode is Mode.OBSERVE:
            return "panels.observe.again" if self._asked_twice else "panels.observe.button"
        return "panels.drill.button" if self.drill.isChecked() else "panels.quarantine.button"


def _way(mode: Mode, t: Catalogue) -> Way:
    what, notice = mode_text(mode)
    code = f"panels.mode.{mode.value}"
    return Way(mode.value, t(f"{code}.name"), t(f"{code}.words"), t.say(notice), t.say(what))
