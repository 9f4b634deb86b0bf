"""Whose word a station takes for the end of a hold that it did not end itself.

A host shows the signatures under a release, and can make keys up. Known are the operators with
whom this station prepared a host, and those whose release a person here believed before. Any other
release ends nothing here: it is shown as what is wrong with the hold, until a person believes it
or cuts the machine off again.
"""

from collections.abc import Iterable
from datetime import datetime

from core.changes.history import PlanRecord
from core.changes.judgement import GOOD
from core.changes.plan import Plan, PlanTarget, new_id
from core.changes.steps import BelieveRelease
from core.changes.steps.preparation import WriteHostItem
from core.fleet.model import MachineView
from core.hosts.helper.holds import Released
from core.incidents.documents import order_in, signers_of
from core.incidents.hold import Hold
from core.incidents.reasons import checked_reason
from core.text import Text
from core.text.message import Parameter

RELEASE = "release"
STRANGER = "host: released-by-stranger"
KEY_LETTERS = 16


def keys_in(records: Iterable[PlanRecord]) -> dict[str, str]:
    """Name by key, of the plans that prepared hosts or believed a release."""
    found: dict[str, str] = {}
    for record in records:
        for step, seen in zip(record.plan.steps, record.steps, strict=True):
            if isinstance(step, WriteHostItem):
                found |= {each.key: each.name for each in step.wanted.operators}
            elif isinstance(step, BelieveRelease) and seen.state in GOOD:
                found |= {key: found.get(key, "") or key[:KEY_LETTERS] for key in step.keys}
    return found


def is_believed(told: Released, known: Iterable[str]) -> bool:
    return not signers_of(told).isdisjoint(known)


def plan_believing(
    view: MachineView, hold: Hold, told: Released, reason: str, operator: str, now: datetime
) -> Plan:
    """A release of which nothing is left to do but to believe that it was one."""
    keys, order = tuple(sorted(signers_of(told))), order_in(told)
    names = ", ".join(key[:KEY_LETTERS] for key in keys)
    words: dict[str, Parameter] = {
        "who": "" if order is None else f"{order.asked_by}, {order.station}",
        "how": "" if order is None else order.how.value,
        "reason": "" if order is None else order.reason,
        "keys": names,
    }
    step = BelieveRelease(
        host=view.host,
        uuid=hold.uuid,
        machine=view.name,
        stage=0,
        preview=(),
        case=hold.case,
        keys=keys,
        release=told.release,
    )
    return Plan(
        id=new_id(now),
        kind=RELEASE,
        created_at=now,
        operator=operator,
        reason=checked_reason(reason),
        targets=(PlanTarget(view.host, hold.uuid, view.name),),
        steps=(step,),
        case=hold.case,
        mode=hold.mode,
        warnings=(Text("incidents.warning.released-by-stranger", words),),
    )
