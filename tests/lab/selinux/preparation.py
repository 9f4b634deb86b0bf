"""The image is booted once before it is kept: each later boot then finds its machines running."""

import tempfile
from pathlib import Path

from tests.lab.cache import cache_directory, only_builder
from tests.lab.selinux.host import SelinuxHost
from tests.lab.selinux.image import SelinuxImage, build_root, image_location
from tests.lab.selinux.machines import NAMES, STARTED


def selinux_image() -> SelinuxImage:
    """The cached image, built first if it is not there (some minutes)."""
    with only_builder("selinux"):
        image = image_location()
        if not image.directory.exists():
            with tempfile.TemporaryDirectory(dir=cache_directory()) as work:
                result = Path(work, "result")
                result.mkdir(mode=0o700)
                build_root(SelinuxImage(result), result)
                _boot_once(SelinuxImage(result), Path(work, "boot"))
                result.rename(image.directory)
    return image


def _boot_once(image: SelinuxImage, directory: Path) -> None:
    """Define the machines, start them, and let libvirt find out what QEMU can do."""
    host = SelinuxHost(image, directory, keep_writes=True)
    host.boot()
    try:
        for name in NAMES:
            host.virsh(["define", f"/root/{name}.xml"])
        for name in STARTED:
            host.virsh(["start", name])
            host.virsh(["autostart", name])
        host.wait_for_machines(STARTED)
        host.exec(["virsh", "domcapabilities"])
        host.power_off()
    finally:
        host.down()
