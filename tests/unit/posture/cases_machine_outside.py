"""Cases of the checks on what a machine touches: zones, cards, disks, consoles."""

from core.facts import (
    EncryptionFormat,
    MachineClaim,
    NicKind,
    Reason,
    Unknown,
)
from core.tenants.model import Ownership
from tests.unit.posture.build import (
    NO_SSH,
    UNREAD,
    device,
    host,
    machine,
    network,
    nic,
    on_host,
    qemu_conf,
    serial,
    spice,
    subject,
    vnc,
    with_machine,
    zone,
)
from tests.unit.posture.variants import (
    GOOD,
    NO_CONSOLES,
    NO_DEVICES,
    NO_DISKS,
    NO_NICS,
    Case,
    aged,
    fitted,
    mixed,
    shown,
    stored,
    wired,
)

OWNERSHIP = {
    "VM-META-001": Case(
        GOOD,
        {
            "neither": subject(tenant=Ownership("", "acme"), zones=()),
            "no-tenant": subject(tenant=Ownership("", "acme")),
            "no-zone": subject(zones=(zone(proposed=True),)),
        },
        subject(zones=UNREAD),
    ),
    "VM-CLAIM-001": Case(
        GOOD,
        {"differs": subject(machine(claim=MachineClaim(zone="mgmt")))},
        subject(machine(claim=MachineClaim(zone="mgmt")), zones=UNREAD),
    ),
    "VM-PERSIST-001": Case(
        GOOD, {"transient": with_machine(persistent=False)}, with_machine(persistent=UNREAD)
    ),
    "NET-ZONE-001": Case(
        GOOD,
        {
            "two": subject(zones=(zone("dmz"), zone("internal"))),
            "proposed": subject(zones=(zone("dmz"), zone("internal", proposed=True))),
        },
        subject(zones=UNREAD),
    ),
}

CARDS = {
    "NET-FILTER-001": Case(
        GOOD,
        {
            "none": wired(filter=""),
            "missing": wired(filter="gone"),
            "partly": wired(filter="no-mac-spoofing"),
            "own": wired(filter="no-other-l2-traffic"),
        },
        subject(machine(nics=(nic(filter="site"),)), host=host(filters=UNREAD)),
    ),
    "NET-FILTER-003": Case(GOOD, {"learnt": wired(filter_parameters={})}, NO_NICS),
    "NET-FILTER-005": Case(GOOD, {"beyond": wired(kind=NicKind.VHOSTUSER)}, NO_NICS),
    "NET-TRUST-001": Case(
        GOOD,
        {
            "card": wired(trust_guest_rx_filters=True),
            "network": on_host(networks=(network(trust_guest_rx_filters=True),)),
        },
        on_host(networks=UNREAD),
    ),
    "NET-VLAN-001": Case(GOOD, {"trunk": wired(vlans=(1, 2), vlan_trunk=True)}, NO_NICS),
    "NET-USER-001": Case(GOOD, {"user": wired(kind=NicKind.USER)}, NO_NICS),
    "NET-MACVTAP-001": Case(
        wired(kind=NicKind.DIRECT, mode="private"),
        {
            "joined": wired(kind=NicKind.DIRECT, mode="vepa"),
            "bridge": mixed(wired(kind=NicKind.DIRECT, mode="bridge")),
        },
        NO_NICS,
    ),
    "NET-TUN-001": Case(GOOD, {"tunnel": wired(kind=NicKind.MCAST)}, NO_NICS),
    "NET-QOS-001": Case(GOOD, {"unbounded": wired(outbound_limited=False)}, NO_NICS),
}

