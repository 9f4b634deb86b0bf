"""The closed list of columns, shared by the window, the terminal and every export.

Each column says how to sort and what to write. What is not known is written "unknown", never an
empty cell and never 0. The heading is `column.<id>` in the catalogue.
"""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from core.facts import Firmware, SecurityLabel, Tuning, Unknown
from core.fleet.cells import LAST, SortKey, by_number, by_text, truth, unknown
from core.fleet.held_columns import (
    case_text,
    drill_text,
    drill_value,
    mode_text,
    mode_value,
    quarantine_text,
    quarantine_value,
)
from core.fleet.model import MachineView
from core.fleet.summary import Reach, confinement, consoles_of, encrypted, failing, reach, worst
from core.posture.model import Severity
from core.tenants import RISK_LEVELS, Ownership
from core.text import Catalogue

Write = Callable[[MachineView, Catalogue], str]


class Column(Struct, frozen=True):
    """One column.

    Attributes:
        id: what saved views and `--columns` call it.
        value: the sort key; rows of equal keys keep their order.
        text: what stands in the cell.
        numeric: aligned to the right.
        shown: among the default columns.
    """

    id: str
    value: Callable[[MachineView], SortKey]
    text: Write
    shown: bool = False
    numeric: bool = False

    @property
    def code(self) -> str:
        return f"column.{self.id}"


# --- one pair a column: how it sorts, what it says ----------------------------------------------

_STATES = ("running", "blocked", "paused", "suspended", "shutting-down", "crashed", "off")


def _state_value(view: MachineView) -> SortKey:
    state = view.row.state.value
    return (float(_STATES.index(state)) if state in _STATES else LAST, "")


def _state_text(view: MachineView, words: Catalogue) -> str:
    return words(f"state.{view.row.state}")


def _zones_value(view: MachineView) -> SortKey:
    if isinstance(view.zones, Unknown):
        return (LAST, "")
    if not view.zones:
        return (LAST - 1, "")
    return by_text(" ".join(each.zone.name for each in view.zones))


def _zones_text(view: MachineView, words: Catalogue) -> str:
    if isinstance(view.zones, Unknown):
        return unknown(words)
    return ", ".join(each.zone.name for each in view.zones) or words("zone.unzoned")


def _score_text(view: MachineView, words: Catalogue) -> str:
    return unknown(words) if view.score.value is None else str(view.score.value)


def _grade_text(view: MachineView, words: Catalogue) -> str:
    return unknown(words) if view.score.grade == "?" else view.score.grade


def _trend_text(view: MachineView, words: Catalogue) -> str:
    if view.trend is None:
        return words("value.no-history")
    return f"{view.trend:+d}" if view.trend else "0"


def _worst_value(view: MachineView) -> SortKey:
    finding = worst(view)
    if finding is None:
        return (1.0 if view.machine else 2.0, "")
    return (-float(finding.severity), finding.check)


def _worst_text(view: MachineView, words: Catalogue) -> str:
    finding = worst(view)
    if finding is not None:
        return words.say(finding.message)  # what is the case; the title says what should be
    if view.machine is None:
        return unknown(words)
    open_questions = view.score.counts.get("unknown", 0)
    if open_questions:
        return words("worst.unknown", count=open_questions)
    return words("worst.none")


def _findings_text(view: MachineView, words: Catalogue) -> str:
    if view.machine is None:
        return unknown(words)
    found = [
        f"{view.score.counts[level]} {words(f'severity.{level}')}"
        for level in (severity.name.lower() for severity in reversed(Severity))
        if view.score.counts.get(level)
    ]
    return ", ".join(found) or words("worst.none")


def _label_value(view: MachineView) -> SortKey:
    order = ("unconfined", "no-driver", "permissive", "unknown", "not-running", "enforced")
    label = view.label.label
    return (float(order.index(confinement(view))), label.type if label else "")


def _label_text(view: MachineView, words: Catalogue) -> str:
    """The type that confines it, or which of the other five things is the case."""
    label, state = view.label.label, confinement(view)
    shown = words(f"confinement.{state}")
    if label is None or not label.type or state not in ("enforced", "permissive"):
        return shown
    named = f"{label.type} {_categories(label)}".rstrip()
    return named if state == "enforced" else f"{named} ({shown})"


