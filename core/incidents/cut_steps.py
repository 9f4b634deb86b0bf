"""The steps of a quarantine, by mode.

- freeze: the processors stop, given first, and the barrier goes up meanwhile. The links follow
  while it stands still, so that nobody inside sees them go; an emulated card of an old QEMU that
  raises its link by itself when the machine goes on finds the barrier there.
- strict: barrier and links together; it runs.
- forensic: the barrier alone, with its doors. Live links stay up before it, the stored ones go.
- observe: frames are counted; nothing else changes but the mark.

Where no barrier can be had the links are cut in its place. A card that no network cut reaches is
stopped with the processors, whatever the mode.
"""

from collections.abc import Iterator
from datetime import datetime

from core.changes.cards import Card, cards_of, hold_case, run_of
from core.changes.difference import hold_difference, link_difference
from core.changes.redact import redact
from core.changes.side_ways import sources_of
from core.changes.step import Where
from core.changes.steps import (
    AnyStep,
    AutostartOff,
    BarrierUp,
    CutLink,
    KeepHold,
    MarkHeld,
    PauseMachine,
    ProveBarrier,
    ProveCut,
    RaiseBehind,
    ResumeMachine,
    SaveBefore,
    Side,
)
from core.changes.steps.barrier import BarrierKind
from core.changes.steps.modes import Guard
from core.changes.steps.prove_cut import cuttable
from core.changes.steps.ways import QUARANTINE_NETWORK
from core.facts import MachineState, Unknown
from core.facts.devices import ON_THE_HOST
from core.fleet.model import MachineView
from core.hosts.protocol import XmlTexts
from core.incidents.closing import Reached, closing, named, returning, still_shared
from core.incidents.holds import Hold
from core.incidents.host_memory import UNASKED, HostMemory
from core.incidents.model import Mode, Wish
from core.incidents.reach import Reach
from core.incidents.remembered import station_of
from core.incidents.ways_out import MANAGED_SAVE, ways_out
from core.text import Text

CUT, STORED, PROVE, STAY, CLOSE, OPEN = range(6)  # stages
_GOING = frozenset({MachineState.RUNNING, MachineState.BLOCKED, MachineState.SHUTTING_DOWN})


