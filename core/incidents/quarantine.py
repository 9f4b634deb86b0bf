"""Plan a strict quarantine: a barrier on the host and every link down, live and stored, proved.

Nothing is done here. First stage: the barrier and all live cuts side by side, with the
before-state sealed meanwhile. Then the stored
side, the proof from a new reading, autostart, the mark. More done is better: a card the driver
refuses does not spare the others.
"""

from collections.abc import Iterator
from datetime import datetime

from core.changes.cards import Card, cards_of, hold_case
from core.changes.difference import hold_difference, link_difference
from core.changes.plan import Plan, PlanTarget, new_id
from core.changes.redact import redact
from core.changes.step import Where
from core.changes.steps import (
    AnyStep,
    AutostartOff,
    BarrierUp,
    CutLink,
    MarkHeld,
    ProveBarrier,
    ProveCut,
    SaveBefore,
    Side,
)
from core.changes.steps.prove_cut import cuttable
from core.facts import Machine, Unknown
from core.fleet.model import MachineView
from core.hosts.protocol import XmlTexts
from core.incidents.holds import QUARANTINE, Hold
from core.incidents.model import Mode
from core.incidents.reach import NO_BARRIER, Reach
from core.incidents.reasons import checked_reason
from core.incidents.ways_out import MANAGED_SAVE, ways_out
from core.text import RingfenceError, Text

CUT, STORED, PROVE, STAY = range(4)  # stages


def plan_quarantine(
    view: MachineView,
    xml: XmlTexts,
    reason: str,
    operator: str,
    now: datetime,
    hold: Hold | None = None,
    reach: Reach = NO_BARRIER,
) -> Plan:
    """Plan the cut of one machine from its XML as read just now.

    A machine already held is cut again in the same case; a release goes back to what the first
    quarantine saved, a roll-back of this one to what it is now.

    Raises:
        RingfenceError: no reason, the host is read-only, or the machine's quarantine or release
            is not finished.
    """
    _refuse(view, hold)
    plan_id = new_id(now)
    case = hold.case if hold else plan_id
    planner = _Planner(view, xml, case, operator, now, held=hold is not None, reach=reach)
    return Plan(
        id=plan_id,
        kind=QUARANTINE,
        created_at=now,
        operator=operator,
        reason=checked_reason(reason),
        targets=(PlanTarget(view.host, xml.uuid, view.name),),
        steps=tuple(planner.steps()),
        case=case,
        mode=Mode.STRICT,
        keep_going=True,
        warnings=tuple(planner.warnings()),
    )


def _refuse(view: MachineView, hold: Hold | None) -> None:
    if view.read_only:
        raise RingfenceError("host-read-only", host=view.host)
    if hold is not None and hold.release:
        raise RingfenceError("hold-unfinished", target=view.target, plan=hold.release)
    if hold is not None and not hold.finished:
        raise RingfenceError("hold-unfinished", target=view.target, plan=hold.plans[-1])


class _Planner:
    def __init__(
        self,
        view: MachineView,
        xml: XmlTexts,
        case: str,
        operator: str,
        now: datetime,
        held: bool,
        reach: Reach,
    ) -> None:
        self._held = held
        self._reach = reach
        self._view = view
        self._xml = xml
        self._case = case
        self._operator = operator
        self._since = now.isoformat(timespec="seconds")
        self._live = cards_of(xml.live)
        self._stored = cards_of(xml.stored)
        saved = not xml.live and view.row.managed_save is True
        self._ways = (*ways_out(xml.live or xml.stored), *((MANAGED_SAVE,) if saved else ()))

    def steps(self) -> Iterator[AnyStep]:
        yield from self._barrier()
        yield from self._cuts(Side.LIVE, self._live, self._xml.live, CUT)
        yield SaveBefore(**self._where(CUT), seen_live=redact(self._xml.live))
        yield from self._cuts(Side.STORED, self._stored, self._xml.stored, STORED)
        yield ProveCut(**self._where(PROVE), planned=self._macs, open_ways=self._ways)
        if self._reach.barrier:
            yield ProveBarrier(**self._where(PROVE), macs=self._macs)
        if self._xml.stored:
            was_on = not self._held and _autostart(self._view)
            yield AutostartOff(
                **self._where(STAY, ("-autostart on", "+autostart off") if was_on else ()),
                was_on=was_on,
            )
        yield self._mark()

    def warnings(self) -> Iterator[Text]:
        """Say before the cut what the cut will not reach."""
        for card in dict.fromkeys((*self._live, *self._stored)):
            if not cuttable(card):
                params: dict[str, str | int | float] = {"mac": card.mac, "kind": card.kind}
                yield Text("incidents.warning.card-not-cut", params)
        for way in self._ways:
            yield Text("incidents.warning.way-out", {"way": way})
        if self._reach.why is not None:
            yield Text("incidents.warning.no-barrier")
            yield self._reach.why
        if self._view.stale:
            yield Text("incidents.warning.stale")

    @property
    def _macs(self) -> tuple[str, ...]:
        """Every card there is, running or stored."""
        cards = (*self._live, *self._stored)
        return tuple(dict.fromkeys(card.mac for card in cards if card.mac))

    def _barrier(self) -> Iterator[AnyStep]:
        if self._reach.barrier:
            lines = () if self._reach.up else tuple(f"+drop {mac}" for mac in self._macs)
            yield BarrierUp(
                **self._where(CUT, lines),
                macs=self._macs,
                was_up=self._reach.up,
                cuts_live=bool(self._xml.live),
            )

    def _cuts(self, side: Side, cards: tuple[Card, ...], xml: str, stage: int) -> Iterator[AnyStep]:
        for mac in dict.fromkeys(card.mac for card in cards if cuttable(card)):
            up = any(card.link_up for card in cards if card.mac == mac)
            yield CutLink(
                **self._where(stage, link_difference(xml, mac, up=False)),
                mac=mac,
                side=side,
                was_up=up,
            )

    def _mark(self) -> MarkHeld:
        mark = (self._case, Mode.STRICT.value, self._since, self._operator)
        return MarkHeld(
            **self._where(STAY, hold_difference(*mark, add=True)),
            case=self._case,
            mode=Mode.STRICT,
            since=self._since,
            owner=self._operator,
            live=bool(self._xml.live),
            stored=bool(self._xml.stored),
            was_set=hold_case(self._xml.live) == self._case,
        )

    def _where(self, stage: int, preview: tuple[str, ...] = ()) -> Where:
        return Where(
            host=self._view.host,
            uuid=self._xml.uuid,
            machine=self._view.name,
            stage=stage,
            preview=preview,
        )


def _autostart(view: MachineView) -> bool:
    """What undo must give back; a machine whose autostart nobody could read had it off."""
    machine: Machine | None = view.machine
    value = view.row.autostart if machine is None else machine.autostart
    return False if isinstance(value, Unknown) else value