def _categories(label: SecurityLabel) -> str:
    return ",".join(label.categories)


def _pair_text(view: MachineView, words: Catalogue) -> str:
    label = view.label.label
    if label is None:
        state = confinement(view)
        return unknown(words) if state == "unknown" else words(f"confinement.{state}")
    return _categories(label) or words("value.none")


def _enforcing_text(view: MachineView, words: Catalogue) -> str:
    label = view.label.label
    if label is None or not label.live:
        state = confinement(view)
        return unknown(words) if state == "unknown" else words(f"confinement.{state}")
    return truth(label.enforcing, words)


def _consoles_value(view: MachineView) -> SortKey:
    order = (Reach.OPEN, Reach.UNKNOWN, Reach.LOCAL, Reach.OFF)
    return (float(order.index(reach(view))), "")


def _consoles_text(view: MachineView, words: Catalogue) -> str:
    consoles = consoles_of(view)
    if consoles is None or isinstance(consoles, Unknown):
        return unknown(words)
    if not consoles:
        return words("exposure.off")
    said = (
        f"{words(f'console-kind.{each.kind}')} {words(f'exposure.{each.exposure}')}"
        for each in consoles
    )
    return ", ".join(dict.fromkeys(said))


def _encrypted_text(view: MachineView, words: Catalogue) -> str:
    return words(f"encrypted.{encrypted(view)}")


def _owner_text(owner: Ownership, words: Catalogue, shown: str) -> str:
    if not owner.value:
        return words("value.none")
    return words("value.claimed", value=shown) if owner.only_claimed else shown


def _tenant_text(view: MachineView, words: Catalogue) -> str:
    return _owner_text(view.tenant, words, view.tenant.value)


def _risk_value(view: MachineView) -> SortKey:
    risk = view.risk.value
    return (-float(RISK_LEVELS.index(risk)) if risk in RISK_LEVELS else LAST, "")


def _risk_text(view: MachineView, words: Catalogue) -> str:
    risk = view.risk.value
    return _owner_text(view.risk, words, words(f"severity.{risk}") if risk else "")


def _title_text(view: MachineView, words: Catalogue) -> str:
    if view.machine is None:
        return unknown(words)
    return view.machine.title or words("value.none")


def _tuning(view: MachineView) -> Tuning | None:
    tuning = view.machine.tuning if view.machine else None
    return None if isinstance(tuning, Unknown) else tuning


def _vcpus_text(view: MachineView, words: Catalogue) -> str:
    tuning = _tuning(view)
    return str(tuning.vcpus) if tuning else unknown(words)


def _memory_text(view: MachineView, words: Catalogue) -> str:
    tuning = _tuning(view)
    return size_text(tuning.memory_bytes) if tuning else unknown(words)


def size_text(size_bytes: int) -> str:
    """A size in binary units with at most one decimal: 512 MiB, 1.5 GiB."""
    amount, units = float(size_bytes), ["B", "KiB", "MiB", "GiB", "TiB"]
    while amount >= 1024 and len(units) > 1:
        amount, units = amount / 1024, units[1:]
    return f"{amount:.1f}".removesuffix(".0") + f" {units[0]}"


def _network_text(view: MachineView, words: Catalogue) -> str:
    nics = view.machine.nics if view.machine else None
    if nics is None or isinstance(nics, Unknown):
        return unknown(words)
    found = dict.fromkeys(f"{nic.kind}:{nic.source}" if nic.source else nic.kind for nic in nics)
    return ", ".join(found) or words("value.none")


def _mac_text(view: MachineView, words: Catalogue) -> str:
    nics = view.machine.nics if view.machine else None
    if nics is None or isinstance(nics, Unknown):
        return unknown(words)
    return ", ".join(nic.mac for nic in nics) or words("value.none")


def _first_mac(view: MachineView) -> SortKey:
    nics = view.machine.nics if view.machine else None
    found = () if nics is None or isinstance(nics, Unknown) else nics
    return by_text(found[0].mac if found else "")


