"""A held machine that somebody moved to another of our hosts: cut there in the same case.

What it was before its first cut goes with it: the new host's document is written from the seal of
the old one's plan, so that a release there gives back what was, not what arrived.
"""

from collections.abc import Iterator
from datetime import datetime

from msgspec import structs

from core.changes.plan import Plan
from core.changes.step import Where
from core.changes.steps import (
    AnyStep,
    AutostartOff,
    CutLink,
    ForgetHold,
    KeepHold,
    OrderRelease,
    PauseMachine,
    Side,
)
from core.fleet.model import FleetView, Key, MachineView
from core.incidents.documents import HoldDocument
from core.incidents.hold import Hold
from core.incidents.holds import HoldBook
from core.incidents.model import How
from core.incidents.remembered import station_of


def moved_to(hold: Hold, view: FleetView, holds: HoldBook) -> MachineView | None:
    """Where the machine of a hold runs now; None while it is where it was, or nowhere we see.

    Only a host that is read well says that a machine is gone."""
    host = view.hosts.get(hold.host)
    if host is None or host.health.state != "connected" or not hold.plans:
        return None
    if Key(hold.host, hold.uuid) in view.machines:
        return None
    for key, machine in view.machines.items():
        if key.uuid == hold.uuid and holds.find(key.host, key.uuid) is None:
            return machine if machine.row.state.value != "off" and not machine.stale else None
    return None


def as_moved(plan: Plan, hold: Hold) -> Plan:
    """The plan of a cut, with what only the first cut knew: which links were up, that it ran."""
    return structs.replace(plan, steps=tuple(_steps(plan, hold)))


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


def with_former_hosts(
    plan: Plan, former: tuple[tuple[str, HoldDocument], ...], how: How, now: datetime
) -> Plan:
    """A release that also ends the hold on hosts where the machine was before."""
    return structs.replace(plan, steps=(*plan.steps, *_forgotten(plan, former, how, now)))


def _forgotten(
    plan: Plan, former: tuple[tuple[str, HoldDocument], ...], how: How, now: datetime
) -> Iterator[AnyStep]:
    stages = [step.stage for step in plan.steps]
    for host, document in former:
        yield OrderRelease(
            **_at(host, document, min(stages)),
            case=document.case,
            generation=document.generation,
            how=how,
            reason=plan.reason,
            asked_by=plan.operator,
            station=station_of(plan.operator),
            asked_at=now,
        )
        yield ForgetHold(**_at(host, document, max(stages)), case=document.case)


def _at(host: str, document: HoldDocument, stage: int) -> Where:
    return Where(host=host, uuid=document.uuid, machine=document.name, stage=stage, preview=())
