"""What an entry of fleet.toml may hold: closed, typed, with limits. Unknown keys are refused.

A misspelt `read_only` must not open a host for writing; therefore an entry with a key that is not
known is left out and reported, never half understood.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from core.hosts.uri import parse_uri
from core.posture.model import Waiver
from core.settings.model import (
    ContactEntry,
    DataClass,
    HostEntry,
    Protection,
    RiskEntry,
    SavedView,
    SshTarget,
    TenantEntry,
    ZoneEntry,
)
from core.text import RingfenceError

# A host's name becomes part of paths and of command lines: it cannot begin with '-' or '.'.
HOST_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z"
_VISIBLE = r"^[^\x00-\x1f\x7f]*\Z"
_SSH_SHORT = re.compile(
    r"(?:(?P<user>[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,63})@)?"
    r"(?:\[(?P<v6>[0-9A-Fa-f:.%a-z]{2,60})\]|(?P<host>[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}))"
    r"(?::(?P<port>[0-9]{1,5}))?"
)

HostName = Annotated[str, Meta(pattern=HOST_NAME)]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=_VISIBLE)]
Line = Annotated[str, Meta(max_length=1024, pattern=_VISIBLE)]
Names = Annotated[tuple[Line, ...], Meta(max_length=4096)]
Colour = Annotated[str, Meta(pattern=r"^(#[0-9A-Fa-f]{6})?\Z")]
Vlan = Annotated[int, Meta(ge=0, le=4095)]
Port = Annotated[int, Meta(ge=0, le=65535)]
SshHost = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_:][A-Za-z0-9_.:%-]{0,252}\Z")]
SshUser = Annotated[str, Meta(pattern=r"^([A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,63})?\Z")]
CheckId = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9]{0,15}(-[A-Z0-9]{1,16}){1,4}\Z")]


class SshSpec(Struct, frozen=True, forbid_unknown_fields=True):
    host: SshHost
    user: SshUser = ""
    port: Port = 0
    key_file: Line = ""


class HostSpec(Struct, frozen=True, forbid_unknown_fields=True):
    name: HostName
    uri: Line
    ssh: SshSpec | str | UnsetType = UNSET
    read_only: bool = False
    pki_dir: Line = ""
    note: Line = ""
    two_people: bool = False

    def entry(self) -> HostEntry:
        parse_uri(self.uri)
        return HostEntry(
            self.name,
            self.uri,
            self._ssh(),
            self.read_only,
            _expanded(self.pki_dir),
            self.note,
            two_people=self.two_people,
        )

    def _ssh(self) -> SshTarget | None:
        if self.ssh is UNSET:
            return None
        if isinstance(self.ssh, SshSpec):
            ssh = self.ssh
            return SshTarget(ssh.host, ssh.user, ssh.port, _expanded(ssh.key_file))
        return parse_ssh(self.ssh)


class ZoneSpec(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    colour: Colour = ""
    protection: Protection = Protection.NORMAL
    data_class: DataClass = DataClass.INTERNAL
    networks: Names = ()
    bridges: Names = ()
    port_groups: Names = ()
    vlans: Annotated[tuple[Vlan, ...], Meta(max_length=4096)] = ()
    filters: Names = ()
    names: Names = ()
    hosts: Names = ()

    def entry(self) -> ZoneEntry:
        return ZoneEntry(
            self.name,
            self.colour.lower(),
            self.protection,
            self.data_class,
            self.networks,
            self.bridges,
            self.port_groups,
            self.vlans,
            self.filters,
            self.names,
            self.hosts,
        )


class TenantSpec(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    machines: Names = ()
    note: Line = ""

    def entry(self) -> TenantEntry:
        return TenantEntry(self.name, self.machines, self.note)


class RiskSpec(Struct, frozen=True, forbid_unknown_fields=True):
    level: Literal["low", "medium", "high", "critical"]
    machines: Names
    reason: Line = ""

    def entry(self) -> RiskEntry:
        return RiskEntry(self.level, self.machines, self.reason)


class ViewSpec(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    filter: Line = ""
    columns: Names = ()
    sort: Line = "name"
    descending: bool = False
    group: Literal["", "host", "zone", "tenant", "state"] = ""

    def entry(self) -> SavedView:
        return SavedView(
            self.name, self.filter, self.columns, self.sort, self.descending, self.group
        )


class WaiverSpec(Struct, frozen=True, forbid_unknown_fields=True):
    check: CheckId
    target: Annotated[str, Meta(min_length=1, max_length=320, pattern=_VISIBLE)]
    reason: Annotated[str, Meta(min_length=1, max_length=1024, pattern=_VISIBLE)]
    by: Name
    until: datetime | None = None

    def entry(self) -> Waiver:
        return Waiver(self.check, self.target, self.reason, self.by, self.until)


class ContactSpec(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    role: Literal[
        "lead",
        "operator",
        "network",
        "forensics",
        "owner",
        "privacy",
        "legal",
        "communications",
        "management",
        "provider",
    ]
    how: Line = ""

    def entry(self) -> ContactEntry:
        return ContactEntry(self.name, self.role, self.how)


Spec = HostSpec | ZoneSpec | TenantSpec | RiskSpec | ViewSpec | WaiverSpec | ContactSpec
Item = HostEntry | ZoneEntry | TenantEntry | RiskEntry | SavedView | Waiver | ContactEntry
SECTIONS: dict[str, type[Spec]] = {
    "hosts": HostSpec,
    "zones": ZoneSpec,
    "tenants": TenantSpec,
    "risks": RiskSpec,
    "views": ViewSpec,
    "waivers": WaiverSpec,
    "contacts": ContactSpec,
}


def parse_ssh(text: str, key_file: str = "") -> SshTarget:
    """Understand `user@host:port`, as on the command line.

    Raises:
        RingfenceError: fleet-ssh-target.
    """
    match = _SSH_SHORT.fullmatch(text)
    port = int(match["port"] or 0) if match else 0
    if match is None or port > 65535:
        raise RingfenceError("fleet-ssh-target", given=text)
    return SshTarget(match["v6"] or match["host"], match["user"] or "", port, key_file)


def _expanded(path: str) -> str:
    return str(Path(path).expanduser()) if path.startswith("~") else path