def _firmware_text(view: MachineView, words: Catalogue) -> str:
    firmware = view.machine.firmware if view.machine else None
    if not isinstance(firmware, Firmware):
        return unknown(words)
    secure = firmware.secure_boot is True
    return words("firmware.secure", kind=firmware.kind) if secure else firmware.kind


def _firmware_value(view: MachineView) -> SortKey:
    firmware = view.machine.firmware if view.machine else None
    return by_text(firmware.kind if isinstance(firmware, Firmware) else "")


def _seen_text(view: MachineView, words: Catalogue) -> str:
    return time_text(view.last_seen)


def time_text(moment: datetime) -> str:
    """The reader's wall clock."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _autostart_value(view: MachineView) -> SortKey:
    value = view.row.autostart
    return (LAST if isinstance(value, Unknown) else float(not value), "")


def _title(view: MachineView) -> str:
    return view.machine.title if view.machine else ""


def _label_pair(view: MachineView) -> str:
    return _categories(view.label.label) if view.label.label else ""


def _network_sort(view: MachineView) -> SortKey:
    nics = view.machine.nics if view.machine else None
    found = () if nics is None or isinstance(nics, Unknown) else nics
    return by_text(found[0].source if found else "")


def _enforcing_value(view: MachineView) -> SortKey:
    label = view.label.label
    known = label is not None and isinstance(label.enforcing, bool)
    return (float(label.enforcing is True), "") if label and known else (LAST, "")


def _encrypted_value(view: MachineView) -> SortKey:
    order = ("no", "partly", "unknown", "no-disks", "yes")
    return (float(order.index(encrypted(view))), "")


def _memory_value(view: MachineView) -> SortKey:
    tuning = _tuning(view)
    return by_number(tuning.memory_bytes if tuning else None)


def _vcpus_value(view: MachineView) -> SortKey:
    tuning = _tuning(view)
    return by_number(tuning.vcpus if tuning else None)


COLUMNS = (
    Column("state", _state_value, _state_text, shown=True),
    Column("name", lambda v: by_text(v.name), lambda v, w: v.name, shown=True),
    Column("host", lambda v: by_text(v.host), lambda v, w: v.host, shown=True),
    Column("zones", _zones_value, _zones_text, shown=True),
    Column("score", lambda v: by_number(v.score.value), _score_text, shown=True, numeric=True),
    Column("trend", lambda v: by_number(v.trend), _trend_text, numeric=True),
    Column("grade", lambda v: by_text(v.score.grade.replace("?", "")), _grade_text),
    Column("worst", _worst_value, _worst_text, shown=True),
    Column("findings", lambda v: (-float(len(failing(v))), ""), _findings_text),
    Column("label", _label_value, _label_text, shown=True),
    Column("pair", lambda v: by_text(_label_pair(v)), _pair_text),
    Column("enforcing", _enforcing_value, _enforcing_text),
    Column("consoles", _consoles_value, _consoles_text, shown=True),
    Column("encrypted", _encrypted_value, _encrypted_text, shown=True),
    Column("tenant", lambda v: by_text(v.tenant.value), _tenant_text, shown=True),
    Column("risk", _risk_value, _risk_text, shown=True),
    Column("quarantine", quarantine_value, quarantine_text, shown=True),
    Column("mode", mode_value, mode_text),
    Column("case", lambda v: by_text(v.quarantine.case if v.quarantine else ""), case_text),
    Column("drill", drill_value, drill_text),
    Column("title", lambda v: by_text(_title(v)), _title_text),
    Column("vcpus", _vcpus_value, _vcpus_text, numeric=True),
    Column("memory", _memory_value, _memory_text, numeric=True),
    Column("network", _network_sort, _network_text),
    Column("mac", _first_mac, _mac_text),
    Column("firmware", _firmware_value, _firmware_text),
    Column("autostart", _autostart_value, lambda v, w: truth(v.row.autostart, w)),
    Column("uuid", lambda v: (0.0, v.key.uuid), lambda v, w: v.key.uuid),
    Column("seen", lambda v: (v.last_seen.timestamp(), ""), _seen_text),
)


def default_columns() -> tuple[Column, ...]:
    return tuple(column for column in COLUMNS if column.shown)
