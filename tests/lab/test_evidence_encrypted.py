"""An encrypted disk of a running guest: its copy has the same secret, and is nowhere plain."""

import base64
import os
from pathlib import Path
from uuid import uuid4

import pytest

from tests.lab.evidence_keys import Vault
from tests.lab.hosts.lab import Lab
from tests.lab.test_evidence import collected, hold, opened, release, run

PASSWORD = "of the disk"
SIZE = 8 * 1024 * 1024

pytestmark = pytest.mark.timeout(300)


def test_its_copy_opens_with_the_disks_own_secret_alone(
    lab: Lab, home: Path, vault: Vault, tmp_path: Path
) -> None:
    host, uuid = lab.hosts["h1"], str(uuid4())
    plain, place = tmp_path / "plain.img", "/var/lib/libvirt/images/sealed.luks"
    plain.write_bytes(os.urandom(SIZE))
    key = ["--object", f"secret,id=s,data={PASSWORD}"]
    making = ["-f", "raw", "-O", "luks", "-o", "key-secret=s,iter-time=10"]
    run("qemu-img", "convert", *key, *making, str(plain), str(host.path(place)))
    described = f"<secret ephemeral='yes'><uuid>{uuid}</uuid></secret>"
    disk = (
        f"<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{place}'>"
        f"<encryption format='luks'><secret type='passphrase' uuid='{uuid}'/></encryption>"
        "</source><target dev='vdz' bus='virtio'/></disk>"
    )
    for name, text in (("secret.xml", described), ("disk.xml", disk)):
        host.path(f"/root/{name}").write_text(text)
    host.virsh(["secret-define", "/root/secret.xml"])
    host.virsh(["secret-set-value", uuid, base64.b64encode(PASSWORD.encode()).decode()])
    lab.start_guest("g1")
    host.virsh(["attach-device", "g1", "/root/disk.xml", "--live"])
    try:
        hold(lab, home)
        words = ["--evidence", "disks", "--passphrase-file", str(vault.secret)]
        code, folder, said = collected(home, *words)
        assert code == 0, said
    finally:
        release(home)
        host.virsh(["destroy", "g1"], check=False)
        host.virsh(["secret-undefine", uuid], check=False)
        host.path(place).unlink()
    copy = opened(folder, "disk-vdz.qcow2", vault, tmp_path)
    source = f"driver=qcow2,encrypt.key-secret=s,file.filename={copy}"
    back = tmp_path / "back.img"
    run("qemu-img", "convert", *key, "--image-opts", "-O", "raw", source, str(back))
    assert back.read_bytes() == plain.read_bytes()
    assert plain.read_bytes()[:4096] not in copy.read_bytes()
