"""What the window's process and a host's worker may say to each other.

The worker is an untrusted parser (house rule 5): it receives a closed set of typed orders, one
per effect, and what it answers is validated like any input. There is no generic call, command or
path. Frames are a 4-byte big-endian length and one msgpack message; a frame above the limit, or
one that does not decode, ends the worker.
"""

from datetime import datetime

import msgspec
from msgspec import Struct

from core.facts import Host, Machine, MachineRow
from core.hosts.evidence import EVIDENCE_READS, AnyEvidenceOrder, AnyEvidenceResult
from core.hosts.order import Order as Order

MAX_ORDER_BYTES = 24 * 1024 * 1024
MAX_REPORT_BYTES = 64 * 1024 * 1024
FRAME_HEAD_BYTES = 4

# --- orders: window -> worker -----------------------------------------------------------------


class Credential(Struct, frozen=True):
    """A value libvirt may ask for, prepared beforehand: kind is libvirt's credential number."""

    kind: int
    value: str


class Open(Order, frozen=True, tag="open"):
    """First order: confine yourself, connect, read everything, follow events.

    `socket_dir` holds the sockets that the SSH process offers; the worker opens
    `qemu+unix:///system?socket=...` there. `uri` has passed core.hosts.uri.
    """

    host: str
    uri: str
    read_only: bool
    pki_dir: str = ""
    socket_path: str = ""
    connections: int = 4
    far_connections: int = 12  # to a host that takes long to answer even a small question
    credentials: tuple[Credential, ...] = ()
    full_every_s: float = 30.0
    held_every_s: float = 2.0
    held_told_every_s: float = 5.0  # told again though nothing differs: silence proves nothing
    demo_facts: str = ""  # a recorded-facts file of resources/demo; only with test:///


class Refresh(Order, frozen=True, tag="refresh"):
    """Read these machines again, or with an empty tuple the whole host."""

    uuids: tuple[str, ...] = ()


class WatchHeld(Order, frozen=True, tag="watch-held"):
    """These machines are held: read their full XML every `held_every_s` seconds."""

    uuids: tuple[str, ...]


class ReadXml(Order, frozen=True, tag="read-xml"):
    """Answer with the machine's XML texts. `secure` includes passwords: for undo records only."""

    uuid: str
    secure: bool = False


class SetLinkState(Order, frozen=True, tag="set-link-state"):
    """Raise or cut one card, live and/or in the stored configuration, and read back."""

    uuid: str
    mac: str
    up: bool
    live: bool
    stored: bool


class SetAutostart(Order, frozen=True, tag="set-autostart"):
    uuid: str
    on: bool


class DefineXml(Order, frozen=True, tag="define-xml"):
    """Write a stored configuration; its uuid must be `uuid`."""

    uuid: str
    xml: str


class SetHoldMark(Order, frozen=True, tag="set-hold-mark"):
    """Write (or with an empty case remove) our hold element in the machine's metadata."""

    uuid: str
    case: str
    mode: str
    since: str
    owner: str
    live: bool
    stored: bool


class ReadState(Order, frozen=True, tag="read-state"):
    """Answer with the machine's state; `live` is False when it has no process."""

    uuid: str


class Suspend(Order, frozen=True, tag="suspend"):
    """Stop the processors; answered as `ReadState`, also when it was off."""

    uuid: str


class Resume(Order, frozen=True, tag="resume"):
    """Let the processors go on; answered as `ReadState`, also when they do or it was off."""

    uuid: str


class ReadQuarantineNetwork(Order, frozen=True, tag="read-quarantine-network"):
    """Answered with Applied: how the network of held machines stands on the host."""


class KeepQuarantineNetwork(Order, frozen=True, tag="keep-quarantine-network"):
    """Define it from our own fixed text, start it, and have it start with the host."""


class DropQuarantineNetwork(Order, frozen=True, tag="drop-quarantine-network"):
    """Take it away; refused while a machine is on it."""


class Destroy(Order, frozen=True, tag="destroy"):
    """Switch a machine off at once; its memory is gone. Answered as `ReadState`."""

    uuid: str


class Start(Order, frozen=True, tag="start"):
    """Start a machine anew; refused while it has a managed save. Answered as `ReadState`."""

    uuid: str


class ReadVolume(Order, frozen=True, tag="read-volume"):
    """What a storage volume is. Changes nothing."""

    pool: str
    volume: str


class CloneVolume(Order, frozen=True, tag="clone-volume"):
    """Copy a volume whole to a new one of the same pool, for a machine's next boot disk. The new
    one is named after the plan; what an earlier attempt of it left is replaced."""

    uuid: str
    pool: str
    volume: str
    plan: str


class DropClone(Order, frozen=True, tag="drop-clone"):
    """Delete the volume that `CloneVolume` made for this plan, if it is there."""

    uuid: str
    pool: str
    plan: str


class SetConsolePassword(Order, frozen=True, tag="set-console-password"):
    """Set what opens a running machine's console; "" revokes it: nothing does any more."""

    uuid: str
    kind: str  # vnc, spice
    password: str
    until: str = ""  # libvirt's own words for when it ends; "": never


