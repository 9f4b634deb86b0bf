"""Orders about what a prepared host has of ours, and what is read back: items, never paths.

An item is one of `on_host.prepare_items`; the host renders it from `WantedPreparation`.
"""

from msgspec import Struct

from core.hosts.helper.orders import HelperOrder


class Operator(Struct, frozen=True):
    """Whose signature the host believes."""

    name: str
    key: str  # an Ed25519 public key in lower hex


class WantedPreparation(Struct, frozen=True):
    """All the data there is in a preparation."""

    operators: tuple[Operator, ...]
    two_people: bool = False
    sudo: str = ""  # a user, or a %group, that may start ringfence-host


class ReadPreparation(HelperOrder, frozen=True, tag="read-preparation"):
    """What lies there beside what should: as wanted, else as the host was prepared."""

    wanted: WantedPreparation | None = None


class WriteItem(HelperOrder, frozen=True, tag="write-item"):
    """Bring one item to what it should be."""

    item: str
    wanted: WantedPreparation


class RemoveItem(HelperOrder, frozen=True, tag="remove-item"):
    """Take one item away; refused while a hold stands (`hold-stands`)."""

    item: str


class RestartDaemons(HelperOrder, frozen=True, tag="restart-daemons"):
    """Start libvirt's daemons anew that do not know of us yet; only where systemd runs."""


class StartKeep(HelperOrder, frozen=True, tag="start-keep"):
    """Have systemd keep our keeper running; where there is none, start it for this boot."""


class StopKeep(HelperOrder, frozen=True, tag="stop-keep"):
    """End it; refused while a hold stands."""


class PlaceOnHost(Struct, frozen=True):
    """One path of an item; sums are empty where nothing is, or should be."""

    path: str
    state: str
    mode: str
    owner: str  # "uid:gid"
    wanted_sha256: str
    found_sha256: str


class ItemOnHost(Struct, frozen=True):
    """`state`: ours, outdated, missing, drifted, foreign, absent."""

    item: str
    state: str
    places: tuple[PlaceOnHost, ...]
    difference: tuple[str, ...]  # lines with @, +, - and space


class DaemonOnHost(Struct, frozen=True):
    """A daemon of libvirt that runs. `restart`: it does not know of our hooks or ports yet."""

    name: str
    restart: bool
    by_hand: bool  # no systemd: somebody has to start it anew


class PreparationSeen(Struct, frozen=True, tag="preparation"):
    """How a host is prepared. `sent`: told by the station's own bytes, not by what is installed."""

    sent: bool
    prepared: bool
    wanted: WantedPreparation | None  # what it was prepared with
    source_sha256: str
    items: tuple[ItemOnHost, ...]
    daemons: tuple[DaemonOnHost, ...]
    systemd: bool
    keep: str  # systemd, by-hand, stopped
    holds: int

    def item(self, name: str) -> ItemOnHost | None:
        return next((each for each in self.items if each.item == name), None)

    @property
    def whole(self) -> bool:
        """Everything is as it should be, and is kept, and every daemon knows."""
        good = all(item.state == "ours" for item in self.items)
        return self.prepared and good and self.keep != "stopped" and not self.waiting

    @property
    def waiting(self) -> tuple[str, ...]:
        """The daemons that must start anew."""
        return tuple(daemon.name for daemon in self.daemons if daemon.restart)
