"""What a session may ask ringfence-host for: a closed set of orders, and what it reads back.

The orders go to the host's SSH process, never to its worker. They name a machine and the addresses
of its cards; which taps it has the host finds out by itself.
"""

from msgspec import Struct

from core.hosts.protocol import Order

TAP = "tap"


class HelperOrder(Order, frozen=True):
    """Base of the orders that ringfence-host obeys: the tag is the verb, the fields its values."""


class MachineOrder(HelperOrder, frozen=True):
    """An order about one machine."""

    uuid: str


class ReadBarrier(MachineOrder, frozen=True, tag="read-barrier"):
    """Read what stands around a machine; changes nothing."""


class Door(Struct, frozen=True):
    """What a forensic barrier lets through: TCP that a station opens to one port of the guest."""

    station: str  # an IPv4 address
    port: int


class RaiseBarrier(MachineOrder, frozen=True, tag="raise-barrier"):
    """Drop every frame of the machine's cards, in both directions. `macs` outlive its run.

    With `doors` a station may open TCP to the guest. With `observe` nothing is dropped: frames
    are counted and kept in a ring of packets.
    """

    macs: tuple[str, ...] = ()
    doors: tuple[Door, ...] = ()
    observe: bool = False


class LowerBarrier(MachineOrder, frozen=True, tag="lower-barrier"):
    """Take the barrier away."""


class StartDrain(MachineOrder, frozen=True, tag="start-drain"):
    """Let only TCP flows pass that are opened from now on, for a day."""


class EndDrain(MachineOrder, frozen=True, tag="end-drain"):
    """Let old flows pass again."""


class BarrierCard(Struct, frozen=True):
    """One card of the running machine, as its host's kernel has it."""

    device: str
    number: int  # the interface number
    mac: str  # "": libvirt's status does not tell
    kind: str  # tap, macvtap
    bridge: bool  # in the bridge table, by its number
    ingress: bool  # its own chains on the device
    egress: bool
    master: str  # the bridge it hangs on
    carrier: bool

    @property
    def held(self) -> bool:
        return self.bridge and self.ingress and self.egress

    @property
    def name(self) -> str:
        return self.mac or self.device


class BarrierSeen(Struct, frozen=True, tag="barrier"):
    """What stands around a machine, read from the kernel."""

    running: bool
    up: bool  # a table of ours is there, whole or not
    bridge: bool  # the bridge table is there and its rules are ours
    macs: tuple[str, ...]
    cards: tuple[BarrierCard, ...]
    from_guest: int  # frames dropped
    to_guest: int
    draining: bool
    doors: tuple[Door, ...] = ()
    observing: bool = False  # every card is counted and its packets kept; nothing is blocked
    passed: int = 0  # frames let through a door, or only counted
    deleted: tuple[str, ...] = ()  # images of its disks that have no name any more

    @property
    def open_cards(self) -> tuple[str, ...]:
        """Cards of the running machine that no barrier holds."""
        return tuple(card.name for card in self.cards if not card.held)

    def holds(self, macs: tuple[str, ...]) -> bool:
        """Whether each card there is, and each address that may come back, is held."""
        known = {mac for mac in macs if mac in self.macs}
        blocks = self.bridge and not self.observing
        return blocks and not self.open_cards and known == set(macs)

    def open_of(self, macs: tuple[str, ...]) -> tuple[str, ...]:
        """Name the cards and addresses that are not held; none when it holds."""
        if not self.up or not self.bridge:
            return tuple(dict.fromkeys((*macs, *(card.name for card in self.cards))))
        missing = (mac for mac in macs if mac not in self.macs)
        return tuple(dict.fromkeys((*self.open_cards, *missing)))
