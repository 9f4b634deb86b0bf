"""Which machines stand on which lab host: six that boot, and a shelf of some that only exist."""

from collections.abc import Iterator

from tests.lab.guests.definition import Guest, GuestNic
from tests.lab.hosts.address import LabAddress

CLEAN = "clean-traffic"


def guests(address: LabAddress) -> tuple[Guest, ...]:
    """One console a kind, two on each host; g1 and g3 are in the dmz and nothing filters g1."""
    dmz, internal = "192.168.50", "192.168.60"
    return (
        Guest("g1", "h1", (GuestNic("dmz", f"{dmz}.11/24"),), "vnc-open"),
        Guest("g2", "h1", (GuestNic("internal", f"{internal}.12/24", CLEAN),), "vnc-loopback"),
        Guest("g3", "h2", (GuestNic("dmz", f"{dmz}.13/24", CLEAN),), "vnc-password"),
        Guest(
            "g4",
            "h2",
            (GuestNic("dmz", f"{dmz}.14/24"), GuestNic("internal", f"{internal}.14/24")),
            "vnc-socket",
        ),
        Guest("g5", "h3", (GuestNic("lan", f"{address.bridged_guest(5)}/24"),), "spice-open"),
        Guest("g6", "h3", (GuestNic("internal", f"{internal}.16/24", CLEAN),), "serial"),
    )


def shelf(host: str) -> Iterator[str]:
    """The XML of the machines of a host that are defined and never started."""
    for name, parts in _SHELF[host].items():
        yield _shelved_xml(name, *parts)


_NIC = """<interface type="network"><source network="{}"/><model type="virtio"/></interface>"""
_DISK = """<disk type="file" device="disk"><driver name="qemu" type="{}"/>
  <source file="/var/lib/libvirt/images/{}">{}</source><target dev="vda" bus="virtio"/>{}</disk>"""
_LUKS = """<encryption format="luks">
  <secret type="passphrase" uuid="6fd3f62d-9fe7-4a4e-a869-7acd6376d8ea"/></encryption>"""
_SECURE_BOOT = """<loader readonly="yes" secure="yes" type="pflash">\
/usr/share/OVMF/OVMF_CODE_4M.ms.fd</loader>
  <nvram template="/usr/share/OVMF/OVMF_VARS_4M.ms.fd"/>"""
_PASSED_THROUGH = """<hostdev mode="subsystem" type="pci" managed="yes"><source>
  <address domain="0x0000" bus="0x00" slot="0x1f" function="0x7"/></source></hostdev>"""

# name: devices, operating system, title
_SHELF: dict[str, dict[str, tuple[str, str, str]]] = {
    "h1": {
        "shelf-bare": ("", "", ""),
        "shelf-luks": (_DISK.format("qcow2", "shelf-luks.qcow2", _LUKS, ""), "", "Payroll"),
        "shelf-two-zones": (_NIC.format("dmz") + _NIC.format("internal"), "", ""),
    },
    "h2": {
        "shelf-hostdev": (_PASSED_THROUGH, "", "Holds a device of the host"),
        "shelf-title": ("", "", "&lt;img src=file:///etc/hostname&gt;"),
        "shelf-shared": (_DISK.format("raw", "shared.img", "", "<shareable/>"), "", ""),
    },
    "h3": {
        "shelf-uefi": (_NIC.format("vault"), _SECURE_BOOT, ""),
        "shelf-bücher-书": ("", "", "书架"),
        "shelf-open": (
            _NIC.format("dmz") + """<graphics type="vnc" port="-1" listen="::"/>""",
            "",
            "=cmd()",
        ),
    },
}


def _shelved_xml(name: str, devices: str, system: str, title: str) -> str:
    machine = "q35" if system else "pc"
    smm = """<smm state="on"/>""" if system else ""
    return f"""<domain type="qemu">
  <name>{name}</name>{f"<title>{title}</title>" if title else ""}
  <memory unit="MiB">64</memory><vcpu>1</vcpu>
  <os><type arch="x86_64" machine="{machine}">hvm</type>{system}</os>
  <features><acpi/>{smm}</features>
  <devices>{devices}<memballoon model="none"/></devices>
</domain>
"""
