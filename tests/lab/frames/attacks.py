"""Frames a guest may send to get past a barrier, each of a kind that something let through once."""

from tests.lab.frames.wire import EAPOL, LLC, LLDP, frame, udp

EVERYBODY = "ff:ff:ff:ff:ff:ff"
ARP, IPV4, IPV6, VLAN, QINQ = 0x0806, 0x0800, 0x86DD, 0x8100, 0x88A8
# What sockets on the host's stack are bound to. The kernel takes a tag off before it asks who wants
# a frame: one that is tagged is what is inside.
STACK = (IPV4, ARP, IPV6, EAPOL, LLDP, LLC)
_ARP = bytes.fromhex("0001080006040001") + bytes(20)
_SOLICITATION = bytes.fromhex("6000000000203aff") + bytes(32) + b"\x87\0"
_TAG = b"\x00\x05\x08\x00"


def attacks(mac: str, spoofed: str, own_ip: str, host_ip: str) -> list[bytes]:
    """From a machine with this address that also forges another, and its host's."""
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
