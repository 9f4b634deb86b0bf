"""A guest may have taken its host over: one plan that holds every machine on it.

Nothing is moved away from the host and no disk of it is started elsewhere: that would carry the
intruder along. The order of the day is to hold where it stands, and to believe others.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol, Self

from msgspec import Struct, structs

from core.changes.plan import Plan, new_id
from core.fleet.model import FleetView, MachineView
from core.incidents.cases.trust import WARNING
from core.incidents.holds import QUARANTINE
from core.incidents.model import Mode, Wish
from core.incidents.reasons import checked_reason
from core.incidents.state import CLAIMED
from core.text import RingfenceError, Text


class Planner(Protocol):
    """What of the incident desk is used here."""

    async def plan_quarantine(
        self, view: MachineView, reason: str, wish: Wish = ..., case: str = ""
    ) -> Plan: ...


class LeftOut(Struct, frozen=True):
    """A machine that the plan does not hold, and why."""

    target: str
    why: Text


class Escape(Struct, frozen=True):
    """What will be done about a suspect host. `plan` is None when no machine can be held."""

    host: str
    case: str
    reason: str
    plan: Plan | None
    already: tuple[str, ...] = ()  # held before, in cases of their own
    left_out: tuple[LeftOut, ...] = ()

    def because(self, reason: str) -> Self:
        """The same with the reason as it was written at last."""
        plan = None if self.plan is None else structs.replace(self.plan, reason=reason)
        return structs.replace(self, reason=reason, plan=plan)


def machines_on(view: FleetView, host: str) -> tuple[MachineView, ...]:
    """Every machine of a host, by name."""
    found = (machine for machine in view.machines.values() if machine.host == host)
    return tuple(sorted(found, key=lambda machine: (machine.name, machine.key.uuid)))


async def plan_escape(
    desk: Planner,
    host: str,
    machines: Sequence[MachineView],
    reason: str,
    wish: Wish,
    case: str = "",
) -> Escape:
    """Plan to hold all of these machines of one host together. Reads, and changes nothing.

    A machine that is held stays in its own case. One that cannot be planned for is named and
    spares no other.

    Raises:
        RingfenceError: the reason is empty or too long.
    """
    said = checked_reason(reason)
    case = case or new_id(datetime.now(UTC))
    held = [machine for machine in machines if _held(machine)]
    watched = [machine for machine in held if _only_watched(machine)]
    free = [machine for machine in machines if not _held(machine)]
    made = await asyncio.gather(*(_planned(desk, each, said, wish, case) for each in free))
    plans = [plan for plan in made if isinstance(plan, Plan)]
    return Escape(
        host=host,
        case=case,
        reason=said,
        plan=joined(plans, case, said, host) if plans else None,
        already=tuple(machine.target for machine in held if machine not in watched),
        left_out=(
            *(LeftOut(machine.target, Text("cases.escape.watched")) for machine in watched),
            *(each for each in made if isinstance(each, LeftOut)),
        ),
    )


def _held(machine: MachineView) -> bool:
    """Held by a case of ours; a mark in a machine's own metadata holds nothing."""
    held = machine.quarantine
    return held is not None and held.reason != CLAIMED


def _only_watched(machine: MachineView) -> bool:
    """Observed is not held: it must be cut in its own case, by a person who sees that."""
    return machine.quarantine is not None and machine.quarantine.mode is Mode.OBSERVE


async def _planned(
    desk: Planner, machine: MachineView, reason: str, wish: Wish, case: str
) -> Plan | LeftOut:
    try:
        return await desk.plan_quarantine(machine, reason, wish, case)
    except RingfenceError as error:
        return LeftOut(machine.target, error.cause)


def joined(plans: Sequence[Plan], case: str, reason: str, host: str) -> Plan:
    """One plan of many: their stages run side by side, and one order that fails spares none."""
    first = plans[0]
    suspect = Text(WARNING, {"host": host})
    return structs.replace(
        first,
        id=new_id(first.created_at),
        kind=QUARANTINE,
        reason=reason,
        case=case,
        targets=tuple(target for plan in plans for target in plan.targets),
        steps=tuple(step for plan in plans for step in plan.steps),
        warnings=_once((suspect, *(warning for plan in plans for warning in plan.warnings))),
        needs=tuple(dict.fromkeys(need for plan in plans for need in plan.needs)),
        planned_after=min((plan.planned_after or 0 for plan in plans), default=0),
    )


def _once(warnings: Iterable[Text]) -> tuple[Text, ...]:
    found: list[Text] = []
    for warning in warnings:
        if warning not in found:
            found.append(warning)
    return tuple(found)
