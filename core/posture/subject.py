"""What a judge is given: one machine, one host or the whole fleet, all as observed facts.

Subjects are values. Whatever a check wants to know is in here or is Unknown; there is no way
from a subject back to a host.
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from core.facts import Host, Machine, Reason, Unknown
from core.settings.model import DataClass, Protection
from core.tenants.model import Ownership
from core.zones.model import Membership

NOBODY = Ownership("", "")
_BY_STRENGTH = tuple(Protection)
_BY_SECRECY = tuple(DataClass)


class Sharing(Struct, frozen=True, gc=False):
    """Who lives together on a host.

    `declared` is True only when fleet.toml itself names tenant and zone of every machine: what
    a machine claims of itself may show that there are several, never that there is one.
    """

    tenants: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    declared: bool = False

    @property
    def alone(self) -> bool:
        return self.declared and len(self.tenants) == 1 and len(self.zones) == 1

    @property
    def mixed(self) -> bool:
        return len(self.tenants) > 1


class MachineSubject(Struct, frozen=True, gc=False):
    """One machine, the host it is on and what the admin declared of it."""

    host: Host | None
    machine: Machine
    zones: tuple[Membership, ...] | Unknown
    tenant: Ownership
    now: datetime
    sharing: Sharing = Sharing()
    risk: Ownership = NOBODY
    host_name: str = ""  # for a machine whose host told nothing of itself yet

    @property
    def on(self) -> str:
        """The host's name."""
        return self.host.name if self.host is not None else self.host_name

    @property
    def target(self) -> str:
        return f"{self.on}/{self.machine.name}"

    @property
    def protection(self) -> Protection:
        """The strongest protection of its zones; NORMAL when it is in none."""
        if isinstance(self.zones, Unknown) or not self.zones:
            return Protection.NORMAL
        return max((m.zone.protection for m in self.zones), key=_BY_STRENGTH.index)

    @property
    def high(self) -> bool:
        return self.protection in {Protection.HIGH, Protection.VERY_HIGH}

    @property
    def data_class(self) -> DataClass | None:
        """The most secret data class of its zones; None when no zone says."""
        if isinstance(self.zones, Unknown) or not self.zones:
            return None
        return max((m.zone.data_class for m in self.zones), key=_BY_SECRECY.index)

    @property
    def confidential(self) -> bool:
        return self.data_class in {DataClass.SECRET, DataClass.SENSITIVE}


class HostSubject(Struct, frozen=True):
    """One host with the machines on it."""

    host: Host
    machines: tuple[MachineSubject, ...]
    now: datetime
    sharing: Sharing = Sharing()


class FleetSubject(Struct, frozen=True):
    """All hosts and all machines."""

    hosts: tuple[Host, ...]
    machines: tuple[MachineSubject, ...]
    now: datetime


NO_HOST = Unknown(Reason.NOT_READ)


def sharing_of(machines: Iterable[MachineSubject]) -> Sharing:
    """Who lives on a host, from the subjects of all its machines."""
    tenants: set[str] = set()
    zones: set[str] = set()
    declared = True
    for subject in machines:
        if subject.tenant.value:
            tenants.add(subject.tenant.value)
        places = () if isinstance(subject.zones, Unknown) else subject.zones
        zones.update(place.zone.name for place in places)
        declared &= bool(subject.tenant.declared) and _placed(places)
    return Sharing(frozenset(tenants), frozenset(zones), declared)


def _placed(places: tuple[Membership, ...]) -> bool:
    return bool(places) and not any(place.zone.proposed for place in places)
