"""Disks, network cards and the other devices through which a machine meets the world."""

from enum import StrEnum

from msgspec import Struct

from core.facts.unknown import Unknown


class EncryptionFormat(StrEnum):
    NONE = "none"
    LUKS = "luks"
    LUKS2 = "luks2"
    QCOW = "qcow"


class ImageLabel(Struct, frozen=True, gc=False):
    """A per-image override of the label (`<source><seclabel>`)."""

    model: str
    text: str
    relabel: bool


class Disk(Struct, frozen=True, gc=False):
    """One disk as the XML has it. `chain` holds the backing files' sources, nearest first."""

    target: str  # vda
    device: str  # disk, cdrom, floppy, lun
    bus: str
    source_kind: str  # file, block, network, volume, dir, nvme, vhostuser, ""
    source: str  # path, device, "pool/volume" or "protocol:name"; "" when empty
    format: str  # driver type; "" when the XML declares none (QEMU would probe)
    encryption: EncryptionFormat | Unknown
    read_only: bool
    shareable: bool
    transient: bool = False
    chain: tuple[str, ...] | Unknown = ()
    chain_formats: tuple[str, ...] = ()
    cache: str = ""
    io: str = ""
    discard: str = ""
    error_policy: str = ""
    serial: str = ""
    alias: str = ""
    secret: str = ""  # uuid or usage of the libvirt secret
    raw_io: bool = False
    sgio: str = ""
    hosts: tuple[str, ...] = ()  # network disks: "host:port"
    network_tls: bool | Unknown = False
    limits: dict[str, int] = {}
    labels: tuple[ImageLabel, ...] = ()


class NicKind(StrEnum):
    """`<interface type=...>`."""

    NETWORK = "network"
    BRIDGE = "bridge"
    DIRECT = "direct"  # macvtap
    ETHERNET = "ethernet"
    USER = "user"
    VHOSTUSER = "vhostuser"
    VDPA = "vdpa"
    HOSTDEV = "hostdev"
    INTERNAL = "internal"
    MCAST = "mcast"
    SERVER = "server"
    CLIENT = "client"
    UDP = "udp"
    VDS = "vds"
    NULL = "null"
    OTHER = "other"


class NicCut(StrEnum):
    """Whether `link down` can cut this card (libvirt 9.0, qemuDomainChangeNet)."""

    LINK = "link"
    NOT_BY_LINK = "not-by-link"


class Nic(Struct, frozen=True, gc=False):
    """One network card. `link_up` is the wanted state in XML; libvirt omits it when up."""

    mac: str
    kind: NicKind
    source: str  # network, bridge, device or socket path; "" for user
    bridge: str = ""  # the bridge it is plugged into while running
    port_group: str = ""
    model: str = ""
    filter: str = ""
    filter_parameters: dict[str, tuple[str, ...]] = {}
    vlans: tuple[int, ...] = ()
    vlan_trunk: bool = False
    isolated: bool = False
    link_up: bool = True
    target: str = ""  # vnet7; host names are reused, never key anything on it
    alias: str = ""
    virtual_port: str = ""  # openvswitch, 802.1Qbh, ...
    mode: str = ""  # macvtap: bridge, vepa, private, passthrough
    trust_guest_rx_filters: bool = False
    inbound_limited: bool = False
    outbound_limited: bool = False
    driver: str = ""  # vhost, qemu
    untold: Unknown | None = None  # why link, filter, VLAN, isolation, limits are not known

    @property
    def cut(self) -> NicCut:
        """Host devices and shared-memory back ends keep passing frames with the link down."""
        return NicCut.NOT_BY_LINK if self.kind in DEAF_TO_LINK else NicCut.LINK


DEAF_TO_LINK = frozenset(
    {NicKind.HOSTDEV, NicKind.VHOSTUSER, NicKind.VDPA, NicKind.VDS, NicKind.NULL, NicKind.OTHER}
)
# A device of the host carries their frames: a barrier can stand there.
ON_THE_HOST = frozenset({NicKind.NETWORK, NicKind.BRIDGE, NicKind.DIRECT, NicKind.ETHERNET})
# Their rings are served by QEMU's leave only: with the processors stopped nothing is sent.
STOPPED_BY_PAUSE = frozenset({NicKind.VHOSTUSER, NicKind.VDPA})


class Device(Struct, frozen=True, gc=False):
    """Any other device worth a judgement: hostdev, redirdev, filesystem, shmem, vsock, ..."""

    kind: str  # the element's name: hostdev, redirdev, filesystem, shmem, vsock, channel, tpm...
    type: str = ""
    model: str = ""
    source: str = ""
    target: str = ""
    alias: str = ""
    details: dict[str, str] = {}

    def __getitem__(self, key: str) -> str:
        return self.details.get(key, "")