DISKS = {
    "STO-FMT-001": Case(
        GOOD,
        {"none": stored(format=""), "probed": with_machine(taints=("disk-probing",))},
        NO_DISKS,
    ),
    "STO-FMT-002": Case(
        stored(chain=("/base.qcow2",), chain_formats=("qcow2",)),
        {
            "no-format": stored(chain=("/base.qcow2",), chain_formats=("",)),
            "elsewhere": stored(chain=("https:base.qcow2",), chain_formats=("raw",)),
        },
        stored(chain=UNREAD),
    ),
    "STO-ENC-001": Case(
        GOOD, {"plain": stored(encryption=EncryptionFormat.NONE)}, stored(encryption=UNREAD)
    ),
    "STO-ENC-002": Case(
        GOOD, {"qcow": stored(encryption=EncryptionFormat.QCOW)}, stored(encryption=UNREAD)
    ),
    "STO-SHARE-001": Case(
        GOOD,
        {
            "shared": stored(shareable=True, format="raw"),
            "ruinous": stored(shareable=True, format="qcow2"),
        },
        NO_DISKS,
    ),
    "STO-RAWIO-001": Case(
        GOOD, {"raw": stored(raw_io=True), "lun": stored(device="lun")}, NO_DISKS
    ),
    "STO-CACHE-001": Case(GOOD, {"unsafe": stored(cache="unsafe")}, NO_DISKS),
    "STO-FS-001": Case(
        GOOD,
        {
            "shared": fitted(device("filesystem", source="/srv/exports")),
            "system": fitted(device("filesystem", source="/etc/pki")),
        },
        NO_DEVICES,
    ),
    "STO-NET-001": Case(
        stored(source_kind="network", source="rbd:pool/disk", secret="s"),
        {
            "clear": stored(source_kind="network", source="http:iso"),
            "open": stored(source_kind="network", source="nbd:export"),
            "login-only": stored(source_kind="network", source="iscsi:iqn/1", secret="s"),
        },
        stored(source_kind="network", source="nbd:export", network_tls=UNREAD),
    ),
    "STO-SNAP-001": Case(
        aged(2),
        {"old": aged(40), "deep": stored(chain=("/b",) * 11, chain_formats=("qcow2",) * 11)},
        with_machine(snapshots=UNREAD),
    ),
    "STO-SNAP-002": Case(
        aged(2), {"memory": aged(2, with_memory=True)}, with_machine(snapshots=UNREAD)
    ),
    "STO-CD-001": Case(
        GOOD,
        {
            "medium": stored(device="cdrom", source="/iso/debian.iso", target="sda"),
            "seed": stored(device="cdrom", source="/iso/web-cidata.iso", target="sda"),
        },
        NO_DISKS,
    ),
}

OPEN_VNC = vnc("0.0.0.0", password_set=False, password_expires="")
TLS_ONLY = qemu_conf(vnc_tls="1")
NO_PASSWORD_TOLD = Unknown(Reason.NOT_PERMITTED)
CONSOLES = {
    "CON-VNC-001": Case(
        GOOD,
        {
            "open": shown(OPEN_VNC),
            "tls-only": subject(machine(consoles=(OPEN_VNC,)), host=host(os=TLS_ONLY)),
        },
        subject(machine(consoles=(OPEN_VNC,)), host=host(os=NO_SSH)),
    ),
    "CON-VNC-002": Case(
        GOOD,
        {
            "nobody-asked": shown(OPEN_VNC),
            "local": shown(vnc("127.0.0.1", password_set=False)),
        },
        shown(vnc("127.0.0.1", password_set=NO_PASSWORD_TOLD, password_expires="")),
    ),
    "CON-VNC-003": Case(
        shown(vnc("127.0.0.1")),
        {
            "never": shown(vnc("127.0.0.1", password_expires="")),
            "long": shown(vnc("127.0.0.1", password_expires="2028-01-01T00:00:00")),
        },
        shown(vnc("127.0.0.1", password_set=NO_PASSWORD_TOLD, password_expires="")),
    ),
    "CON-VNC-005": Case(
        GOOD,
        {
            "ignore": shown(vnc(share_policy="ignore")),
            "shared": shown(vnc(share_policy="force-shared")),
        },
        NO_CONSOLES,
    ),
    "CON-VNC-006": Case(
        GOOD,
        {
            "local": shown(vnc("127.0.0.1", websocket_port=5700)),
            "wide": shown(vnc("0.0.0.0", websocket_port=5700)),
        },
        NO_CONSOLES,
    ),
    "CON-SPICE-001": Case(
        shown(spice()),
        {
            "open": shown(spice("0.0.0.0")),
            "clear-allowed": shown(spice("0.0.0.0", tls_port=5902)),
        },
        subject(machine(consoles=(spice("0.0.0.0", tls=UNREAD),)), host=host(os=NO_SSH)),
    ),
    "CON-SER-001": Case(
        shown(serial()),
        {
            "network": shown(serial("0.0.0.0", back_end="tcp", port=4555)),
            "loopback": shown(serial("127.0.0.1", back_end="tcp", port=4555)),
        },
        NO_CONSOLES,
    ),
    "CON-CLIP-001": Case(GOOD, {"open": shown(spice(clipboard=True))}, NO_CONSOLES),
}
