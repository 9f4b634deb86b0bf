"""From how a host stands to the plan that prepares it, or gives it back.

Only what is not as it should be becomes a step, so that a second plan changes nothing. Hooks come
after the program they start, and go before it.
"""

from collections.abc import Iterator
from datetime import datetime

from core.changes.plan import Plan, PlanTarget, new_id
from core.changes.step import Where
from core.changes.steps import (
    AnyStep,
    DropNetwork,
    KeepHost,
    KeepNetwork,
    LeaveHost,
    ProvePrepared,
    RemoveHostItem,
    StartDaemonsAnew,
    WriteHostItem,
)
from core.hosts.helper.on_host.prepare_items import (
    FOLDERS,
    NETWORK_HOOK,
    PORTS_ITEM,
    PREPARED_ITEMS,
    QEMU_HOOK,
)
from core.hosts.helper.preparation import PreparationSeen
from core.hosts.preparation.model import OURS, UNKNOWN, HostStatus, StatusItem
from core.hosts.quarantine_network import NETWORK_ABSENT, QUARANTINE_NETWORK_XML
from core.text import RingfenceError, Text
from core.text.message import Parameter

PREPARE, UNPREPARE = "prepare", "unprepare"
_STAYS = frozenset({"absent", "missing"})
_NEEDS_ANEW = frozenset({QEMU_HOOK, NETWORK_HOOK, PORTS_ITEM})


def plan_prepare(status: HostStatus, operator: str, now: datetime) -> Plan:
    """Plan what is missing, or what somebody changed.

    Raises:
        RingfenceError: prepare-foreign; prepare-needs-root; why nothing at all can be had there.
    """
    foreign = [each for each in status.items if each.state == "foreign"]
    if foreign:
        places = [p.path for each in foreign for p in each.places if p.state == "foreign"]
        words = ", ".join(places) or ", ".join(each.item for each in foreign)
        raise RingfenceError("prepare-foreign", words, host=status.host)
    _refuse_through_sudo(status)
    steps = tuple(_preparing(status))
    if not steps and status.seen is None:
        raise RingfenceError("prepare-nothing", host=status.host)
    return _plan(PREPARE, status, steps, operator, now, _warnings(status))


def plan_unprepare(status: HostStatus, held: tuple[str, ...], operator: str, now: datetime) -> Plan:
    """Plan to take everything of ours away.

    Raises:
        RingfenceError: hold-stands: a machine is held there; prepare-needs-root.
    """
    if held or (status.seen is not None and status.seen.holds):
        raise RingfenceError("hold-stands", ", ".join(held), host=status.host)
    _refuse_through_sudo(status)
    steps = tuple(_taking_away(status))
    return _plan(UNPREPARE, status, steps, operator, now, _warnings(status, leaving=True))


def _refuse_through_sudo(status: HostStatus) -> None:
    """The installed program cannot replace itself with what it is not."""
    if status.seen is not None and not status.seen.sent:
        raise RingfenceError("prepare-needs-root", host=status.host)


def _preparing(status: HostStatus) -> Iterator[AnyStep]:
    seen, states = status.seen, {each.item: each for each in status.items}
    stage = 0
    for item in PREPARED_ITEMS:
        found = states.get(item)
        if seen is not None and found is not None and found.state != OURS:
            yield _writing(status, seen, found, stage)
            stage += 1
    if status.network not in (OURS, UNKNOWN):
        lines = tuple(f"+{line}" for line in QUARANTINE_NETWORK_XML.splitlines())
        yield KeepNetwork(was=status.network, **_where(status, stage, lines))
        stage += 1
    if seen is None:
        return
    if seen.keep == "stopped":
        yield KeepHost(**_where(status, stage, _keeping_lines(seen, "enable", "+")))
        stage += 1
    daemons = _daemons_after(seen, {name for name, each in states.items() if each.state != OURS})
    if daemons:
        lines = tuple(_daemon_line(seen, name) for name in daemons)
        yield StartDaemonsAnew(daemons=daemons, **_where(status, stage, lines))
        stage += 1
    yield ProvePrepared(wanted=status.wanted, **_where(status, stage, ()))


