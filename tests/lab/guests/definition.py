"""A guest as data, and the domain XML libvirt is given for it."""

from typing import Literal

import msgspec

BOOT = "/var/lib/libvirt/boot"
IMAGES = "/var/lib/libvirt/images"
VNC_PASSWORD = "labpass1"

Console = Literal["serial", "vnc-open", "vnc-loopback", "vnc-password", "vnc-socket", "spice-open"]


class GuestNic(msgspec.Struct, frozen=True):
    """A network card: which network, which address the guest takes, what filters it."""

    network: str
    address: str
    filter: str | None = None


class Guest(msgspec.Struct, frozen=True):
    """A guest that boots, answers ping, echoes on port 7 and serves a page on port 80."""

    name: str
    host: str
    nics: tuple[GuestNic, ...]
    console: Console = "serial"
    memory_mib: int = 160


def guest_xml(guest: Guest) -> str:
    """The domain XML of a guest that boots the lab's kernel; every word in it is the lab's own."""
    addresses = ",".join(nic.address for nic in guest.nics)
    return f"""<domain type="qemu">
  <name>{guest.name}</name>
  <memory unit="MiB">{guest.memory_mib}</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch="x86_64" machine="pc">hvm</type>
    <kernel>{BOOT}/vmlinuz</kernel>
    <initrd>{BOOT}/initramfs</initrd>
    <cmdline>console=ttyS0 quiet lab.name={guest.name} lab.addresses={addresses}</cmdline>
  </os>
  <features><acpi/></features>
  <on_poweroff>destroy</on_poweroff>
  <devices>
    <disk type="file" device="disk">
      <driver name="qemu" type="raw"/>
      <source file="{IMAGES}/{guest.name}.img"/>
      <target dev="vda" bus="virtio"/>
    </disk>
    {"".join(_interface(nic) for nic in guest.nics)}
    <serial type="pty"/>
    {_graphics(guest)}
    <memballoon model="none"/>
  </devices>
</domain>
"""


def _interface(nic: GuestNic) -> str:
    source = f"""<source network="{nic.network}"/><model type="virtio"/>"""
    parameter = f"""<parameter name="IP" value="{nic.address.split("/")[0]}"/>"""
    filtered = f"""<filterref filter="{nic.filter}">{parameter}</filterref>""" if nic.filter else ""
    return f"""<interface type="network">{source}{filtered}</interface>"""


def _graphics(guest: Guest) -> str:
    match guest.console:
        case "serial":
            return ""
        case "vnc-open":
            return """<graphics type="vnc" port="-1" listen="0.0.0.0"/>"""
        case "vnc-loopback":
            return """<graphics type="vnc" port="-1" listen="127.0.0.1"/>"""
        case "vnc-password":
            return f"""<graphics type="vnc" port="-1" listen="0.0.0.0" passwd="{VNC_PASSWORD}"/>"""
        case "vnc-socket":
            socket = f"/var/lib/libvirt/qemu/{guest.name}-vnc.sock"
            return f"""<graphics type="vnc"><listen type="socket" socket="{socket}"/></graphics>"""
        case "spice-open":
            return """<graphics type="spice" autoport="yes" listen="0.0.0.0"/>"""
