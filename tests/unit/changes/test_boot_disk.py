"""The boot disk of a stored configuration: found, replaced, and everything else left as it was."""

from core.changes.boot_disk import boot_disk, same_but_disk, with_boot_disk

STORED = """<domain type='kvm'>
  <name>web</name>
  <devices>
    <disk type='file' device='cdrom'>
      <source file='/iso/a.iso'/>
      <target dev='sda' bus='sata'/>
    </disk>
    <disk type='block' device='disk'>
      <driver name='qemu' type='raw' cache='none'/>
      <source dev='/dev/vg/data'/>
      <target dev='vdb' bus='virtio'/>
    </disk>
    <disk type='volume' device='disk'>
      <driver name='qemu' type='raw'/>
      <source pool='default' volume='web.img'/>
      <backingStore type='file'>
        <source file='/images/base.img'/>
      </backingStore>
      <target dev='vda' bus='virtio'/>
      <boot order='1'/>
    </disk>
  </devices>
</domain>
"""
PATH = "/images/it's & new.qcow2"


def test_the_boot_disk_is_first_in_the_boot_order() -> None:
    found = boot_disk(STORED)
    assert found is not None
    assert (found.target, found.source, found.encrypted) == ("vda", "default/web.img", False)
    without = boot_disk(STORED.replace("      <boot order='1'/>\n", ""))
    assert without is not None and without.source == "/dev/vg/data"


def test_a_machine_without_a_disk_has_none() -> None:
    assert boot_disk("<domain><devices/></domain>") is None


def test_an_encrypted_disk_is_said_to_be() -> None:
    text = STORED.replace("volume='web.img'/>", "volume='web.img'><encryption/></source>")
    found = boot_disk(text)
    assert found is not None and found.encrypted


def test_only_the_disk_is_replaced() -> None:
    new = with_boot_disk(STORED, "vda", PATH, "qcow2")
    assert same_but_disk(new, new, "vda", PATH)
    assert "<disk type='file' device='disk'>\n      <driver name='qemu' type='qcow2'/>" in new
    assert "web.img" not in new and "base.img" not in new and "/dev/vg/data" in new
    assert not same_but_disk(new, STORED, "vda", PATH)
    assert not same_but_disk(new, new.replace("web<", "other<"), "vda", PATH)


def test_a_volume_without_a_format_is_a_device() -> None:
    new = with_boot_disk(STORED, "vda", "/dev/vg/copy", "")
    assert "<disk type='block' device='disk'>\n      <driver name='qemu' type='raw'/>" in new
    assert "<source dev='/dev/vg/copy'/>" in new


def test_without_the_disk_the_text_stays() -> None:
    assert with_boot_disk(STORED, "vdz", PATH, "raw") == STORED
