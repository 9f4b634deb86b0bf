"""Short ways to a parsed machine for the tests of the XML readers."""

from datetime import UTC, datetime
from typing import TypeVar

from core.facts import Machine, MachineRow, MachineState, Unknown
from core.hosts.worker.xml.labels import LabelRow
from core.hosts.worker.xml.machine import Reading, machine_of
from tests.unit.hosts.worker.conftest import fixture_text

T = TypeVar("T")
MODELS = ("selinux", "dac")
ROWS: tuple[LabelRow, ...] = (
    ("system_u:system_r:svirt_t:s0:c120,c207", True),
    ("+107001:+107001", False),
)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def running(
    live: str,
    stored: str | None = None,
    rows: tuple[LabelRow, ...] | Unknown = ROWS,
    models: tuple[str, ...] | Unknown = MODELS,
) -> Machine:
    row = MachineRow("u", "m", MachineState.RUNNING, 7, persistent=stored is not None)
    return machine_of(Reading(row, live, stored, label_rows=rows), models, NOW)


def off(stored: str) -> Machine:
    row = MachineRow("u", "m", MachineState.OFF, persistent=True)
    return machine_of(Reading(row, None, stored), MODELS, NOW)


def hardened() -> Machine:
    text = fixture_text("hardened.xml")
    return running(text, text)


def devices(inside: str) -> str:
    return f"<domain type='kvm'><name>m</name><devices>{inside}</devices></domain>"


def known(value: T | Unknown) -> T:
    assert not isinstance(value, Unknown), value
    return value
