"""Frames a guest may send to get past a barrier, each of a kind that something let through once."""

from tests.lab.frames.packets import MORE_FRAGMENTS, SYN, tagged, tcp, twice_tagged
from tests.lab.frames.wire import EAPOL, LLC, LLDP, MARK, frame, udp

EVERYBODY = "ff:ff:ff:ff:ff:ff"
ARP, IPV4, IPV6, VLAN, QINQ = 0x0806, 0x0800, 0x86DD, 0x8100, 0x88A8
# What sockets on the host's stack are bound to. The kernel takes a tag off before it asks who wants
# a frame: one that is tagged is what is inside.
STACK = (IPV4, ARP, IPV6, EAPOL, LLDP, LLC)
_ARP = bytes.fromhex("0001080006040001") + bytes(20)
# As long as it says: a bridge that looks at packets drops one that is not. Its checksum is wrong.
_ICMPV6 = (
    bytes.fromhex("60000000")
    + (2 + len(MARK)).to_bytes(2, "big")
    + bytes.fromhex("3afffe80000000000000000000000000000aff020000000000000000000000000001")
)
_SOLICITATION, _ADVERTISEMENT, _ROUTER, _GROUPS = (
    _ICMPV6 + bytes((kind, 0)) for kind in (0x87, 0x88, 0x86, 0x8F)
)
_TAG = b"\x00\x05\x08\x00"


def attacks(mac: str, spoofed: str, own_ip: str, host_ip: str) -> list[bytes]:
    """From a machine with this address that also forges another, and its host's."""
    return [*_plain(mac, spoofed, own_ip, host_ip), *_of_more_kinds(mac, spoofed, own_ip)]


def _of_more_kinds(mac: str, spoofed: str, own_ip: str) -> list[bytes]:
    """Tagged once and twice under both addresses, in fragments, and what speaks for a router."""
    plain = {each: udp(EVERYBODY, each, own_ip, "255.255.255.255") for each in (mac, spoofed)}
    part = tcp((EVERYBODY, mac), (own_ip, 5), ("255.255.255.255", 5), SYN, MORE_FRAGMENTS)
    return [
        *(tagged(body, 5, QINQ) for body in plain.values()),
        *map(twice_tagged, plain.values()),
        part,
        tcp((EVERYBODY, mac), (own_ip, 5), ("255.255.255.255", 5), SYN, 3),
        frame("33:33:00:00:00:01", mac, IPV6, _ROUTER),
        frame("33:33:00:00:00:01", spoofed, IPV6, _ROUTER),
        frame("33:33:00:00:00:01", mac, IPV6, _ADVERTISEMENT),
        frame("33:33:00:00:00:16", mac, IPV6, _GROUPS),
        frame("01:80:c2:00:00:03", spoofed, EAPOL),
        frame("01:80:c2:00:00:0e", mac, VLAN, b"\0\5" + LLDP.to_bytes(2, "big")),
    ]


def _plain(mac: str, spoofed: str, own_ip: str, host_ip: str) -> list[bytes]:
    return [
        udp(EVERYBODY, mac, own_ip, "255.255.255.255"),
        udp(EVERYBODY, spoofed, own_ip, "255.255.255.255"),
        udp(EVERYBODY, mac, host_ip, "255.255.255.255"),
        frame(EVERYBODY, mac, ARP, _ARP),
        frame(EVERYBODY, spoofed, ARP, _ARP),
        frame("33:33:ff:00:00:01", mac, IPV6, _SOLICITATION),
        frame(EVERYBODY, mac, IPV6, _SOLICITATION),
        frame("33:33:ff:00:00:01", spoofed, IPV6, _SOLICITATION),
        frame(EVERYBODY, mac, VLAN, _TAG),
        frame(EVERYBODY, spoofed, VLAN, _TAG),
        frame(EVERYBODY, mac, QINQ, _TAG + _TAG),
        frame("01:80:c2:00:00:03", mac, EAPOL),
        frame("01:80:c2:00:00:0e", mac, LLDP),
        frame("01:80:c2:00:00:0e", spoofed, LLDP),
        frame("01:80:c2:00:00:00", mac, LLC, b"\x42\x42\x03"),
        frame("01:80:c2:00:00:00", spoofed, LLC, b"\x42\x42\x03"),
    ]
