"""A held machine that somebody moved to another of our hosts: cut there in the same case.

What it was before its first cut goes with it: the new host's document is written from the seal of
the old one's plan, so that a release there gives back what was, not what arrived.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct, structs

from core.changes.plan import Plan
from core.changes.step import Where
from core.changes.steps import (
    AnyStep,
    AutostartOff,
    BarrierDown,
    CutLink,
    ForgetHold,
    KeepHold,
    NoteGap,
    OrderRelease,
    PauseMachine,
    Side,
)
from core.changes.steps.barrier import BarrierKind
from core.fleet.model import FleetView, MachineView
from core.incidents.documents import HoldDocument
from core.incidents.hold import Hold
from core.incidents.holds import HoldBook
from core.incidents.model import How
from core.incidents.moved_here import is_gone
from core.incidents.remembered import station_of
from core.incidents.words import MOVED
from core.text import Text


def moved_to(hold: Hold, view: FleetView, holds: HoldBook) -> MachineView | None:
    """Where the machine of a hold runs now; None while it is where it was, or nowhere we see.

    Only a host that is read well says that a machine is gone."""
    if not hold.plans or not is_gone(hold, view):
        return None
    for key, machine in view.machines.items():
        if key.uuid == hold.uuid and holds.find(key.host, key.uuid) is None:
            return machine if machine.row.state.value != "off" and not machine.stale else None
    return None


def as_moved(plan: Plan, hold: Hold, since: datetime) -> Plan:
    """The plan of a cut, with what only the first cut knew: which links were up, that it ran; and
    the gap at its end, from when it was last seen contained where it was."""
    what = f"host: {MOVED}{plan.steps[0].host}"
    return structs.replace(plan, steps=(*_steps(plan, hold), gap_after(plan, since, what)))


def gap_after(plan: Plan, since: datetime, what: str) -> NoteGap:
    first = plan.steps[0]
    return NoteGap(
        host=first.host,
        uuid=first.uuid,
        machine=first.machine,
        stage=max(step.stage for step in plan.steps) + 1,
        since=since,
        what=what[:1000],
    )


def _steps(plan: Plan, hold: Hold) -> Iterator[AnyStep]:
    for step in plan.steps:
        match step:
            case CutLink(side=Side.LIVE, mac=mac) if mac in hold.raise_on_release:
                yield structs.replace(step, was_up=True)
            case AutostartOff():
                yield structs.replace(step, was_on=step.was_on or hold.autostart)
            case PauseMachine():
                yield structs.replace(step, was_running=step.was_running or hold.ran)
            case KeepHold():
                yield structs.replace(
                    step,
                    since=hold.since,
                    raise_on_release=hold.raise_on_release,
                    ran=hold.ran,
                    autostart=hold.autostart,
                    source_plan=hold.plans[0],
                    moved=True,
                )
            case _:
                yield step


def as_first_cut(hold: Hold, former: Iterable[Hold]) -> Hold:
    """The hold where the machine is now, with what its first cut found where it was then."""
    earlier = [each for each in former if each.plans and each.since < hold.since]
    if not earlier:
        return hold
    first = min(earlier, key=lambda each: each.since)
    return structs.replace(hold, plans=(*first.plans, *hold.plans))


class Former(Struct, frozen=True):
    """What still stands on a host where the machine was held before it was moved."""

    hold: Hold
    document: HoldDocument | None
    barrier: BarrierKind | None
    reached: bool


def with_former_hosts(plan: Plan, former: tuple[Former, ...], how: How, now: datetime) -> Plan:
    """A release that also ends the hold on hosts where the machine was before: its addresses are
    blocked there too, on whatever device they come."""
    deaf = (each.hold.host for each in former if each.hold.barrier and not each.reached)
    warnings = (Text("incidents.warning.former-host", {"host": host}) for host in deaf)
    return structs.replace(
        plan,
        steps=(*plan.steps, *_forgotten(plan, former, how, now)),
        warnings=(*plan.warnings, *warnings),
    )


def _forgotten(
    plan: Plan, former: tuple[Former, ...], how: How, now: datetime
) -> Iterator[AnyStep]:
    stages = [step.stage for step in plan.steps]
    first, last = min(stages), max(stages)
    for each in former:
        document = each.document
        if document is not None:
            yield OrderRelease(
                **_at(each.hold, first),
                case=document.case,
                generation=document.generation,
                how=how,
                reason=plan.reason,
                asked_by=plan.operator,
                station=station_of(plan.operator),
                asked_at=now,
            )
        if each.barrier is not None:
            macs = each.hold.barrier
            yield BarrierDown(**_at(each.hold, last), macs=macs, kind=each.barrier)
        if document is not None:
            yield ForgetHold(**_at(each.hold, last + 1), case=document.case)


def _at(hold: Hold, stage: int) -> Where:
    return Where(host=hold.host, uuid=hold.uuid, machine=hold.name, stage=stage, preview=())
