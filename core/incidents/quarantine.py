"""Plan a quarantine in one of four modes. Nothing is done here.

First stage: what cuts, all of it side by side, with the before-state sealed meanwhile. Then what
keeps the cut, the proof from a new reading, autostart, the mark. More done is better: a card the
driver refuses does not spare the others. What each mode does is in `cut_steps`.
"""

from collections.abc import Iterator
from datetime import datetime

from core.changes.plan import Plan, PlanTarget, new_id
from core.facts import Disk, NicKind, Unknown
from core.facts.devices import ON_THE_HOST
from core.fleet.model import MachineView
from core.hosts.protocol import XmlTexts
from core.incidents.cut_steps import CutSteps
from core.incidents.dependents import Dependent
from core.incidents.doors import checked_doors
from core.incidents.holds import QUARANTINE, Hold
from core.incidents.host_memory import UNASKED, HostMemory, advice
from core.incidents.model import FREEZE, Mode, Wish
from core.incidents.reach import NO_BARRIER, Reach
from core.incidents.reasons import checked_reason
from core.text import RingfenceError, Text
from core.text.message import Parameter

OBSERVE_ANYWAY, CUT_ANYWAY = "observe-anyway", "cut-anyway"  # what Plan.needs names
_WRITTEN = frozenset({"disk", "lun"})
_FILES = frozenset({"file", "volume"})  # a volume of a pool that is no directory is told after


def plan_quarantine(
    view: MachineView,
    xml: XmlTexts,
    reason: str,
    operator: str,
    now: datetime,
    hold: Hold | None = None,
    reach: Reach = NO_BARRIER,
    wish: Wish = FREEZE,
    memory: HostMemory = UNASKED,
    case: str = "",
    dependents: tuple[Dependent, ...] = (),
) -> Plan:
    """Plan the cut of one machine from its XML as read just now.

    A machine already held is cut again in the same case, in the same mode or another that does
    not open it; a release goes back to what the first quarantine saved, a roll-back of this one to
    what it is now. `case`: one that is open already and takes this cut in. `dependents`: who needs
    the machine; one that blocks asks for a yes of its own.

    Raises:
        RingfenceError: no reason, the host is read-only, the machine's quarantine or release is
            not finished, or the mode cannot be had here.
    """
    _refuse(view, hold)
    _refuse_mode(view, hold, reach, wish)
    plan_id = new_id(now)
    case = hold.case if hold else case or plan_id
    said = checked_reason(reason)
    made = CutSteps(view, xml, wish, case, operator, now, hold, reach, said, memory)
    return Plan(
        id=plan_id,
        kind=QUARANTINE,
        created_at=now,
        operator=operator,
        reason=said,
        targets=(PlanTarget(view.host, xml.uuid, view.name),),
        steps=tuple(made.steps()),
        case=case,
        mode=wish.mode,
        keep_going=True,
        warnings=(
            *_first(view, reach),
            *(each.text for each in dependents),
            *_warnings(made, reach),
            *((*advice(memory), *_of_disks(view, memory)) if reach.barrier else ()),
        ),
        needs=tuple(_needs(wish, dependents)),
        drill=wish.drill,
    )


def _refuse(view: MachineView, hold: Hold | None) -> None:
    if view.read_only:
        raise RingfenceError("host-read-only", host=view.host)
    if hold is not None and hold.release:
        raise RingfenceError("hold-unfinished", target=view.target, plan=hold.release)
    if hold is not None and not hold.finished:
        raise RingfenceError("hold-unfinished", target=view.target, plan=hold.plans[-1])


def _refuse_mode(view: MachineView, hold: Hold | None, reach: Reach, wish: Wish) -> None:
    """A mode that needs the barrier is not quietly something else without it."""
    if wish.mode is Mode.FORENSIC:
        checked_doors(wish.doors)
    elif wish.doors:
        raise RingfenceError("door-not-in-mode", mode=wish.mode.value)
    if wish.mode in {Mode.FORENSIC, Mode.OBSERVE} and not reach.barrier:
        why = "" if reach.why is None else reach.why.code.split(".")[1]
        raise RingfenceError("mode-needs-barrier", why, mode=wish.mode.value, host=view.host)
    if wish.mode is Mode.OBSERVE and hold is not None and hold.mode is not Mode.OBSERVE:
        raise RingfenceError("observe-would-open", target=view.target)


def _needs(wish: Wish, dependents: tuple[Dependent, ...]) -> Iterator[str]:
    cuts = wish.mode is not Mode.OBSERVE
    if cuts and not wish.cut_anyway and any(each.blocking for each in dependents):
        yield CUT_ANYWAY
    if wish.mode is Mode.OBSERVE and not wish.observe_anyway:
        yield OBSERVE_ANYWAY


def _first(view: MachineView, reach: Reach) -> Iterator[Text]:
    """What matters most stands where it is read first."""
    if view.stale:
        yield Text("incidents.warning.stale")
    if reach.why is not None:
        yield Text("incidents.warning.no-barrier")
        yield reach.why


def _warnings(made: CutSteps, reach: Reach) -> Iterator[Text]:
    """Say before the cut what the cut will not reach."""
    if made.mode is Mode.OBSERVE:
        yield Text("incidents.warning.observe")
    else:
        yield from _of_cards(made, reach)
        yield from made.left
    for way in made.ways:
        yield Text("incidents.warning.way-out", {"way": way})


def _of_disks(view: MachineView, memory: HostMemory) -> Iterator[Text]:
    """A prepared host keeps images that are files; where it keeps none that is said already."""
    found = view.machine.disks if view.machine is not None else ()
    if isinstance(found, Unknown):
        bare = ["?"]
    else:
        bare = [f"{each.target} ({each.source_kind})" for each in found if _can_be_deleted(each)]
    if memory.prepared and bare:
        yield Text("incidents.warning.disks-not-kept", {"disks": ", ".join(bare)})


def _can_be_deleted(disk: Disk) -> bool:
    return disk.device in _WRITTEN and bool(disk.source) and disk.source_kind not in _FILES


def _of_cards(made: CutSteps, reach: Reach) -> Iterator[Text]:
    for card in made.deaf:
        params: dict[str, Parameter] = {"mac": card.mac, "kind": card.kind}
        yield Text(f"incidents.warning.card-{'paused' if made.pauses else 'not-cut'}", params)
        if made.pauses and card.kind == NicKind.HOSTDEV:
            yield Text("incidents.warning.dma", params)
    beside = (card for card in made.by_link if card.kind not in ON_THE_HOST)
    for card in beside if reach.barrier else ():
        yield Text("incidents.warning.card-link-only", {"mac": card.mac, "kind": card.kind})
