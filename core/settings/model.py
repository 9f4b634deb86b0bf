"""fleet.toml as values: which hosts, zones, tenants, views and waivers the admin declared."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from core.posture.model import Waiver
from core.text import Text


class Protection(StrEnum):
    """How strongly a zone must be isolated; orders the lanes of the map and weighs findings."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    VERY_HIGH = "very-high"


class DataClass(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"
    SENSITIVE = "sensitive"
    SECRET = "secret"


class SshTarget(Struct, frozen=True):
    """How the host's shell is reached; what is empty comes from the user's ssh_config."""

    host: str
    user: str = ""
    port: int = 0
    key_file: str = ""


class HostEntry(Struct, frozen=True):
    """One host as declared. `uri` passed the allow-list of core.hosts.uri."""

    name: str
    uri: str
    ssh: SshTarget | None = None
    read_only: bool = False
    pki_dir: str = ""
    note: str = ""
    two_people: bool = False  # a release is asked for by two; a prepared host enforces it
    demo_facts: str = ""  # only set by the built-in demo fleet, never read from a file


class ZoneEntry(Struct, frozen=True):
    """A zone and what belongs to it. Patterns of names are shell globs on "host/name"."""

    name: str
    colour: str = ""  # "#rrggbb"; "" lets the theme choose
    protection: Protection = Protection.NORMAL
    data_class: DataClass = DataClass.INTERNAL
    networks: tuple[str, ...] = ()
    bridges: tuple[str, ...] = ()
    port_groups: tuple[str, ...] = ()  # "network/group"
    vlans: tuple[int, ...] = ()
    filters: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()  # empty: every host
    proposed: bool = False  # found, not declared; shown as a proposal


class TenantEntry(Struct, frozen=True):
    name: str
    machines: tuple[str, ...] = ()  # globs on "host/name"
    note: str = ""


class RiskEntry(Struct, frozen=True):
    """A risk tag for machines: `level` is low, medium, high or critical."""

    level: str
    machines: tuple[str, ...] = ()
    reason: str = ""


class SavedView(Struct, frozen=True):
    name: str
    filter: str = ""
    columns: tuple[str, ...] = ()
    sort: str = "name"
    descending: bool = False
    group: str = ""  # "", host, zone, tenant, state


class ContactEntry(Struct, frozen=True):
    """Whom to call in an incident. `role` is one of core.incidents.cases.model.Role."""

    name: str
    role: str
    how: str = ""


class Problem(Struct, frozen=True):
    """Something in fleet.toml that was left out, with its line (1-based)."""

    line: int
    message: Text


class FleetFile(Struct, frozen=True):
    """Everything good that fleet.toml holds, and what was wrong with the rest."""

    version: int = 1
    hosts: tuple[HostEntry, ...] = ()
    zones: tuple[ZoneEntry, ...] = ()
    tenants: tuple[TenantEntry, ...] = ()
    risks: tuple[RiskEntry, ...] = ()
    views: tuple[SavedView, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    contacts: tuple[ContactEntry, ...] = ()
    problems: tuple[Problem, ...] = ()
    written_at: datetime | None = None
