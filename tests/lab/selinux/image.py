"""The SELinux host's disk: built once in minutes, then kept and only ever read."""

import re
import shutil
from pathlib import Path

import msgspec

from tests.lab.cache import cache_directory, cache_key
from tests.lab.commands import run
from tests.lab.pki import CertificateAuthority
from tests.lab.selinux import contents, machines

SUITE = "bookworm"
DISK_SIZE = "3G"
BUILD = "3"  # raised when what is built from the same parts changes


class SelinuxImage(msgspec.Struct, frozen=True):
    """Everything about the SELinux host that outlives a run."""

    directory: Path

    @property
    def disk(self) -> Path:
        return self.directory / "disk.raw"

    @property
    def kernel(self) -> Path:
        return self.directory / "vmlinuz"

    @property
    def initramfs(self) -> Path:
        return self.directory / "initrd"

    @property
    def state(self) -> Path:
        """Memory and devices of the machine at the moment it was ready."""
        return self.directory / "state"

    @property
    def ssh_key(self) -> Path:
        return self.directory / "id_ed25519"

    @property
    def host_key(self) -> Path:
        return self.directory / "ssh_host_ed25519_key.pub"

    @property
    def pki_dir(self) -> Path:
        return self.directory / "pki"


def image_location() -> SelinuxImage:
    """Where the image is, or will be once it is built."""
    emulator = run(["qemu-system-x86_64", "--version"]).stdout
    parts = (SUITE, BUILD, emulator, *contents.PACKAGES, contents.POLICY_MODULE)
    machine_parts = (machines.machine_xml(name) for name in machines.NAMES)
    return SelinuxImage(cache_directory() / f"selinux-{cache_key(*parts, *machine_parts)}")


def build_root(image: SelinuxImage, work: Path) -> None:
    """Fill `work` with a disk that boots, and the keys to it."""
    root = work / "root"
    packages = cache_directory() / "packages"
    packages.mkdir(exist_ok=True)
    run(
        [
            *("debootstrap", "--variant=minbase", f"--cache-dir={packages}"),
            *(f"--include={','.join(contents.PACKAGES)}", SUITE, str(root), mirror()),
        ],
        timeout_seconds=1800,
    )
    fresh = SelinuxImage(work)
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "station", "-f", str(fresh.ssh_key)])
    authority = CertificateAuthority()
    authority.write_server(root / "etc/pki", ("127.0.0.1", "localhost", "selinux"))
    authority.write_client(fresh.pki_dir, "station")
    contents.furnish(root, fresh.ssh_key.with_suffix(".pub").read_text())
    shutil.copy(root / "etc/ssh/ssh_host_ed25519_key.pub", fresh.host_key)
    shutil.copy(next((root / "boot").glob("vmlinuz-*")), fresh.kernel)
    shutil.copy(next((root / "boot").glob("initrd.img-*")), fresh.initramfs)
    for archive in (root / "var/cache/apt/archives").glob("*.deb"):
        archive.unlink()
    _write_disk(root, fresh.disk)
    shutil.rmtree(root)


def _write_disk(root: Path, disk: Path) -> None:
    contexts = root / "etc/selinux/default/contexts/files/file_contexts"
    run(["setfiles", "-F", "-r", str(root), str(contexts), str(root)], timeout_seconds=300)
    make = ["mke2fs", "-q", "-t", "ext4", "-d", str(root), str(disk), DISK_SIZE]
    run(make, timeout_seconds=600)


def mirror() -> str:
    """Where this machine itself gets the suite from; nothing else is asked."""
    form = "$(REPO_URI) $(CODENAME) $(COMPONENT)"
    targets = run(["apt-get", "indextargets", "--format", form, "Created-By: Packages"]).stdout
    found = re.search(rf"^(\S+) {SUITE} main$", targets, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"apt on this machine has no source for {SUITE} main")
    return found[1]
