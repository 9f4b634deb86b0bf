"""Plan a release: what the first quarantine saved comes back; the links late, the barrier last.

A failure on the way leaves the machine contained: nothing raises a link or takes the barrier away
before the stored configuration, autostart and the mark are as they were and proved.
"""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from core.changes.cards import cards_of, run_of
from core.changes.difference import hold_difference, link_difference, text_difference
from core.changes.journal import Journal
from core.changes.live_difference import restarted
from core.changes.plan import Plan, PlanTarget, new_id
from core.changes.redact import redact
from core.changes.seal import Sealer
from core.changes.side_ways import sources_of
from core.changes.step import Where
from core.changes.steps import (
    AnyStep,
    AutostartOff,
    BarrierDown,
    CloneDisk,
    DrainFlows,
    FetchBefore,
    ForgetHold,
    OrderRelease,
    ProveRelease,
    RebuildStored,
    RestoreAutostart,
    RestoreLink,
    RestoreStored,
    ResumeMachine,
    StartAgain,
    SwitchOff,
    Unmark,
)
from core.changes.steps.barrier import BarrierKind
from core.changes.steps.stored import before_name
from core.changes.steps.ways import QUARANTINE_NETWORK
from core.changes.vault import Saved, read_saved
from core.facts import MachineState
from core.fleet.model import MachineView
from core.hosts.protocol import XmlTexts
from core.incidents.closing import giving_back, letting
from core.incidents.documents import DocumentError
from core.incidents.going_on import GoingOn, Template, going_on, said_before
from core.incidents.holds import RELEASE, Hold
from core.incidents.host_memory import UNASKED, HostMemory, advice
from core.incidents.model import How, Mode
from core.incidents.reasons import checked_reason
from core.incidents.remembered import station_of
from core.text import RingfenceError, Text

(
    ASK,
    FETCH,
    CLONE,
    CONFIGURATION,
    MARK,
    WAYS,
    LINKS,
    DRAIN,
    GO_ON,
    BARRIER,
    FORGET,
    START,
    PROVE,
) = range(13)  # stages


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
    ours = (step for step in steps if step.uuid == hold.uuid)
    offs = [step.was_on for step in ours if isinstance(step, AutostartOff)]
    return Before(saved, any(offs) if offs else None)


def before_from(memory: HostMemory) -> Before:
    """What the station that cut first wrote down of it, on the host.

    Raises:
        RingfenceError: hold-document: it is not there, or not a station's word.
    """
    document = memory.document
    if document is None:
        raise DocumentError("gone")
    saved = Saved(redact(document.before_stored), document.before_live)
    return Before(saved, document.autostart)


def plan_release(
    view: MachineView,
    xml: XmlTexts,
    hold: Hold | None,
    before: Before | None,
    reason: str,
    operator: str,
    now: datetime,
    memory: HostMemory = UNASKED,
    asked_for_two: bool = False,
    how: How = How.RESUME,
    template: Template | None = None,
) -> Plan:
    """Plan to give one held machine back. `xml` is its XML as read just now, without passwords.

    A host that remembers the hold is asked first and forgets it last; where another station cut
    the machine, what was before comes from there.

    Raises:
        RingfenceError: nobody holds it, its quarantine or another release is not finished, no
            reason, the host is read-only, or does not remember what we wrote.
    """
    if hold is None or before is None:
        raise RingfenceError("not-held", target=view.target)
    _refuse(view, hold, memory)
    plan_id, said = new_id(now), checked_reason(reason)
    ask = Asked(memory, said, operator, now, how)
    going = going_on(view, xml, before.saved.stored, how, template)
    planner = _Planner(view, xml, hold, before, plan_id, ask, going)
    return Plan(
        id=plan_id,
        kind=RELEASE,
        created_at=now,
        operator=operator,
        reason=said,
        targets=(PlanTarget(view.host, hold.uuid, view.name),),
        steps=tuple(planner.steps()),
        case=hold.case,
        mode=hold.mode,
        warnings=(*said_before(going, xml), *_warnings(memory, asked_for_two)),
    )


def _warnings(memory: HostMemory, asked_for_two: bool) -> Iterator[Text]:
    """What is signed beside another's name is shown first. What a host does not enforce of a
    release is said where two people are asked for; how long a hold lasts was said at its cut."""
    if memory.order is not None:
        order = memory.order
        yield Text(
            "incidents.warning.release-asked",
            {"who": order.asked_by, "how": order.how.value, "reason": order.reason},
        )
    if asked_for_two:
        yield from advice(memory, asked_for_two)


def _refuse(view: MachineView, hold: Hold, memory: HostMemory) -> None:
    if view.read_only:
        raise RingfenceError("host-read-only", host=view.host)
    if hold.release or not hold.finished:
        plan = hold.release or hold.plans[-1]
        raise RingfenceError("hold-unfinished", target=view.target, plan=plan)
    if memory.broken:
        raise DocumentError("signature")
    if memory.prepared and hold.written and memory.document is None:
        raise RingfenceError("hold-gone", machine=view.name, host=view.host)


