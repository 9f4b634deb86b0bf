"""From what a person fills in to a host entry; every refusal names the field it belongs to."""

from enum import StrEnum
from urllib.parse import quote

from msgspec import Struct

from core.hosts.uri import parse_uri
from core.settings.model import HostEntry, SshTarget
from core.settings.schema import parse_ssh
from core.text import RingfenceError


class HostKind(StrEnum):
    """The ways to a host, in the order in which they are offered."""

    SSH = "ssh"
    TLS = "tls"
    SYSTEM = "system"
    SESSION = "session"
    TEST = "test"
    OTHER = "other"


class Filled(Struct, frozen=True):
    """The fields as typed."""

    kind: HostKind = HostKind.SSH
    name: str = ""
    address: str = ""
    port: str = ""
    user: str = ""
    uri: str = ""
    shell: str = ""  # user@host:port of a shell beside a TLS connection
    key_file: str = ""
    pki_dir: str = ""
    read_only: bool = False
    note: str = ""


FIELDS: dict[HostKind, tuple[str, ...]] = {
    HostKind.SSH: ("address", "port", "user", "key_file"),
    HostKind.TLS: ("address", "port", "pki_dir", "shell", "key_file"),
    HostKind.SYSTEM: (),
    HostKind.SESSION: (),
    HostKind.TEST: ("uri",),
    HostKind.OTHER: ("uri", "pki_dir", "shell", "key_file"),
}
_FIELD_OF = (
    ("uri-port", "port"),
    ("uri-user", "user"),
    ("uri-host", "address"),
    ("uri-authority", "address"),
    ("fleet-ssh-target", "shell"),
    ("fleet-", "name"),
    ("uri-", "uri"),
)


def uri_of(filled: Filled) -> str:
    """Write the URI; it is not checked here."""
    address = filled.address.strip()
    host = f"[{address}]" if ":" in address and not address.startswith("[") else address
    port = f":{filled.port.strip()}" if filled.port.strip() else ""
    user = quote(filled.user.strip(), safe="")
    match filled.kind:
        case HostKind.SSH:
            return f"qemu+ssh://{user + '@' if user else ''}{host}{port}/system"
        case HostKind.TLS:
            return f"qemu+tls://{host}{port}/system"
        case HostKind.SYSTEM:
            return "qemu:///system"
        case HostKind.SESSION:
            return "qemu:///session"
        case HostKind.TEST:
            return filled.uri.strip() or "test:///default"
        case HostKind.OTHER:
            return filled.uri.strip()


def entry_of(filled: Filled) -> HostEntry:
    """Check everything and return the entry.

    Raises:
        RingfenceError: `field_of` names the field to mend.
    """
    uri = parse_uri(uri_of(filled)).text
    return HostEntry(
        name=filled.name.strip(),
        uri=uri,
        ssh=_shell(filled),
        read_only=filled.read_only,
        pki_dir=filled.pki_dir.strip() if "pki_dir" in FIELDS[filled.kind] else "",
        note=filled.note.strip(),
    )


def _shell(filled: Filled) -> SshTarget | None:
    fields, key = FIELDS[filled.kind], filled.key_file.strip()
    if filled.kind is HostKind.SSH and key:
        port = int(filled.port.strip() or 0)
        return SshTarget(filled.address.strip(), filled.user.strip(), port, key)
    if "shell" in fields and filled.shell.strip():
        return parse_ssh(filled.shell.strip(), key)
    return None


def field_of(error: RingfenceError, kind: HostKind) -> str:
    """Return the field an error belongs to; "uri" when the kind has no such field."""
    found = next((field for code, field in _FIELD_OF if error.code.startswith(code)), "uri")
    return found if found in ("name", *FIELDS[kind]) else "uri"
