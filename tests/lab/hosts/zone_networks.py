"""The virtual networks of a lab host, one a zone, and its storage pool."""

from pathlib import Path
from uuid import uuid4

NETWORKS = {
    "dmz": """<forward mode="nat"/><bridge name="virbr-dmz"/>
  <ip address="192.168.50.1" netmask="255.255.255.0"/>""",
    "internal": """<bridge name="virbr-internal"/>
  <ip address="192.168.60.1" netmask="255.255.255.0"/>""",
    "vault": """<bridge name="virbr-vault"/><port isolated="yes"/>
  <ip address="192.168.70.1" netmask="255.255.255.0"/>""",
    "lan": """<forward mode="bridge"/><bridge name="br0"/>""",
}

POOL = """<pool type="dir">
  <name>default</name>
  <target><path>/var/lib/libvirt/images</path></target>
</pool>
"""


def write_networks(etc: Path) -> None:
    """Put the networks where libvirtd finds them at its start, and nothing else with them."""
    for name, body in NETWORKS.items():
        xml = f"<network>\n  <name>{name}</name>\n  <uuid>{uuid4()}</uuid>\n  {body}\n</network>\n"
        _write_autostarted(etc, "libvirt/qemu/networks", name, xml)


def write_pool(etc: Path) -> None:
    """Put the one storage pool where libvirtd finds it at its start."""
    _write_autostarted(etc, "libvirt/storage", "default", POOL)


def _write_autostarted(etc: Path, place: str, name: str, xml: str) -> None:
    autostart = etc / place / "autostart"
    autostart.mkdir(parents=True, exist_ok=True)
    (etc / place / f"{name}.xml").write_text(xml)
    (autostart / f"{name}.xml").symlink_to(f"/etc/{place}/{name}.xml")
