"""The image is booted once, its machines are started, and that moment is what is kept."""

import shutil
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
            _forget_others(image)
    return image


def _forget_others(image: SelinuxImage) -> None:
    """An image of other parts is over a gigabyte that nobody will use again."""
    for directory in cache_directory().glob("selinux-*"):
        if directory != image.directory:
            shutil.rmtree(directory)


def _boot_once(image: SelinuxImage, directory: Path) -> None:
    """Define the machines, start them, and let libvirt find out what QEMU can do."""
    host = SelinuxHost(image, directory, preparing=True)
    host.boot()
    try:
        for name in NAMES:
            host.virsh(["define", f"/root/{name}.xml"])
        for name in STARTED:
            host.virsh(["start", name])
        host.wait_for_machines(STARTED)
        host.exec(["virsh", "domcapabilities"])
        host.save()
    finally:
        host.down()
