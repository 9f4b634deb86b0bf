"""Orders about what else a host sees of a machine: its consoles, its network state, its frames."""

from msgspec import Struct

from core.hosts.helper.orders import HelperOrder, MachineOrder


class KickConsoles(MachineOrder, frozen=True, tag="kick-consoles"):
    """Nobody reaches the ports its QEMU listens on any more; who is connected is cut off."""


class OpenConsoles(MachineOrder, frozen=True, tag="open-consoles"):
    """Let its consoles be reached again."""


class ReadConsoles(MachineOrder, frozen=True, tag="read-consoles"):
    """Read which ports are blocked and who is connected; changes nothing."""


class ConsolesSeen(Struct, frozen=True, tag="consoles"):
    """TCP ports its QEMU listens on: VNC, SPICE, websockets, serial lines over TCP."""

    running: bool
    ports: tuple[int, ...]
    blocked: tuple[int, ...]  # of whatever table of ours stands, when it is whole
    clients: tuple[str, ...]  # "ADDRESS:PORT", connected now
    kicked: int  # by this order
    sockets: tuple[str, ...]  # paths its QEMU listens on: only whoever is on the host reaches them

    @property
    def closed(self) -> bool:
        """Whether no port can be reached and nobody is connected."""
        return set(self.ports) <= set(self.blocked) and not self.clients


class ReadVolatile(MachineOrder, frozen=True, tag="read-volatile"):
    """Gather what is lost first, within two seconds; `macs` of a machine that has no taps now."""

    macs: tuple[str, ...] = ()


class VolatileSection(Struct, frozen=True):
    """`missing`: why there is nothing, in the host's words; then `text` is empty."""

    name: str  # process, sockets, neighbours, bridge, flows, cards, leases, rules
    text: str
    missing: str
    cut_short: bool


class VolatileSeen(Struct, frozen=True, tag="volatile"):
    at: str  # UTC, ISO 8601
    took_s: float
    sections: tuple[VolatileSection, ...]


class StartWatch(MachineOrder, frozen=True, tag="start-watch"):
    """Keep the packets of its cards for some minutes, in bounds, without any rule. It ends by
    itself; what it kept goes when no barrier was raised meanwhile."""


class WatchBegun(Struct, frozen=True, tag="watch-begun"):
    """`watching`: False when it does not run, has no card, or too many are kept already."""

    watching: bool
    seconds: float


class ListenFor(HelperOrder, frozen=True, tag="listen"):
    """Count frames that come in from these addresses on the host's own devices, taps left out."""

    macs: tuple[str, ...]
    seconds: float  # at most 5


class HeardFrames(Struct, frozen=True):
    device: str
    mac: str
    count: int


class FramesHeard(Struct, frozen=True, tag="frames-heard"):
    """`lost`: frames the kernel could not hand over; with any, silence proves nothing."""

    seconds: float
    devices: tuple[str, ...]
    frames: tuple[HeardFrames, ...]
    lost: int
