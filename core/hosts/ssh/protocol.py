"""What a session and its host's SSH process may say to each other: a closed set, both ways.

The SSH process holds the keys. It is told whom to reach and where to offer libvirt's socket; it
cannot be told to run anything. The process that reads the facts of this very machine speaks the
same language, without the login. Framing as in core.hosts.protocol.
"""

import socket

import msgspec
from msgspec import Struct

from core.facts import HostOs, Identity
from core.hosts.helper.closed_set import AnyHelperOrder, AnyHelperResult
from core.hosts.helper.orders import HelperOrder
from core.hosts.protocol import FRAME_HEAD_BYTES, Failure

MAX_SHELL_ORDER_BYTES = 24 * 1024 * 1024  # a hold carries the configuration it gives back
MAX_SHELL_REPORT_BYTES = 64 * 1024 * 1024


class ShellOrder(Struct, frozen=True, tag_field="order"):
    """Session -> SSH process."""


class Connect(ShellOrder, frozen=True, tag="connect"):
    """First order: log in, and with a `socket_path` offer libvirt there.

    Paths are the user's own files on this machine; what is empty comes from ssh_config.
    """

    host: str  # our name of the host, for messages
    address: str  # a name, an address or an alias of ssh_config
    user: str = ""
    port: int = 0
    key_file: str = ""
    known_hosts_file: str = ""  # of the URI: instead of the user's
    station_known_hosts: str = ""  # ours: written after a yes to NeedTrust
    user_home: str = ""
    config_file: str = ""  # "" is the user's and the system's ssh_config
    scratch_dir: str = ""  # private, the host's own, for this connection
    socket_path: str = ""
    libvirt_uri: str = ""  # "qemu:///system": one of LIBVIRT_URIS
    read_only: bool = False
    timeout_s: float = 10.0


class TrustAnswer(ShellOrder, frozen=True, tag="trust"):
    trusted: bool


class SecretAnswer(ShellOrder, frozen=True, tag="secret"):
    """`value` is None when the user gave none."""

    value: str | None


class ReadHostFacts(ShellOrder, frozen=True, tag="read-facts"):
    """Answered with Facts, or Failed."""


class CloseShell(ShellOrder, frozen=True, tag="close"):
    """Close the connection and end."""


AnyShellOrder = Connect | TrustAnswer | SecretAnswer | ReadHostFacts | CloseShell | AnyHelperOrder


class ShellReport(Struct, frozen=True, tag_field="report"):
    """SSH process -> session."""


class NeedTrust(ShellReport, frozen=True, tag="need-trust"):
    """Nobody knows this key yet. Only for an unknown key; a changed one is a Failed."""

    address: str
    kind: str
    fingerprint: str


class NeedSecret(ShellReport, frozen=True, tag="need-secret"):
    """`what` is key-passphrase (of the file `subject`) or password (of the user `subject`)."""

    what: str
    subject: str


class Ready(ShellReport, frozen=True, tag="ready"):
    """Logged in. `socket` says that libvirt is offered at the path asked for."""

    user: str
    how: str  # "ssh key SHA256:...", "password", "OpenSSH"
    address: str
    carrier: str  # paramiko, openssh
    socket: bool


class Facts(ShellReport, frozen=True, tag="facts"):
    os: HostOs
    identity: Identity


class Failed(ShellReport, frozen=True, tag="failed"):
    """`fatal` ends the process; else only one reading or one channel failed."""

    failure: Failure
    fatal: bool = True


class HelperAnswer(ShellReport, frozen=True, tag="helper-answer"):
    """The answer to one order to ringfence-host: exactly one each."""

    number: int
    result: AnyHelperResult | Failure


AnyShellReport = NeedTrust | NeedSecret | Ready | Facts | Failed | HelperAnswer

LIBVIRT_URIS = frozenset(
    {"qemu:///system", "qemu:///session", "xen:///system", "lxc:///system", "ch:///system"}
    | {"ch:///session"}
)

SHELL_ORDER_DECODER = msgspec.msgpack.Decoder(AnyShellOrder)
SHELL_REPORT_DECODER = msgspec.msgpack.Decoder(AnyShellReport)


def shell_frame(message: ShellOrder | HelperOrder | ShellReport) -> bytes:
    """Encode one message with its length in front."""
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(FRAME_HEAD_BYTES, "big") + body


def next_shell_order(talk: socket.socket) -> AnyShellOrder | None:
    """Wait for one order; None when the session is gone, or says what it must not."""
    head = talk.recv(FRAME_HEAD_BYTES, socket.MSG_WAITALL)
    size = int.from_bytes(head, "big")
    if len(head) < FRAME_HEAD_BYTES or size > MAX_SHELL_ORDER_BYTES:
        return None
    try:
        order: AnyShellOrder = SHELL_ORDER_DECODER.decode(talk.recv(size, socket.MSG_WAITALL))
    except msgspec.DecodeError:
        return None
    return order
