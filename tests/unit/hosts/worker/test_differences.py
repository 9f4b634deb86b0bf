"""Only what somebody changed is a difference, not what libvirt adds to a running machine."""

from tests.unit.hosts.worker.readings import devices, hardened, known, running

STORED = """<domain type='kvm'><name>m</name>
<os><type machine='pc-q35-7.2'>hvm</type></os><cpu mode='host-model' check='partial'/>
<devices><disk type='file'><source file='/a'/><target dev='vda'/></disk>
<interface type='network'><mac address='52:54:00:00:00:01'/><source network='n'/></interface>
<graphics type='vnc' port='-1' autoport='yes'/><serial type='pty'/>
<channel type='unix'><target name='org.qemu.guest_agent.0'/></channel></devices>
<seclabel type='dynamic' model='selinux' relabel='yes'/></domain>"""

LIVE = """<domain type='kvm' id='4'><name>m</name>
<resource><partition>/machine</partition></resource>
<os><type machine='pc-q35-7.2'>hvm</type></os>
<cpu mode='custom' check='full'><model>EPYC</model><feature name='x' policy='require'/></cpu>
<devices><disk type='file'><source file='/a' index='2'/><backingStore/>
<target dev='vda'/><alias name='d0'/></disk>
<interface type='network'><mac address='52:54:00:00:00:01'/>
<source network='n' portid='p' bridge='virbr0'/>
<target dev='vnet3'/><alias name='net0'/><address type='pci' slot='0x03'/></interface>
<graphics type='vnc' port='5900' autoport='yes'/>
<serial type='pty'><source path='/dev/pts/1'/><alias name='s0'/></serial>
<channel type='unix'><source mode='bind' path='/run/a'/>
<target name='org.qemu.guest_agent.0' state='connected'/></channel>
</devices>
<seclabel type='dynamic' model='selinux' relabel='yes'>
<label>a:b:svirt_t:s0:c1,c2</label></seclabel>
<seclabel type='dynamic' model='dac' relabel='yes'><label>+1:+1</label></seclabel></domain>"""


def differing(live: str, stored: str = STORED) -> list[tuple[str, str, str]]:
    found = known(running(live, stored).differences)
    return [(difference.path, difference.live, difference.stored) for difference in found]


def test_what_libvirt_adds_at_start_is_none() -> None:
    assert differing(LIVE) == []


def test_the_same_document_has_none() -> None:
    assert hardened().differences == ()


def test_a_changed_filter_is_one() -> None:
    live = LIVE.replace("<target dev='vnet3'/>", "<target dev='vnet3'/><filterref filter='f'/>")
    path = "devices/interface[52:54:00:00:00:01]/filterref.filter"

    assert differing(live) == [(path, "f", "")]


def test_a_device_on_one_side_is_one_difference() -> None:
    added = "<hostdev type='usb'><source><vendor id='0x1'/></source></hostdev></devices>"
    live = LIVE.replace("</devices>", added)

    assert differing(live) == [("devices/hostdev[usb]", "present", "")]


def test_a_link_that_is_down_on_one_side() -> None:
    live = LIVE.replace("<alias name='net0'/>", "<link state='down'/>")

    assert differing(live) == [("devices/interface[52:54:00:00:00:01]/link.state", "down", "")]


def test_a_label_switched_off_for_the_next_start() -> None:
    stored = STORED.replace(
        "type='dynamic' model='selinux' relabel='yes'", "type='none' model='selinux'"
    )

    assert ("seclabel[selinux]/type", "dynamic", "none") in differing(LIVE, stored)


def test_another_disk_inserted_live() -> None:
    live = LIVE.replace("file='/a'", "file='/b'")

    assert differing(live) == [("devices/disk[vda]/source.file", "/b", "/a")]


def test_a_hostile_number_of_differences_is_bounded() -> None:
    many = "".join(f"<disk type='file'><target dev='v{i}'/></disk>" for i in range(500))

    assert len(differing(devices(many), devices(""))) == 64
