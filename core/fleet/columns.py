"""The closed list of columns, shared by the window, the terminal and every export.

Each column says how to sort and what to write. What is not known is written "unknown", never an
empty cell and never 0. The heading is `column.<id>` in the catalogue.
"""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from core.facts import Firmware, SecurityLabel, Tuning, Unknown
from core.fleet.model import MachineView
from core.fleet.summary import Reach, confinement, consoles_of, encrypted, failing, reach, worst
from core.incidents.model import Mode
from core.incidents.words import state_text
from core.posture.model import Severity
from core.tenants import RISK_LEVELS, Ownership
from core.text import Catalogue

SortKey = tuple[float, str]
Write = Callable[[MachineView, Catalogue], str]
_LAST = 1e9  # unknown sorts after everything


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


def _by_text(text: str) -> SortKey:
    return (0.0, text.casefold()) if text else (_LAST, "")


def _by_number(number: float | None) -> SortKey:
    return (_LAST, "") if number is None else (float(number), "")


def _unknown(words: Catalogue) -> str:
    return words("value.unknown")


# --- one pair a column: how it sorts, what it says ----------------------------------------------

_STATES = ("running", "blocked", "paused", "suspended", "shutting-down", "crashed", "off")


def _state_value(view: MachineView) -> SortKey:
    state = view.row.state.value
    return (float(_STATES.index(state)) if state in _STATES else _LAST, "")


def _state_text(view: MachineView, words: Catalogue) -> str:
    return words(f"state.{view.row.state}")


def _zones_value(view: MachineView) -> SortKey:
    if isinstance(view.zones, Unknown):
        return (_LAST, "")
    if not view.zones:
        return (_LAST - 1, "")
    return _by_text(" ".join(each.zone.name for each in view.zones))


def _zones_text(view: MachineView, words: Catalogue) -> str:
    if isinstance(view.zones, Unknown):
        return _unknown(words)
    return ", ".join(each.zone.name for each in view.zones) or words("zone.unzoned")


def _score_text(view: MachineView, words: Catalogue) -> str:
    return _unknown(words) if view.score.value is None else str(view.score.value)


def _grade_text(view: MachineView, words: Catalogue) -> str:
    return _unknown(words) if view.score.grade == "?" else view.score.grade


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
        return _unknown(words)
    unknown = view.score.counts.get("unknown", 0)
    return words("worst.unknown", count=unknown) if unknown else words("worst.none")


def _findings_text(view: MachineView, words: Catalogue) -> str:
    if view.machine is None:
        return _unknown(words)
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
        return _unknown(words) if state == "unknown" else words(f"confinement.{state}")
    return _categories(label) or words("value.none")


def _enforcing_text(view: MachineView, words: Catalogue) -> str:
    label = view.label.label
    if label is None or not label.live:
        state = confinement(view)
        return _unknown(words) if state == "unknown" else words(f"confinement.{state}")
    return _truth(label.enforcing, words)


def _truth(value: bool | Unknown, words: Catalogue) -> str:
    if isinstance(value, Unknown):
        return _unknown(words)
    return words("value.yes" if value else "value.no")


def _consoles_value(view: MachineView) -> SortKey:
    order = (Reach.OPEN, Reach.UNKNOWN, Reach.LOCAL, Reach.OFF)
    return (float(order.index(reach(view))), "")


def _consoles_text(view: MachineView, words: Catalogue) -> str:
    consoles = consoles_of(view)
    if consoles is None or isinstance(consoles, Unknown):
        return _unknown(words)
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
    return (-float(RISK_LEVELS.index(risk)) if risk in RISK_LEVELS else _LAST, "")


def _risk_text(view: MachineView, words: Catalogue) -> str:
    risk = view.risk.value
    return _owner_text(view.risk, words, words(f"severity.{risk}") if risk else "")


def _quarantine_value(view: MachineView) -> SortKey:
    order = ("not-contained", "unknown", "partial", "contained")
    held = view.quarantine
    return (_LAST, "") if held is None else (float(order.index(held.state)), held.case)


def _quarantine_text(view: MachineView, words: Catalogue) -> str:
    """The state as observed, the mode, and whose hold it is when it is not ours."""
    held = view.quarantine
    if held is None:
        return words("quarantine.none")
    parts = [words.say(state_text(held))]
    parts += [words(f"mode.{held.mode}")] if held.mode is not Mode.OBSERVE else []
    parts += [words("quarantine.foreign")] if held.foreign else []
    parts += [words("quarantine.drill")] if held.drill else []
    return " · ".join(parts)


def _mode_text(view: MachineView, words: Catalogue) -> str:
    held = view.quarantine
    return words("value.none") if held is None else words(f"mode.{held.mode}")


def _case_text(view: MachineView, words: Catalogue) -> str:
    return view.quarantine.case if view.quarantine else words("value.none")


def _drill_text(view: MachineView, words: Catalogue) -> str:
    held = view.quarantine
    return words("value.none") if held is None else _truth(held.drill, words)


def _mode_value(view: MachineView) -> SortKey:
    held = view.quarantine
    return (_LAST, "") if held is None else (float(list(Mode).index(held.mode)), held.case)


def _drill_value(view: MachineView) -> SortKey:
    return (_LAST, "") if view.quarantine is None else (float(view.quarantine.drill), "")


def _title_text(view: MachineView, words: Catalogue) -> str:
    if view.machine is None:
        return _unknown(words)
    return view.machine.title or words("value.none")


def _tuning(view: MachineView) -> Tuning | None:
    tuning = view.machine.tuning if view.machine else None
    return None if isinstance(tuning, Unknown) else tuning


def _vcpus_text(view: MachineView, words: Catalogue) -> str:
    tuning = _tuning(view)
    return str(tuning.vcpus) if tuning else _unknown(words)


