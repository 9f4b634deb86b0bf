"""Evidence of a real guest: taken, sealed, fetched; checked with plain tools; readable."""

import json
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lab.evidence_keys import Vault
from tests.lab.guests.kernel import guest_kernel
from tests.lab.hosts.lab import Lab
from tests.lab.stations import ringfence

TARGET = "h1/g1"
MIB = 1024 * 1024
PLAIN_KINDS = "memory,disks,network,packets,screenshot,xml,snapshots,rules,logs"

pytestmark = pytest.mark.timeout(900)  # a busy machine scans 160 MiB of memory for minutes


def hold(lab: Lab, home: Path, target: str = TARGET) -> None:
    lab.start_guest(target.partition("/")[2])
    words = ["--reason", "evidence", "--mode", "freeze", "--yes"]
    cut = ringfence(home, "quarantine", target, *words)
    assert cut.returncode in (0, 4), cut.stdout + cut.stderr


def release(home: Path, target: str = TARGET) -> None:
    ringfence(home, "release", target, "--reason", "done", "--yes")


def collected(home: Path, *words: str, target: str = TARGET) -> tuple[int, Path, str]:
    done = ringfence(home, "case", "collect", target, "--yes", *words)
    found = [path.parent for path in (home / "state/cases").glob("*/*/case.pem")]
    folder = max(found, key=lambda path: path.name) if found else home
    return done.returncode, folder, done.stdout + done.stderr


def test_memory_and_disk_are_checked_by_plain_tools_and_read_by_volatility(
    lab: Lab, home: Path, vault: Vault, tmp_path: Path
) -> None:
    lab.wait_until_answers("g1")
    hold(lab, home)
    try:
        words = ["--evidence", PLAIN_KINDS, "--passphrase-file", str(vault.secret)]
        code, folder, said = collected(home, *words)
        assert code == 0, said
        good = ringfence(home, "case", "verify", folder.parent.name[-8:])  # as a page says it
        assert good.returncode == 0, good.stdout + good.stderr
        assert not lab.hosts["h1"].path("/var/lib/ringfence/evidence").exists() or not [
            *lab.hosts["h1"].path("/var/lib/ringfence/evidence").iterdir()
        ]
    finally:
        release(home)
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    shutil.rmtree(home)  # nothing of this station is left
    checked_by_plain_tools(copy)
    image = opened(copy, "memory.elf", vault, tmp_path)
    assert image.read_bytes()[:4] == b"\x7fELF"
    assert kernel_release(guest_kernel().kernel) in banners(image)
    disk = opened(copy, "disk-vda.qcow2", vault, tmp_path)
    raw = tmp_path / "vda.raw"
    run("qemu-img", "convert", "-O", "raw", str(disk), str(raw))
    original = lab.hosts["h1"].path("/var/lib/libvirt/images/g1.img")
    assert raw.read_bytes() == original.read_bytes()


def checked_by_plain_tools(copy: Path) -> None:
    run("sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS", cwd=copy)
    for name, signature, key in (
        ("manifest.json", "manifest.sig", "evidence.pub.pem"),
        ("custody.jsonl", "custody.sig", "custody.pub.pem"),
    ):
        words = ["-verify", "-rawin", "-pubin", "-inkey", key, "-sigfile", signature, "-in", name]
        run("openssl", "pkeyutl", *words, cwd=copy)


def opened(copy: Path, name: str, vault: Vault, tmp_path: Path) -> Path:
    """The recipe of docs/check-a-case.md: part by part, then the hash of the whole."""
    item = next(item for item in manifest_of(copy)["items"] if item["name"] == name)
    target = tmp_path / name
    with target.open("wb") as out:
        for part in sorted(copy.glob(f"{name}.*.cms")):
            words = ["-decrypt", "-binary", "-inform", "DER", "-in", str(part)]
            opening = ["-inkey", str(vault.opener), "-passin", f"file:{vault.secret}"]
            out.write(run("openssl", "cms", *words, *opening))
    assert run("sha256sum", str(target)).split()[0].decode() == item["sha256"]
    return target


def banners(image: Path) -> str:
    layer = ["--offline", "--stackers", "Elf64Stacker"]  # no search for the guest's page tables
    words = ["-q", *layer, "-f", str(image), "banners.Banners"]
    vol = Path(sys.executable).parent / "vol"
    return run(str(vol), *words).decode("utf-8", "replace")


def kernel_release(kernel: Path) -> str:
    """What a bzImage says of itself in its head."""
    body = kernel.read_bytes()
    (place,) = struct.unpack_from("<H", body, 0x20E)
    return body[0x200 + place :].split(b"\0", 1)[0].decode().split()[0]


def run(*words: str, cwd: Path | None = None) -> bytes:
    done = subprocess.run(words, cwd=cwd, capture_output=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout


def test_a_host_without_room_keeps_the_rest_and_a_saved_machine_comes_as_it_lies(
    lab: Lab, home: Path, vault: Vault, tmp_path: Path
) -> None:
    """The rules come; the disk does not fit, and nothing of it is begun. Then the machine is
    put to sleep, and nothing needs to be copied on its host."""
    host = lab.hosts["h1"]
    host.virsh(["destroy", "g1"], check=False)
    image = host.path("/var/lib/libvirt/images/g1.img")
    size = image.stat().st_size
    with image.open("r+b") as disk:
        for _ in range(32):
            disk.write(os.urandom(MIB))
    secret = ["--passphrase-file", str(vault.secret)]
    try:
        hold(lab, home)
        place = "/var/lib/ringfence/evidence"
        host.exec(["mkdir", "-p", place])
        host.exec(["mount", "-t", "tmpfs", "-o", "size=24m,mode=0711", "tmpfs", place])
        try:
            code, folder, said = collected(home, "--evidence", "disks,rules", *secret)
            assert host.exec(["find", place, "-type", "f"]).stdout == ""
        finally:
            host.exec(["umount", "-l", place], check=False)
        assert code == 4, said
        assert manifest_of(folder)["missing"] == ["disks: evidence-no-room"]
        assert {item["kind"] for item in manifest_of(folder)["items"]} == {"rules", "host"}
        assert not [*folder.glob("*.partial")]
        checked_by_plain_tools(folder)
        host.virsh(["managedsave", "g1"])
        code, folder, said = collected(home, "--evidence", "memory,disks,xml", *secret)
        assert code == 0, said
        assert manifest_of(folder)["missing"] == []
        assert set(manifest_of(folder)["deleted"]) == {"host"}
        assert "saved.xml" in {item["name"] for item in manifest_of(folder)["items"]}
        saved = opened(folder, "memory.save", vault, tmp_path).read_bytes()
        assert saved == host.path("/var/lib/libvirt/qemu/save/g1.save").read_bytes()
        copied = opened(folder, "disk-vda.0.img", vault, tmp_path)
        assert copied.read_bytes() == image.read_bytes()
    finally:
        release(home)
        host.virsh(["managedsave-remove", "g1"], check=False)
        host.virsh(["destroy", "g1"], check=False)
        os.truncate(image, size)


def manifest_of(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return manifest