class Asked(Struct, frozen=True):
    """Who asks a host to let go, when and why; and what it remembers."""

    memory: HostMemory
    reason: str
    operator: str
    now: datetime
    how: How = How.RESUME


class _Planner:
    def __init__(
        self,
        view: MachineView,
        xml: XmlTexts,
        hold: Hold,
        before: Before,
        plan_id: str,
        asked: Asked,
        going: GoingOn,
    ) -> None:
        self._going = going
        self._plan_id = plan_id
        self._asked = asked
        self._view = view
        self._xml = xml
        self._hold = hold
        self._before = before

    def steps(self) -> Iterator[AnyStep]:
        yield from self._asked_of_host()
        source = self._plan_id if self._hold.from_host else self._hold.plans[0]
        saved = self._before.saved
        if saved.stored:
            yield from self._configuration(source, saved.stored)
        if self._before.autostart:
            change = ("-autostart off", "+autostart on")
            yield RestoreAutostart(**self._where(CONFIGURATION, change), on=True)
        if self._hold.barrier and self._hold.mode is not Mode.OBSERVE:
            yield from letting(self._before.saved.live, self._ways_at)
        if self._xml.live:
            yield from self._switched_off() if self._going.anew else self._given_back()
        if self._hold.barrier:
            yield self._barrier_down()
        if self._asked.memory.document is not None:
            yield ForgetHold(**self._where(FORGET), case=self._asked.memory.document.case)
        anew = self._going.anew
        if anew:
            yield StartAgain(**self._where(START))
        disk = "" if self._going.disk is None else self._going.disk.target
        yield ProveRelease(**self._where(PROVE), source_plan=source, disk=disk, anew=anew)

    def _configuration(self, source: str, stored: str) -> Iterator[AnyStep]:
        """The saved one, byte for byte; in a rebuild but for its boot disk."""
        change = text_difference(self._xml.stored, stored)
        template, disk = self._going.template, self._going.disk
        if template is None or disk is None:
            yield RestoreStored(**self._where(CONFIGURATION, change), source_plan=source)
            return
        yield CloneDisk(
            **self._where(CLONE), pool=template.pool, volume=template.volume, plan=self._plan_id
        )
        lines = (
            *change,
            f"-{disk.target} {disk.source}",
            f"+{disk.target} copy of {template.path}",
        )
        yield RebuildStored(
            **self._where(CONFIGURATION, lines), source_plan=source, disk=disk.target
        )

    def _switched_off(self) -> Iterator[AnyStep]:
        yield SwitchOff(**self._where(GO_ON), run=run_of(self._xml.live))

    def _given_back(self) -> Iterator[AnyStep]:
        """The running side: the links while nothing passes yet, then it goes on."""
        yield self._unmark()
        source = self._plan_id if self._hold.from_host else self._hold.plans[0]
        yield from giving_back(self._before.saved.live, self._xml.live, source, self._ways_at)
        for mac in self._down_now():
            change = link_difference(self._xml.live, mac, up=True)
            yield RestoreLink(**self._where(LINKS, change), mac=mac)
        if self._hold.barrier and self._hold.mode is not Mode.OBSERVE:
            yield DrainFlows(**self._where(DRAIN))
        yield from self._go_on()

    def _asked_of_host(self) -> Iterator[AnyStep]:
        """Before anything is given back, the host is told that it may be."""
        asked, document = self._asked, self._asked.memory.document
        if document is None:
            return
        lying = asked.memory.order
        file = asked.memory.file
        yield OrderRelease(
            **self._where(ASK),
            case=document.case,
            generation=document.generation,
            how=asked.how,
            reason=asked.reason,
            asked_by=asked.operator,
            station=station_of(asked.operator),
            asked_at=asked.now,
            order=file.release if file and lying and lying.how is asked.how else "",
        )
        if self._hold.from_host:
            yield FetchBefore(**self._where(FETCH), case=document.case)

    def _ways_at(self, preview: tuple[str, ...]) -> Where:
        return self._where(WAYS, preview)

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
        """Cards to raise: those that were up before, and are there, down, now; a card that is
        plugged into its own network again is down then."""
        live, saved = self._xml.live, self._before.saved
        up = set(self._hold.raise_on_release)
        if live and (not saved.live or restarted(saved.live, live)):
            up |= {card.mac for card in cards_of(saved.stored) if card.link_up}
        moved = {card.mac for card in sources_of(live) if card.name == QUARANTINE_NETWORK}
        low = (card.mac for card in cards_of(live) if not card.link_up or card.mac in moved)
        down = (mac for mac in low if mac in up)
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
