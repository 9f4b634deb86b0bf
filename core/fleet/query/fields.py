"""The closed list of fields of the filter language: what each reads from a row, and how.

Adding a field is adding a line here. A getter returns the row's values in lower case where words
are compared; `UNKNOWN` stands for what could not be read, `NONE` for what is not there.
"""

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from core.facts import (
    Confinement,
    ConsoleKind,
    Exposure,
    Firmware,
    MachineState,
    Nic,
    Tuning,
    Unknown,
)
from core.fleet.model import MachineView
from core.fleet.summary import (
    SEVERITIES,
    Encrypted,
    Reach,
    confinement,
    consoles_of,
    encrypted,
    reach,
)
from core.incidents.model import Containment, Mode
from core.tenants import RISK_LEVELS

UNKNOWN = "unknown"
NONE = "none"
YES, NO = "yes", "no"
Words = tuple[str, ...]


class Kind(StrEnum):
    PART = "part"  # text; matches a part of it
    TEXT = "text"  # text; matches the whole of it
    CHOICE = "choice"  # one of a closed list
    NUMBER = "number"
    SIZE = "size"  # bytes, written 4G
    RANK = "rank"  # ordered words
    FINDING = "finding"


class Field(Struct, frozen=True):
    name: str
    kind: Kind
    words: Callable[[MachineView], Words] | None = None
    number: Callable[[MachineView], int | None] | None = None
    choices: Words = ()
    cost: int = 1  # what asking costs, so that the cheap questions are asked first


def _row_title(view: MachineView) -> Words:
    return (view.machine.title.casefold(),) if view.machine else ()


def _zones(view: MachineView) -> Words:
    if isinstance(view.zones, Unknown):
        return (UNKNOWN,)
    return tuple(each.zone.name.casefold() for each in view.zones) or (NONE,)


_LABEL_WORD = {
    Confinement.ENFORCED: "enforced",
    Confinement.PERMISSIVE: "permissive",
    Confinement.UNCONFINED: "unconfined",
    Confinement.NO_DRIVER: NONE,
    Confinement.NOT_RUNNING: "not-running",
    Confinement.UNKNOWN: UNKNOWN,
}


def _label(view: MachineView) -> Words:
    state, label = _LABEL_WORD[confinement(view)], view.label.label
    if label is None:
        return (state,)
    pair = ",".join(label.categories)
    return (state, label.model, label.type.casefold(), pair, *label.categories)


def _console(view: MachineView) -> Words:
    consoles = consoles_of(view)
    if consoles is None or isinstance(consoles, Unknown):
        return (UNKNOWN,)
    words: list[str] = [reach(view).value]
    for console in consoles:
        words.append(console.kind.value)
        if console.exposure is Exposure.EVERYWHERE:
            words.append("everywhere")
        if console.password_set is True:
            words.append("password")
        if console.tls is True:
            words.append("tls")
    return tuple(words)


def _quarantine(view: MachineView) -> Words:
    held = view.quarantine
    if held is None:
        return (NO, NONE)
    words = [YES, "any", held.state.value, held.mode.value, held.case.casefold()]
    return (*words, *(("foreign",) if held.foreign else ()), *(("drill",) if held.drill else ()))


def _mode(view: MachineView) -> Words:
    return (view.quarantine.mode.value,) if view.quarantine else (NONE,)


def _case(view: MachineView) -> Words:
    return (view.quarantine.case.casefold(),) if view.quarantine else (NONE,)


def _drill(view: MachineView) -> Words:
    return (YES,) if view.quarantine is not None and view.quarantine.drill else (NO,)


def _nics(view: MachineView, pick: Callable[[Nic], Words]) -> Words:
    if view.machine is None or isinstance(view.machine.nics, Unknown):
        return (UNKNOWN,)
    found = [word.casefold() for nic in view.machine.nics for word in pick(nic) if word]
    return tuple(found) or (NONE,)


def _firmware(view: MachineView) -> Words:
    firmware = view.machine.firmware if view.machine else None
    if not isinstance(firmware, Firmware):
        return (UNKNOWN,)
    secure = "secure-boot" if firmware.secure_boot is True else "no-secure-boot"
    return (firmware.kind.casefold(), secure)


def _os(view: MachineView) -> Words:
    if view.machine is None:
        return (UNKNOWN,)
    machine = view.machine
    return tuple(
        each.casefold() for each in (machine.os_type, machine.arch, machine.machine_type) if each
    )


def _truth(value: bool | Unknown) -> Words:
    if isinstance(value, Unknown):
        return (UNKNOWN,)
    return (YES,) if value else (NO,)


def _tuning(view: MachineView) -> Tuning | None:
    tuning = view.machine.tuning if view.machine else None
    return tuning if isinstance(tuning, Tuning) else None


def _memory(view: MachineView) -> int | None:
    tuning = _tuning(view)
    return tuning.memory_bytes if tuning else None


def _vcpus(view: MachineView) -> int | None:
    tuning = _tuning(view)
    return tuning.vcpus if tuning else None


