"""The guests' kernel and initramfs: the distribution's cloud kernel, downloaded, not installed."""

import lzma
import platform
import re
import shutil
import tempfile
from pathlib import Path

import msgspec

from tests.lab.cache import cache_directory, cache_key, only_builder
from tests.lab.commands import SYSTEM_PATH, run
from tests.lab.guests.initramfs import INIT, build_initramfs

META_PACKAGES = ("linux-image-cloud-amd64", "linux-image-virtual")  # Debian, Ubuntu
BUILD = "2"  # raised when what is built from the same parts changes
WANTED_MODULES = ("virtio_pci", "virtio_net")


class GuestKernel(msgspec.Struct, frozen=True):
    """The two files a guest boots from."""

    kernel: Path
    initramfs: Path


def guest_kernel() -> GuestKernel:
    """The cached kernel and initramfs, built first if they are not there."""
    with only_builder("guest-kernel"):
        busybox = Path(shutil.which("busybox", path=SYSTEM_PATH) or "/bin/busybox").read_bytes()
        # Not by the kernel's version: a kept kernel must do when apt reaches nobody.
        key = cache_key(platform.freedesktop_os_release()["ID"], *WANTED_MODULES, INIT, BUILD)
        home = cache_directory() / f"guest-kernel-{key}"
        if not home.exists():
            with tempfile.TemporaryDirectory(dir=cache_directory()) as work:
                _build(Path(work), busybox)
                Path(work, "result").rename(home)
    return GuestKernel(home / "vmlinuz", home / "initramfs")


def _kernel_packages() -> list[str]:
    """The packages that hold the kernel and its modules."""
    known = run(["apt-cache", "depends", "--recurse", *_NARROW, _meta_package()]).stdout
    names = re.findall(r"^(linux-(?:image|modules)(?:-unsigned)?-\d\S*)$", known, re.MULTILINE)
    return sorted(set(names))


_NARROW = (
    "--no-recommends",
    "--no-suggests",
    "--no-conflicts",
    "--no-breaks",
    "--no-replaces",
    "--no-enhances",
)


def _meta_package() -> str:
    for name in META_PACKAGES:
        if _candidate(name):
            return name
    raise RuntimeError(f"apt knows none of {' '.join(META_PACKAGES)} (try: apt-get update)")


def _candidate(package: str) -> str:
    policy = run(["apt-cache", "policy", package]).stdout
    found = re.search(r"Candidate: (\S+)", policy)
    return found[1] if found and found[1] != "(none)" else ""


def _build(work: Path, busybox: bytes) -> None:
    work.chmod(0o755)
    script = 'cd "$1" && shift && exec apt-get -q download "$@"'
    run(["sh", "-c", script, "sh", str(work), *_kernel_packages()], timeout_seconds=600)
    for archive in work.glob("*.deb"):
        run(["dpkg-deb", "-x", str(archive), str(work / "root")])
    result = work / "result"
    result.mkdir()
    kernel = next((work / "root/boot").glob("vmlinuz-*"))
    shutil.copy(kernel, result / "vmlinuz")
    modules = _modules(work / "root/lib/modules" / kernel.name.removeprefix("vmlinuz-"))
    (result / "initramfs").write_bytes(build_initramfs(busybox, modules))


def _modules(tree: Path) -> dict[str, bytes]:
    """The wanted modules and all they need, each after what it needs; built-in ones are absent."""
    paths = {path.name.split(".")[0].replace("-", "_"): path for path in tree.rglob("*.ko*")}
    ordered: dict[str, bytes] = {}

    def add(name: str) -> None:
        if name not in paths or f"{name}.ko" in ordered:
            return
        blob = _unpacked(paths[name])
        for needed in _needed_by(blob):
            add(needed)
        ordered[f"{name}.ko"] = blob

    for wanted in WANTED_MODULES:
        add(wanted)
    return ordered


def _needed_by(module: bytes) -> list[str]:
    found = re.search(rb"\0depends=([^\0]*)\0", module)
    return (
        [name.replace("-", "_") for name in found[1].decode().split(",") if name] if found else []
    )


def _unpacked(path: Path) -> bytes:
    blob = path.read_bytes()
    return lzma.decompress(blob) if path.suffix == ".xz" else blob