def _memory_text(view: MachineView, words: Catalogue) -> str:
    tuning = _tuning(view)
    return size_text(tuning.memory_bytes) if tuning else _unknown(words)


def size_text(size_bytes: int) -> str:
    """A size in binary units with at most one decimal: 512 MiB, 1.5 GiB."""
    amount, units = float(size_bytes), ["B", "KiB", "MiB", "GiB", "TiB"]
    while amount >= 1024 and len(units) > 1:
        amount, units = amount / 1024, units[1:]
    return f"{amount:.1f}".removesuffix(".0") + f" {units[0]}"


def _network_text(view: MachineView, words: Catalogue) -> str:
    nics = view.machine.nics if view.machine else None
    if nics is None or isinstance(nics, Unknown):
        return _unknown(words)
    found = dict.fromkeys(f"{nic.kind}:{nic.source}" if nic.source else nic.kind for nic in nics)
    return ", ".join(found) or words("value.none")


def _mac_text(view: MachineView, words: Catalogue) -> str:
    nics = view.machine.nics if view.machine else None
    if nics is None or isinstance(nics, Unknown):
        return _unknown(words)
    return ", ".join(nic.mac for nic in nics) or words("value.none")


def _first_mac(view: MachineView) -> SortKey:
    nics = view.machine.nics if view.machine else None
    found = () if nics is None or isinstance(nics, Unknown) else nics
    return _by_text(found[0].mac if found else "")


def _firmware_text(view: MachineView, words: Catalogue) -> str:
    firmware = view.machine.firmware if view.machine else None
    if not isinstance(firmware, Firmware):
        return _unknown(words)
    secure = firmware.secure_boot is True
    return words("firmware.secure", kind=firmware.kind) if secure else firmware.kind


def _firmware_value(view: MachineView) -> SortKey:
    firmware = view.machine.firmware if view.machine else None
    return _by_text(firmware.kind if isinstance(firmware, Firmware) else "")


def _seen_text(view: MachineView, words: Catalogue) -> str:
    return time_text(view.last_seen)


def time_text(moment: datetime) -> str:
    """The reader's wall clock."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _autostart_value(view: MachineView) -> SortKey:
    value = view.row.autostart
    return (_LAST if isinstance(value, Unknown) else float(not value), "")


def _title(view: MachineView) -> str:
    return view.machine.title if view.machine else ""


def _label_pair(view: MachineView) -> str:
    return _categories(view.label.label) if view.label.label else ""


def _network_sort(view: MachineView) -> SortKey:
    nics = view.machine.nics if view.machine else None
    found = () if nics is None or isinstance(nics, Unknown) else nics
    return _by_text(found[0].source if found else "")


def _enforcing_value(view: MachineView) -> SortKey:
    label = view.label.label
    known = label is not None and isinstance(label.enforcing, bool)
    return (float(label.enforcing is True), "") if label and known else (_LAST, "")


def _encrypted_value(view: MachineView) -> SortKey:
    order = ("no", "partly", "unknown", "no-disks", "yes")
    return (float(order.index(encrypted(view))), "")


def _memory_value(view: MachineView) -> SortKey:
    tuning = _tuning(view)
    return _by_number(tuning.memory_bytes if tuning else None)


def _vcpus_value(view: MachineView) -> SortKey:
    tuning = _tuning(view)
    return _by_number(tuning.vcpus if tuning else None)


COLUMNS = (
    Column("state", _state_value, _state_text, shown=True),
    Column("name", lambda v: _by_text(v.name), lambda v, w: v.name, shown=True),
    Column("host", lambda v: _by_text(v.host), lambda v, w: v.host, shown=True),
    Column("zones", _zones_value, _zones_text, shown=True),
    Column("score", lambda v: _by_number(v.score.value), _score_text, shown=True, numeric=True),
    Column("trend", lambda v: _by_number(v.trend), _trend_text, numeric=True),
    Column("grade", lambda v: _by_text(v.score.grade.replace("?", "")), _grade_text),
    Column("worst", _worst_value, _worst_text, shown=True),
    Column("findings", lambda v: (-float(len(failing(v))), ""), _findings_text),
    Column("label", _label_value, _label_text, shown=True),
    Column("pair", lambda v: _by_text(_label_pair(v)), _pair_text),
    Column("enforcing", _enforcing_value, _enforcing_text),
    Column("consoles", _consoles_value, _consoles_text, shown=True),
    Column("encrypted", _encrypted_value, _encrypted_text, shown=True),
    Column("tenant", lambda v: _by_text(v.tenant.value), _tenant_text, shown=True),
    Column("risk", _risk_value, _risk_text, shown=True),
    Column("quarantine", _quarantine_value, _quarantine_text, shown=True),
    Column("mode", _mode_value, _mode_text),
    Column("case", lambda v: _by_text(v.quarantine.case if v.quarantine else ""), _case_text),
    Column("drill", _drill_value, _drill_text),
    Column("title", lambda v: _by_text(_title(v)), _title_text),
    Column("vcpus", _vcpus_value, _vcpus_text, numeric=True),
    Column("memory", _memory_value, _memory_text, numeric=True),
    Column("network", _network_sort, _network_text),
    Column("mac", _first_mac, _mac_text),
    Column("firmware", _firmware_value, _firmware_text),
    Column("autostart", _autostart_value, lambda v, w: _truth(v.row.autostart, w)),
    Column("uuid", lambda v: (0.0, v.key.uuid), lambda v, w: v.key.uuid),
    Column("seen", lambda v: (v.last_seen.timestamp(), ""), _seen_text),
)


def default_columns() -> tuple[Column, ...]:
    return tuple(column for column in COLUMNS if column.shown)
