"""Which pages the inspector has for what it shows, and how each is filled."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from core.changes.outcome import PlanState
from core.fleet.model import HostView, MachineView
from core.hosts.helper.orders import BarrierSeen
from core.incidents.holds import Hold
from core.text import Catalogue
from gui.inspector.console import console_page
from gui.inspector.facts import Section
from gui.inspector.host import host_facts, host_network, host_overview
from gui.inspector.label import label_page
from gui.inspector.network import network_page
from gui.inspector.overview import overview
from gui.inspector.quarantine import quarantine_section
from gui.inspector.storage import storage_page


class Subject(NamedTuple):
    """What is shown: a machine with its host, or a host alone."""

    machine: MachineView | None
    host: HostView | None
    hold: Hold | None = None
    barrier: BarrierSeen | None = None
    evidence: PlanState | None = None


Fill = Callable[[Subject, Catalogue, datetime], tuple[Section, ...]]


def _overview(subject: Subject, t: Catalogue, now: datetime) -> tuple[Section, ...]:
    if subject.machine is not None:
        held = quarantine_section(
            subject.machine, subject.hold, subject.barrier, subject.evidence, t, now
        )
        return (*(() if held is None else (held,)), *overview(subject.machine, t, now))
    return host_overview(subject.host, t, now) if subject.host else ()


def _network(subject: Subject, t: Catalogue, now: datetime) -> tuple[Section, ...]:
    if subject.machine is not None:
        return network_page(subject.machine, t)
    return host_network(subject.host, t) if subject.host else ()


def _label(subject: Subject, t: Catalogue, now: datetime) -> tuple[Section, ...]:
    return label_page(subject.machine, subject.host, t) if subject.machine else ()


def _console(subject: Subject, t: Catalogue, now: datetime) -> tuple[Section, ...]:
    return console_page(subject.machine, t) if subject.machine else ()


def _storage(subject: Subject, t: Catalogue, now: datetime) -> tuple[Section, ...]:
    return storage_page(subject.machine, t) if subject.machine else ()


def _system(subject: Subject, t: Catalogue, now: datetime) -> tuple[Section, ...]:
    return host_facts(subject.host, t) if subject.host else ()


FACT_PAGES: dict[str, Fill] = {
    "overview": _overview,
    "label": _label,
    "network": _network,
    "console": _console,
    "storage": _storage,
    "system": _system,
}
MACHINE_TABS = (
    "overview",
    "findings",
    "label",
    "network",
    "console",
    "storage",
    "history",
    "xml",
)
HOST_TABS = ("overview", "findings", "system", "network", "doctor", "history")
