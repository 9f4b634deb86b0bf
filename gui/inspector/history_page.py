"""The history page: what Ringfence did to this thing, newest first, with who and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.audit.record import Record
from core.changes.history import PlanRecord
from core.incidents.words import say_missing
from core.text import Catalogue
from gui.incidents.result import proved_cut_s
from gui.inspector.fact_list import FactList, in_scroll
from gui.inspector.facts import FactWriter, Section, Tone
from gui.inspector.quantities import exact, milliseconds, moment
from gui.inspector.score_line import ScoreLine
from gui.theme import Theme


class Deed(NamedTuple):
    """One thing on record that is not a plan: those are told by the journal."""

    at: datetime
    who: str
    what: str
    detail: str = ""


def deeds_of(records: Sequence[Record], target: str, t: Catalogue) -> tuple[Deed, ...]:
    """What the audit log holds of one target besides its plans."""
    return tuple(
        Deed(
            record.at,
            record.entry.operator,
            t(f"audit.event.{record.entry.event}"),
            "\n".join(filter(None, (record.entry.reason, record.entry.detail))),
        )
        for record in records
        if target in record.entry.targets and not record.entry.plan
    )


class HistoryPage(QWidget):
    """Shows journal plans and other deeds; says so when there are none."""

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._t = t
        self.facts = FactList(t, theme)
        self.scores = ScoreLine(t, theme, self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.scores)
        outer.addWidget(in_scroll(self.facts))

    def show_history(self, plans: Sequence[PlanRecord], deeds: Sequence[Deed] = ()) -> None:
        write = FactWriter(self._t)
        sections = [(plan.began_at, plan_section(plan, write)) for plan in plans]
        sections += [(deed.at, _deed(deed, write)) for deed in deeds]
        sections.sort(key=lambda pair: pair[0], reverse=True)
        shown = [section for _, section in sections]
        self.facts.show_sections(
            shown or [write.section("history", note=self._t("panels.history.none"))]
        )


def plan_section(record: PlanRecord, write: FactWriter) -> Section:
    """One plan: when, by whom, why, what came of it."""
    t, plan, outcome = write.t, record.plan, record.outcome
    cut = proved_cut_s(plan, outcome) if outcome else None
    missing = ", ".join(say_missing(outcome.missing, t, plan)) if outcome else ""
    title = f"{moment(record.began_at)} · {t(f'panels.kind.{plan.kind}')}"
    facts = (
        write("outcome", t(f"panels.plan-state.{record.state.value}"), hover=exact(record.last_at)),
        write("reason", plan.reason),
        write("mode", t(f"mode.{plan.mode}")) if plan.mode else None,
        write("operator", plan.operator),
        write("case", plan.case, mono=True) if plan.case else None,
        write("cut-time", milliseconds(cut)) if cut is not None else None,
        write("missing", missing, tone=Tone.WRONG) if missing else None,
        write("plan", plan.id, mono=True),
    )
    return Section(title, tuple(fact for fact in facts if fact is not None))


def _deed(deed: Deed, write: FactWriter) -> Section:
    facts = (
        write("operator", deed.who),
        write("outcome", deed.what, hover=deed.detail),
    )
    return Section(moment(deed.at), facts)
