"""Evidence of a host that is reached over TLS alone: through its storage pool, or named as not had.

One guest, held once: a pool that may not be written, then a whole one, then the disk of the machine
put to sleep.
"""

import os
from pathlib import Path

import pytest

from tests.lab.evidence_keys import Vault
from tests.lab.hosts.lab import Lab
from tests.lab.stations import ringfence
from tests.lab.test_evidence import (
    checked_by_plain_tools,
    collected,
    hold,
    manifest_of,
    opened,
    release,
    run,
)

TARGET = "h3/g6"
IMAGES = "/var/lib/libvirt/images"
REFUSED = "cannot be had here: evidence-refused-there"

pytestmark = pytest.mark.timeout(600)


def test_memory_and_disks_come_through_the_pool_or_are_named(
    lab: Lab, home: Path, vault: Vault, tmp_path: Path
) -> None:
    host, image = lab.hosts["h3"], lab.hosts["h3"].path(f"{IMAGES}/g6.img")
    host.virsh(["destroy", "g6"], check=False)
    with image.open("r+b") as disk:
        disk.write(os.urandom(1024 * 1024))
    before = sorted(file.name for file in image.parent.iterdir())
    hold(lab, home, TARGET)
    words = ["--passphrase-file", str(vault.secret), "--evidence"]
    try:
        host.exec(["mount", "-o", "bind,ro", IMAGES, IMAGES])
        try:
            code, refused, said = collected(home, *words, "memory,disks", target=TARGET)
        finally:
            host.exec(["umount", IMAGES])
        assert code == 4, said
        assert manifest_of(refused)["missing"] == [f"memory: {REFUSED}", f"disks: {REFUSED}"]
        code, folder, said = collected(home, *words, "memory,disks,network,xml", target=TARGET)
        assert code == 0, said
        assert "storage pool default" in said and "not before they leave the host" in said
        host.virsh(["managedsave", "g6"])
        code, stopped, said = collected(home, *words, "memory,disks", target=TARGET)
        assert code == 0, said
        assert manifest_of(stopped)["missing"] == ["memory: cannot be had here: saved-no-shell"]
        assert sorted(file.name for file in image.parent.iterdir()) == before
    finally:
        release(home, TARGET)
        host.virsh(["managedsave-remove", "g6"], check=False)
    checked(home, vault, folder, tmp_path, image)
    lying = opened(stopped, "disk-vda.0.img", vault, tmp_path)
    assert lying.read_bytes() == image.read_bytes()


def checked(home: Path, vault: Vault, folder: Path, tmp_path: Path, image: Path) -> None:
    """By the recipe of docs/check-a-case.md, after our own check."""
    good = ringfence(home, "case", "verify", str(folder))
    assert good.returncode == 0, good.stdout + good.stderr
    checked_by_plain_tools(folder)
    manifest = manifest_of(folder)
    assert manifest["missing"] == ["network: cannot be had here: no-shell"]
    assert set(manifest["deleted"]) == {"memory", "disks"}
    memory = next(item for item in manifest["items"] if item["kind"] == "memory")
    assert "hashed and encrypted by the station" in memory["flags"][-1]
    body = opened(folder, "memory.elf", vault, tmp_path).read_bytes()
    assert body[:4] == b"\x7fELF" and b"SeaBIOS" in body
    copy, raw = opened(folder, "disk-vda.qcow2", vault, tmp_path), tmp_path / "vda.raw"
    run("qemu-img", "convert", "-O", "raw", str(copy), str(raw))
    assert raw.read_bytes() == image.read_bytes()