class CutSteps:
    """What one quarantine will do, in order, and what it will not reach."""

    def __init__(
        self,
        view: MachineView,
        xml: XmlTexts,
        wish: Wish,
        case: str,
        operator: str,
        now: datetime,
        hold: Hold | None,
        reach: Reach,
        reason: str = "",
        memory: HostMemory = UNASKED,
    ) -> None:
        self.mode = wish.mode
        self._kind = BarrierKind(wish.doors, wish.mode is Mode.OBSERVE)
        self._hold = hold
        self._reach = reach
        self._reason = reason
        self._drill = wish.drill
        self._memory = memory
        self._view = view
        self._xml = xml
        self._case = case
        self._operator = operator
        self._now = now
        self._since = now.isoformat(timespec="seconds")
        self._live = cards_of(xml.live)
        self._stored = cards_of(xml.stored)
        saved = not xml.live and view.row.managed_save is True
        self.ways = (
            *self._passed_through(),
            *(still_shared(wish.mode, xml.live)),
            *((MANAGED_SAVE,) if saved else ()),
        )

    def steps(self) -> Iterator[AnyStep]:
        if self.pauses:
            yield PauseMachine(**self._where(CUT), was_running=self._view.row.state in _GOING)
        yield from self._barrier()
        links_at = STORED if self.mode is Mode.FREEZE and self._reach.barrier else CUT
        yield from self._cuts(Side.LIVE, self.by_link, self._xml.live, links_at)
        live = self._xml.live
        yield SaveBefore(**self._where(CUT), seen_live=redact(live), run=run_of(live))
        if self.mode is not Mode.OBSERVE:
            yield from self._kept()
        if self._reach.barrier:
            yield ProveBarrier(**self._where(PROVE), macs=self._macs, kind=self._kind)
        if self._memory.prepared:
            yield self._kept_by_host()
        yield from self._stay()
        at = self._closed_at
        reached = Reached(self._reach.barrier, self._reach.isolated, self._first)
        yield from closing(self.mode, self._xml.live, reached, at)
        if self.mode is Mode.FORENSIC:  # a door leads to the card's own network
            yield from returning(self._xml.stored, self._xml.live, at)
        yield from self._opened()

    @property
    def _first(self) -> bool:
        """Whether nothing of ours cut it before."""
        return self._hold is None or self._hold.mode is Mode.OBSERVE

    def _passed_through(self) -> tuple[str, ...]:
        """A USB redirection is unplugged, and not among what stays open."""
        found = ways_out(self._xml.live or self._xml.stored)
        unplugged = bool(self._xml.live) and self.mode is not Mode.OBSERVE
        return tuple(way for way in found if not (unplugged and way.startswith("redirdev")))

    def _closed_at(self, preview: tuple[str, ...]) -> Where:
        return self._where(CLOSE, preview)

    @property
    def left(self) -> tuple[Text, ...]:
        """What stays open beside the network, in words."""
        return tuple(named(self.mode, self._xml.live, self._reach.barrier))

    @property
    def pauses(self) -> bool:
        """Whether the processors are stopped."""
        deaf = any(not cuttable(card) for card in self._live)
        wanted = self.mode is Mode.FREEZE or (deaf and self.mode is not Mode.OBSERVE)
        return wanted and bool(self._xml.live)

    @property
    def deaf(self) -> tuple[Card, ...]:
        """Cards that no network cut reaches."""
        cards = dict.fromkeys((*self._live, *self._stored))
        return tuple(card for card in cards if not cuttable(card))

    @property
    def by_link(self) -> tuple[Card, ...]:
        """Running cards whose link goes down."""
        if self.mode is Mode.OBSERVE:
            return ()
        left = self._left_up
        return tuple(card for card in self._live if cuttable(card) and card.mac not in left)

    @property
    def _left_up(self) -> tuple[str, ...]:
        """Running cards before whose doors the link stays up."""
        if self.mode is not Mode.FORENSIC:
            return ()
        return tuple(card.mac for card in self._live if card.kind in ON_THE_HOST and card.mac)

    @property
    def _macs(self) -> tuple[str, ...]:
        """Every card there is, running or stored."""
        cards = (*self._live, *self._stored)
        return tuple(dict.fromkeys(card.mac for card in cards if card.mac))

    def _barrier(self) -> Iterator[AnyStep]:
        if self._reach.barrier:
            yield BarrierUp(
                **self._where(PROVE if self._looser else CUT, tuple(self._barrier_lines())),
                macs=self._macs,
                before=self._reach.before,
                cuts_live=bool(self._xml.live) and not (self._kind.observe or self._looser),
                kind=self._kind,
            )

    @property
    def _looser(self) -> bool:
        """Whether a host lets the barrier be so only once its document says so."""
        stands = self._memory.document
        if stands is None:
            return False
        opens = self._kind.observe and stands.mode is not Mode.OBSERVE
        return opens or not set(self._kind.doors) <= set(stands.doors)

    def _barrier_lines(self) -> Iterator[str]:
        if self._reach.before == self._kind:
            return
        verb = "count" if self._kind.observe else "drop"
        yield from (f"+{verb} {mac}" for mac in self._macs)
        yield from (f"+pass tcp {door.station} -> :{door.port}" for door in self._kind.doors)

    def _kept(self) -> Iterator[AnyStep]:
        """The stored side, and the proof of both."""
        stored = tuple(card for card in self._stored if cuttable(card))
        yield from self._cuts(Side.STORED, stored, self._xml.stored, STORED)
        yield ProveCut(
            **self._where(PROVE),
            planned=self._macs,
            open_ways=self.ways,
            left_up=self._left_up,
            paused=self.pauses,
        )

    def _kept_by_host(self) -> KeepHold:
        """After the cut, so that it is never waited for; a first cut says what it found."""
        hold, document = self._hold, self._memory.document
        lines = (f"+hold {self._case}", *(f"+hold {mac}" for mac in self._macs))
        return KeepHold(
            **self._where(STORED, lines),
            case=self._case,
            mode=self.mode,
            owner=self._operator,
            station=station_of(self._operator),
            since=self._now if hold is None else hold.since,
            reason=self._reason,
            macs=self._macs,
            raise_on_release=self._raised(),
            expected=0 if document is None else document.generation,
            doors=self._kind.doors,
            drill=self._drill,
            ran=bool(hold and hold.ran) or (self.pauses and self._view.row.state in _GOING),
            autostart=self._autostart_before(),
            source_plan=hold.plans[0] if hold and hold.plans else "",
        )

    def _autostart_before(self) -> bool | None:
        if not self._xml.stored:
            return None
        return _autostart(self._view) or bool(self._hold and self._hold.autostart)

    def _raised(self) -> tuple[str, ...]:
        """Cards whose links this cut takes down, with those of the cuts before it."""
        before = self._hold.raise_on_release if self._hold else ()
        now = (card.mac for card in self.by_link if card.link_up)
        return tuple(dict.fromkeys((*before, *now)))

    def _cuts(self, side: Side, cards: tuple[Card, ...], xml: str, stage: int) -> Iterator[AnyStep]:
        for mac in dict.fromkeys(card.mac for card in cards):
            up = any(card.link_up for card in cards if card.mac == mac)
            yield CutLink(
                **self._where(stage, link_difference(xml, mac, up=False)),
                mac=mac,
                side=side,
                was_up=up,
            )

    def _stay(self) -> Iterator[AnyStep]:
        if self._xml.stored and self.mode is not Mode.OBSERVE:
            was_on = self._first and _autostart(self._view)
            lines = ("-autostart on", "+autostart off") if was_on else ()
            yield AutostartOff(**self._where(STAY, lines), was_on=was_on)
        yield self._mark()

    def _opened(self) -> Iterator[AnyStep]:
        """From one mode to another: what the new one lets happen again, behind what holds."""
        hold = self._hold
        if hold is None or self.mode in {Mode.OBSERVE, Mode.FREEZE}:
            return
        guard = Guard.BARRIER if self._reach.barrier else Guard.LINKS
        down = {card.mac for card in self._live if not card.link_up}
        down |= {card.mac for card in sources_of(self._xml.live) if card.name == QUARANTINE_NETWORK}
        for mac in self._left_up:
            if mac in down and mac in hold.raise_on_release:
                change = link_difference(self._xml.live, mac, up=True)
                yield RaiseBehind(
                    **self._where(OPEN, change), mac=mac, guard=guard, macs=self._macs
                )
        paused = self._view.row.state is MachineState.PAUSED
        if hold.ran and paused and self._xml.live and not self.pauses:
            yield ResumeMachine(**self._where(OPEN), guard=guard, macs=self._macs)

    def _mark(self) -> MarkHeld:
        mark = (self._case, self.mode.value, self._since, self._operator)
        return MarkHeld(
            **self._where(STAY, hold_difference(*mark, add=True)),
            case=self._case,
            mode=self.mode,
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
    value = view.row.autostart if view.machine is None else view.machine.autostart
    return False if isinstance(value, Unknown) else value