def _writing(
    status: HostStatus, seen: PreparationSeen, found: StatusItem, stage: int
) -> WriteHostItem:
    return WriteHostItem(
        item=found.item,
        wanted=status.wanted,
        was=found.state,
        before=seen.wanted,
        **_where(status, stage, found.difference),
    )


def _taking_away(status: HostStatus) -> Iterator[AnyStep]:
    seen, stage = status.seen, 0
    if seen is not None and seen.keep != "stopped":
        yield LeaveHost(**_where(status, stage, _keeping_lines(seen, "disable", "-")))
        stage += 1
    here = {each.item: each for each in status.items if each.state not in _STAYS}
    for item in (*reversed(PREPARED_ITEMS[1:]), FOLDERS) if seen is not None else ():
        if item == FOLDERS:
            for step in _around(status, seen, stage):
                yield step
                stage += 1
        if item in here or item == FOLDERS:
            lines = tuple(f"-{place.path}" for place in here[item].places) if item in here else ()
            wanted = seen.wanted or status.wanted if seen is not None else status.wanted
            where = _where(status, stage, lines)
            yield RemoveHostItem(item=item, wanted=wanted, **where)
            stage += 1
    if seen is None:
        yield from _around(status, seen, stage)
        return
    yield ProvePrepared(wanted=status.wanted, gone=True, **_where(status, stage, ()))


def _around(status: HostStatus, seen: PreparationSeen | None, stage: int) -> Iterator[AnyStep]:
    """What stands beside the files: the network, and daemons that read the ports at their start."""
    if status.network not in (NETWORK_ABSENT, UNKNOWN):
        lines = tuple(f"-{line}" for line in QUARANTINE_NETWORK_XML.splitlines())
        yield DropNetwork(**_where(status, stage, lines))
        stage += 1
    ports = [each for each in status.items if each.item == PORTS_ITEM and each.state not in _STAYS]
    if seen is not None and ports:
        daemons = _daemons_after(seen, {PORTS_ITEM})
        lines = tuple(_daemon_line(seen, name) for name in daemons)
        yield StartDaemonsAnew(daemons=daemons, **_where(status, stage, lines))


def _daemons_after(seen: PreparationSeen, changed: set[str]) -> tuple[str, ...]:
    """Those that must start anew, now or once these items are changed."""
    all_of_them = bool(changed & _NEEDS_ANEW)
    return tuple(each.name for each in seen.daemons if all_of_them or each.restart)


def _daemon_line(seen: PreparationSeen, name: str) -> str:
    return f"@ systemctl restart {name}.service" if seen.systemd else f"@ {name}"


def _keeping_lines(seen: PreparationSeen, word: str, sign: str) -> tuple[str, ...]:
    if seen.systemd:
        return (f"{sign}systemctl {word} --now ringfence-keep.service",)
    return (f"{sign}/usr/sbin/ringfence-host keep",)


def _warnings(status: HostStatus, leaving: bool = False) -> Iterator[Text]:
    where: dict[str, Parameter] = {"host": status.host}
    if status.why is not None:
        yield status.why
        yield Text("hosts.preparation.warn.degraded", where)
    if status.network_why is not None:
        yield status.network_why
    seen = status.seen
    if seen is not None and not seen.systemd:
        yield Text("hosts.preparation.warn.no-systemd", where)
        if not leaving and seen.daemons:
            names = ", ".join(each.name for each in seen.daemons)
            yield Text("hosts.preparation.warn.by-hand", {**where, "names": names})


def _plan(
    kind: str,
    status: HostStatus,
    steps: tuple[AnyStep, ...],
    operator: str,
    now: datetime,
    warnings: Iterator[Text],
) -> Plan:
    return Plan(
        id=new_id(now),
        kind=kind,
        created_at=now,
        operator=operator,
        reason="",
        targets=(PlanTarget(status.host, "", ""),),
        steps=steps,
        warnings=tuple(warnings),
    )


def _where(status: HostStatus, stage: int, preview: tuple[str, ...]) -> Where:
    return Where(host=status.host, uuid="", machine="", stage=stage, preview=preview)