def _severity(view: MachineView) -> int | None:
    return None if view.score.worst is None else int(view.score.worst)


def _risk(view: MachineView) -> int | None:
    return RISK_LEVELS.index(view.risk.value) if view.risk.value in RISK_LEVELS else None


def _count(name: str) -> Field:
    return Field(name, Kind.NUMBER, number=lambda view: view.score.counts.get(name, 0))


def _findings(view: MachineView) -> int:
    counts = view.score.counts
    return sum(counts.get(name, 0) for name in SEVERITIES)


def _all_nic(nic: Nic) -> Words:
    return (nic.mac, nic.source, nic.bridge, nic.filter, nic.kind.value, nic.model, nic.target)


_GRADES = ("f", "e", "d", "c", "b", "a")


def _grade(view: MachineView) -> int | None:
    grade = view.score.grade.casefold()
    return _GRADES.index(grade) if grade in _GRADES else None


_TRUTH = (YES, NO, UNKNOWN)
_CONSOLE = (
    *(each.value for each in Reach),
    *(each.value for each in ConsoleKind),
    "everywhere",
    "password",
    "tls",
)
_MODES = tuple(each.value for each in Mode)
_HELD = (YES, NO, "any", *(each.value for each in Containment), *_MODES, "foreign", "drill")

_ALL = (
    Field("name", Kind.PART, lambda view: (view.row.name.casefold(),)),
    Field("title", Kind.PART, _row_title),
    Field("host", Kind.TEXT, lambda view: (view.key.host.casefold(),)),
    Field(
        "state",
        Kind.CHOICE,
        lambda view: (view.row.state.value,),
        choices=tuple(each.value for each in MachineState),
    ),
    Field("zone", Kind.TEXT, _zones, cost=2),
    Field("score", Kind.NUMBER, number=lambda view: view.score.value),
    Field("trend", Kind.NUMBER, number=lambda view: view.trend),
    Field("grade", Kind.RANK, number=_grade, choices=_GRADES),
    Field("label", Kind.TEXT, _label, cost=4),
    Field("console", Kind.CHOICE, _console, choices=tuple(dict.fromkeys(_CONSOLE)), cost=8),
    Field(
        "encrypted",
        Kind.CHOICE,
        lambda view: (encrypted(view).value,),
        choices=tuple(each.value for each in Encrypted),
        cost=5,
    ),
    Field("tenant", Kind.TEXT, lambda view: (view.tenant.value.casefold() or NONE,)),
    Field("risk", Kind.RANK, number=_risk, choices=RISK_LEVELS),
    Field("finding", Kind.FINDING, cost=9),
    Field("severity", Kind.RANK, number=_severity, choices=tuple(reversed(SEVERITIES))),
    Field("findings", Kind.NUMBER, number=_findings, cost=2),
    *(_count(name) for name in SEVERITIES),
    _count("unknown"),
    _count("waived"),
    Field("quarantine", Kind.TEXT, _quarantine, choices=_HELD),
    Field("mode", Kind.CHOICE, _mode, choices=(*_MODES, NONE)),
    Field("case", Kind.TEXT, _case),
    Field("drill", Kind.CHOICE, _drill, choices=(YES, NO)),
    Field("stale", Kind.CHOICE, lambda view: _truth(view.stale), choices=(YES, NO)),
    Field("nic", Kind.PART, lambda view: _nics(view, _all_nic), cost=7),
    Field("mac", Kind.PART, lambda view: _nics(view, lambda nic: (nic.mac,)), cost=5),
    Field(
        "network",
        Kind.TEXT,
        lambda view: _nics(view, lambda nic: (nic.source,) if nic.kind == "network" else ()),
        cost=6,
    ),
    Field("bridge", Kind.TEXT, lambda view: _nics(view, _bridges), cost=6),
    Field("filter", Kind.TEXT, lambda view: _nics(view, lambda nic: (nic.filter,)), cost=5),
    Field(
        "vlan",
        Kind.TEXT,
        lambda view: _nics(view, lambda nic: tuple(str(vlan) for vlan in nic.vlans)),
        cost=6,
    ),
    Field("uuid", Kind.PART, lambda view: (view.key.uuid.casefold(),)),
    Field("os", Kind.PART, _os, cost=3),
    Field("firmware", Kind.TEXT, _firmware, cost=2),
    Field("vcpus", Kind.NUMBER, number=_vcpus, cost=2),
    Field("memory", Kind.SIZE, number=_memory, cost=2),
    Field("autostart", Kind.CHOICE, lambda view: _truth(view.row.autostart), choices=_TRUTH),
    Field("persistent", Kind.CHOICE, lambda view: _truth(view.row.persistent), choices=_TRUTH),
    Field("demo", Kind.CHOICE, lambda view: _truth(view.demo), choices=(YES, NO)),
)


def _bridges(nic: Nic) -> Words:
    return (nic.bridge, nic.source if nic.kind == "bridge" else "")


FIELDS: dict[str, Field] = {field.name: field for field in _ALL}
