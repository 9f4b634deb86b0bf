"""Consoles, channels, media and the isolated network on a real machine: closed, and given back."""

import re
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.lab.hosts.host import Host
from tests.lab.hosts.lab import Lab
from tests.lab.stations import ringfence, ringfence_json

NAME, HOST = "sideways", "h1"
TARGET = f"{HOST}/{NAME}"
MAC = "52:54:00:5d:00:01"
PASSWORD = "sidepass"
NETWORK = """<network><name>ringfence-quarantine</name>
  <uuid>6f0e3c52-6a0e-4d5b-9b0e-52f1a7c0de01</uuid>
  <bridge name='rfq0' stp='off' delay='0'/><dns enable='no'/><port isolated='yes'/></network>"""
MACHINE = f"""<domain type="qemu"><name>{NAME}</name><memory unit="MiB">64</memory><vcpu>1</vcpu>
  <os><type arch="x86_64" machine="pc">hvm</type></os><features><acpi/></features>
  <devices>
    <disk type="file" device="cdrom"><driver name="qemu" type="raw"/>
      <source file="/var/lib/libvirt/images/side.iso"/><target dev="hdc" bus="ide"/></disk>
    <interface type="network"><mac address="{MAC}"/><source network="dmz"/>
      <model type="virtio"/></interface>
    <channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>
    <graphics type="vnc" port="-1" listen="127.0.0.1" passwd="{PASSWORD}"/>
    <memballoon model="none"/>
  </devices></domain>"""


@pytest.fixture
def host(lab: Lab) -> Generator[Host]:
    """h1 with one more machine, running nothing, and the network for held cards."""
    host = lab.hosts[HOST]
    host.virsh(["vol-create-as", "default", "side.iso", "1M", "--format", "raw"])
    place = host.path("/var/lib/libvirt/images/quarantine.xml")
    place.write_text(NETWORK)
    host.virsh(["net-define", "/var/lib/libvirt/images/quarantine.xml"])
    host.virsh(["net-start", "ringfence-quarantine"])
    host.virsh(["net-autostart", "ringfence-quarantine"])
    host.define(MACHINE)
    host.virsh(["start", NAME])
    yield host
    for words in (["destroy", NAME], ["undefine", NAME], ["vol-delete", "side.iso", "default"]):
        host.virsh(words, check=False)
    for word in ("net-destroy", "net-undefine"):
        host.virsh([word, "ringfence-quarantine"], check=False)
    place.unlink()


def live(host: Host) -> str:
    return host.virsh(["dumpxml", NAME, "--security-info"])


def act(home: Path, *words: str) -> str:
    done = ringfence(home, words[0], TARGET, *words[1:], "--reason", "test", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def master(host: Host) -> str:
    [tap] = re.findall(r"vnet\d+", host.virsh(["domiflist", NAME]))
    return host.exec(["readlink", f"/sys/class/net/{tap}/master"]).stdout.strip().rpartition("/")[2]


def test_side_ways_are_closed_and_given_back(host: Host, home: Path) -> None:
    before, bridge = live(host), master(host)
    act(home, "quarantine", "--mode", "strict")
    held = live(host)
    assert PASSWORD not in held, "the console opens with its old password"
    assert "<channel" not in held and "side.iso" not in held
    assert master(host) == "rfq0", "the kernel has the card elsewhere"
    assert ringfence_json(home, "machine", TARGET)["machine"]["quarantine"]["state"] == "contained"

    host.virsh(["domif-setlink", NAME, MAC, "up"])
    act(home, "release")
    after = live(host)
    assert f"passwd='{PASSWORD}'" in after and "side.iso" in after
    assert "<link state='down'" not in after
    assert "org.qemu.guest_agent.0" in after and master(host) == bridge
    assert before.count("<alias") == after.count("<alias")


def test_a_freeze_holds_channels_by_standing_still(host: Host, home: Path) -> None:
    act(home, "quarantine", "--mode", "freeze")
    held = live(host)
    assert PASSWORD not in held and "<channel" in held and "side.iso" in held
    assert host.state(NAME) == "paused"
    act(home, "release")
    assert f"passwd='{PASSWORD}'" in live(host) and host.state(NAME) == "running"
