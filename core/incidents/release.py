"""Plan a release: what the first quarantine saved comes back; the links late, the barrier last.

A failure on the way leaves the machine contained: nothing raises a link or takes the barrier away
before the stored configuration, autostart and the mark are as they were and proved.
"""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from core.changes.cards import cards_of
from core.changes.difference import hold_difference, link_difference, text_difference
from core.changes.journal import Journal
from core.changes.live_difference import restarted
from core.changes.plan import Plan, PlanTarget, new_id
from core.changes.seal import Sealer
from core.changes.step import Where
from core.changes.steps import (
    AnyStep,
    AutostartOff,
    BarrierDown,
    DrainFlows,
    ProveRelease,
    RestoreAutostart,
    RestoreLink,
    RestoreStored,
    ResumeMachine,
    Unmark,
)
from core.changes.steps.barrier import BarrierKind
from core.changes.steps.stored import before_name
from core.changes.vault import Saved, read_saved
from core.facts import MachineState
from core.fleet.model import MachineView
from core.hosts.protocol import XmlTexts
from core.incidents.holds import RELEASE, Hold
from core.incidents.model import Mode
from core.incidents.reasons import checked_reason
from core.text import RingfenceError

CONFIGURATION, MARK, LINKS, DRAIN, GO_ON, BARRIER, PROVE = range(7)  # stages


class Before(Struct, frozen=True):
    """What a hold's first quarantine saved."""

    saved: Saved
    autostart: bool | None  # None: the machine has no stored side


def before_of(hold: Hold, journal: Journal, sealer: Sealer) -> Before:
    """Open what the hold's first quarantine saved.

    Raises:
        RingfenceError: the quarantine did not get so far, or the sealing key is not here.
    """
    first = hold.plans[0]
    saved = read_saved(journal, sealer, first, before_name(hold.uuid))
    if saved is None:
        raise RingfenceError("before-state-missing", plan=first)
    steps = [step for plan in hold.plans for step in journal.need(plan).plan.steps]
    offs = [step.was_on for step in steps if isinstance(step, AutostartOff)]
    return Before(saved, any(offs) if offs else None)


def plan_release(
    view: MachineView,
    xml: XmlTexts,
    hold: Hold | None,
    before: Before | None,
    reason: str,
    operator: str,
    now: datetime,
) -> Plan:
    """Plan to give one held machine back. `xml` is its XML as read just now, without passwords.

    Raises:
        RingfenceError: not held by us, its quarantine or another release is not finished, no
            reason, or the host is read-only.
    """
    if hold is None or before is None:
        raise RingfenceError("not-held", target=view.target)
    _refuse(view, hold)
    planner = _Planner(view, xml, hold, before)
    return Plan(
        id=new_id(now),
        kind=RELEASE,
        created_at=now,
        operator=operator,
        reason=checked_reason(reason),
        targets=(PlanTarget(view.host, hold.uuid, view.name),),
        steps=tuple(planner.steps()),
        case=hold.case,
        mode=hold.mode,
    )


def _refuse(view: MachineView, hold: Hold) -> None:
    if view.read_only:
        raise RingfenceError("host-read-only", host=view.host)
    if hold.release or not hold.finished:
        plan = hold.release or hold.plans[-1]
        raise RingfenceError("hold-unfinished", target=view.target, plan=plan)


class _Planner:
    def __init__(self, view: MachineView, xml: XmlTexts, hold: Hold, before: Before) -> None:
        self._view = view
        self._xml = xml
        self._hold = hold
        self._before = before

    def steps(self) -> Iterator[AnyStep]:
        source = self._hold.plans[0]
        saved = self._before.saved
        if saved.stored:
            change = text_difference(self._xml.stored, saved.stored)
            yield RestoreStored(**self._where(CONFIGURATION, change), source_plan=source)
        if self._before.autostart:
            change = ("-autostart off", "+autostart on")
            yield RestoreAutostart(**self._where(CONFIGURATION, change), on=True)
        if self._xml.live:
            yield self._unmark()
        for mac in self._down_now():
            change = link_difference(self._xml.live, mac, up=True)
            yield RestoreLink(**self._where(LINKS, change), mac=mac)
        blocked = self._hold.barrier and self._hold.mode is not Mode.OBSERVE
        if blocked and self._xml.live:
            yield DrainFlows(**self._where(DRAIN))
        yield from self._go_on()
        if self._hold.barrier:
            yield self._barrier_down()
        yield ProveRelease(**self._where(PROVE), source_plan=source)

    def _go_on(self) -> Iterator[AnyStep]:
        """Only what we stopped goes on, while the barrier still stands."""
        paused = self._view.row.state is MachineState.PAUSED
        if self._hold.ran and paused and self._xml.live:
            yield ResumeMachine(**self._where(GO_ON))

    def _barrier_down(self) -> BarrierDown:
        hold = self._hold
        kind = BarrierKind(hold.doors, hold.mode is Mode.OBSERVE)
        verb = "count" if kind.observe else "drop"
        lines = tuple(f"-{verb} {mac}" for mac in hold.barrier)
        return BarrierDown(**self._where(BARRIER, lines), macs=hold.barrier, kind=kind)

    def _down_now(self) -> tuple[str, ...]:
        """Cards to raise: those that were up before, and are there, down, now."""
        live, saved = self._xml.live, self._before.saved
        up = set(self._hold.raise_on_release)
        if live and (not saved.live or restarted(saved.live, live)):
            up |= {card.mac for card in cards_of(saved.stored) if card.link_up}
        down = (card.mac for card in cards_of(live) if not card.link_up and card.mac in up)
        return tuple(dict.fromkeys(down))

    def _unmark(self) -> Unmark:
        hold = self._hold
        mark = (hold.case, hold.mode.value, hold.since.isoformat(timespec="seconds"), hold.owner)
        return Unmark(
            **self._where(MARK, hold_difference(*mark, add=False)),
            case=mark[0],
            mode=mark[1],
            since=mark[2],
            owner=mark[3],
            live=True,
            stored=False,
        )

    def _where(self, stage: int, preview: tuple[str, ...] = ()) -> Where:
        return Where(
            host=self._view.host,
            uuid=self._hold.uuid,
            machine=self._view.name,
            stage=stage,
            preview=preview,
        )
