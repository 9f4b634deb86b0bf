"""Virtual networks, packet filters and storage pools of a host."""

from enum import StrEnum

from msgspec import Struct

from core.facts.unknown import Unknown

QUARANTINE_NETWORK = "ringfence-quarantine"  # where a held machine's card may be moved
QUARANTINE_BRIDGE = "rfq0"


class NetworkMode(StrEnum):
    NAT = "nat"
    ROUTE = "route"
    OPEN = "open"
    ISOLATED = "isolated"
    BRIDGE = "bridge"
    MACVTAP = "macvtap"  # forward modes private, vepa, passthrough, bridge+dev
    HOSTDEV = "hostdev"
    OTHER = "other"


class PortGroup(Struct, frozen=True, gc=False):
    name: str
    vlans: tuple[int, ...] = ()
    default: bool = False


class Network(Struct, frozen=True, gc=False):
    name: str
    uuid: str
    active: bool
    persistent: bool
    autostart: bool | Unknown
    mode: NetworkMode
    bridge: str
    devices: tuple[str, ...] = ()
    vlans: tuple[int, ...] = ()
    addresses: tuple[str, ...] = ()  # CIDR
    dhcp: bool = False
    isolated_ports: bool = False
    port_groups: tuple[PortGroup, ...] = ()
    domain: str = ""
    mac_table_manager: str = ""
    trust_guest_rx_filters: bool = False
    routers: tuple[str, ...] = ()  # addresses its machines are sent through
    resolvers: tuple[str, ...] = ()
    reserved: tuple[tuple[str, str], ...] = ()  # (address, MAC) of its DHCP


class Filter(Struct, frozen=True, gc=False):
    """An nwfilter by name; `references` are the filters it includes."""

    name: str
    uuid: str
    references: tuple[str, ...] = ()
    rules: int = 0
    chain: str = ""


class Pool(Struct, frozen=True, gc=False):
    name: str
    uuid: str
    kind: str
    active: bool
    target: str
    autostart: bool | Unknown
    capacity_bytes: int = 0
    available_bytes: int = 0
    mode: str = ""  # permissions of the directory, octal
    owner: str = ""