class DetachDevice(Order, frozen=True, tag="detach-device"):
    """Unplug a channel or a USB redirection from a running machine; the guest is not asked."""

    uuid: str
    kind: str  # channel, redirdev
    alias: str


class AttachDevice(Order, frozen=True, tag="attach-device"):
    """Plug in again what `DetachDevice` took: one channel or redirdev element."""

    uuid: str
    xml: str


class SetMedium(Order, frozen=True, tag="set-medium"):
    """Put a medium into a running machine's CD or floppy drive; an empty source takes it out."""

    uuid: str
    target: str  # sda
    kind: str = ""  # of the disk: file, block, volume, network
    source: str = ""  # one source element


class MoveCard(Order, frozen=True, tag="move-card"):
    """Plug a running card into another network or bridge. A link that is up goes down first, and
    stays down."""

    uuid: str
    mac: str
    kind: str  # network, bridge
    source: str
    portgroup: str = ""
    isolated: bool = False  # its port may not reach others that may not


class Ping(Order, frozen=True, tag="ping"):
    """Answered at once with Applied() by the worker's own loop, never by a libvirt call: a
    worker that stays silent for three of them is hung and is ended."""


class Close(Order, frozen=True, tag="close"):
    """Close the connections and end."""


AnyOrder = (
    Open
    | Refresh
    | WatchHeld
    | ReadXml
    | SetLinkState
    | SetAutostart
    | DefineXml
    | SetHoldMark
    | ReadState
    | Suspend
    | Resume
    | Destroy
    | Start
    | ReadVolume
    | CloneVolume
    | DropClone
    | SetConsolePassword
    | DetachDevice
    | AttachDevice
    | SetMedium
    | MoveCard
    | AnyEvidenceOrder
    | ReadQuarantineNetwork
    | KeepQuarantineNetwork
    | DropQuarantineNetwork
    | Ping
    | Close
)

# Orders that alter nothing, secret or not: who gives them need not look at the holds again.
READS = (ReadXml, ReadState, ReadVolume, ReadQuarantineNetwork, *EVIDENCE_READS)

# --- reports: worker -> window ----------------------------------------------------------------


class Report(Struct, frozen=True, tag_field="report"):
    """Base of everything a worker says."""


class Failure(Struct, frozen=True, tag="failure"):
    """Why an order or a connection failed: a code of the catalogue (`error.<code>.*`)."""

    code: str
    params: dict[str, str] = {}
    detail: str = ""  # libvirt's own words
    libvirt_code: int = 0
    libvirt_domain: int = 0


class XmlTexts(Struct, frozen=True, tag="xml"):
    """`stored` is empty for a transient machine, `live` for one that does not run."""

    uuid: str
    live: str
    stored: str


class LinkReadBack(Struct, frozen=True, tag="link"):
    """What the XML said after the call; None: no such side, or nothing was asked of it."""

    mac: str
    live_up: bool | None
    stored_up: bool | None


class Applied(Struct, frozen=True, tag="applied"):
    """The call was made and this is what was read back, as one short word or sentence."""

    value: str = ""
    live: bool | None = None
    stored: bool | None = None


class VolumeSeen(Struct, frozen=True, tag="volume"):
    """A storage volume; `path` is empty when it is not there."""

    path: str
    format: str = ""
    capacity: int = 0


class Answer(Report, frozen=True, tag="answer"):
    """The answer to one order: exactly one per order but Open's stream of reports."""

    number: int
    result: XmlTexts | LinkReadBack | Applied | VolumeSeen | AnyEvidenceResult | Failure


class Opened(Report, frozen=True, tag="opened"):
    host: Host


class HostChanged(Report, frozen=True, tag="host-changed"):
    host: Host


class Rows(Report, frozen=True, tag="rows"):
    """Names and states. With `whole` it is the full list: what is missing is gone."""

    rows: tuple[MachineRow, ...]
    whole: bool


class Machines(Report, frozen=True, tag="machines"):
    machines: tuple[Machine, ...]


class Gone(Report, frozen=True, tag="gone"):
    uuids: tuple[str, ...]


class FullRead(Report, frozen=True, tag="full-read"):
    """All machines were read; the cost of it is shown in the host's inspector."""

    machines: int
    seconds: float
    calls: int


class Closed(Report, frozen=True, tag="closed"):
    """The connection ended; the worker ends after this."""

    failure: Failure


class Log(Report, frozen=True, tag="log"):
    """A line for the session's log; never shown as a message."""

    level: str
    text: str


AnyReport = Answer | Opened | HostChanged | Rows | Machines | Gone | FullRead | Closed | Log


class Health(Struct, frozen=True):
    """How a host is doing, in the window's process."""

    state: str  # connecting, reading, connected, stale, refused, closed
    since: datetime
    last_seen: datetime | None = None
    failure: Failure | None = None
    retry_at: datetime | None = None


ORDER_DECODER = msgspec.msgpack.Decoder(AnyOrder)
REPORT_DECODER = msgspec.msgpack.Decoder(AnyReport)
ENCODER = msgspec.msgpack.Encoder()


def frame(message: Order | Report) -> bytes:
    """Encode one message with its length in front."""
    body = ENCODER.encode(message)
    return len(body).to_bytes(FRAME_HEAD_BYTES, "big") + body
