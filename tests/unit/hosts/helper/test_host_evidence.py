"""Evidence on its host: what is accepted, how it is sealed, and that nothing is left."""

import io
import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.hosts.helper.on_host import evidence_disks, evidence_room
from core.hosts.helper.on_host.evidence_disks import backing_of, chain_of
from core.hosts.helper.on_host.evidence_items import collect_evidence, saved_memory
from core.hosts.helper.on_host.evidence_room import (
    begin_evidence,
    drop_evidence,
    evidence_name,
    make_room,
    read_evidence,
)
from core.hosts.helper.on_host.evidence_send import sent_file
from core.hosts.helper.on_host.places import Places
from core.hosts.helper.on_host.values import Refused
from core.keys.certificate import case_certificate
from core.keys.purposes import Purpose, make_key

UUID = "6695eb01-f6a4-8304-79aa-97f2502e1930"
OF = {
    "uuid": UUID,
    "case": "01a201c2-cd81-7161-a8e0-a5fd9388f133",
    "collection": "01a201c2-ff70-7b0d-abc6-40a6643704b6",
}


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The case key as openssl reads it, and its certificate."""
    made = make_key(Purpose.CASE)
    file = tmp_path_factory.mktemp("key") / "key.pem"
    file.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return file, case_certificate(made, datetime.now(UTC))


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: tuple[Path, str]) -> Path:
    """A collection that was begun, in a tree of this test's own."""
    monkeypatch.setattr(evidence_room, "HERE", Places(evidence=tmp_path / "evidence"))
    told = begin_evidence({**OF, "certificate": key[1]})
    assert told["free"] > 0 and told["openssl"].startswith("OpenSSL")
    return tmp_path / "evidence" / OF["case"] / OF["collection"]


def frames(stream: bytes) -> list[tuple[bytes, bytes]]:
    found: list[tuple[bytes, bytes]] = []
    while stream:
        size = int.from_bytes(stream[:4], "big")
        found.append((stream[4:5], stream[5 : 4 + size]))
        stream = stream[4 + size :]
    return found


def opened(stream: bytes, key: Path) -> tuple[bytes, int]:
    """What comes out when openssl opens every part, and how many there are."""
    plain, part, parts = b"", b"", 0
    for kind, body in frames(stream):
        if kind == b"D":
            part += body
            continue
        assert json.loads(body)["bytes"] == len(part)
        words = ["openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-inkey", str(key)]
        plain += subprocess.run(words, input=part, capture_output=True, check=True).stdout
        part, parts = b"", parts + 1
    return plain, parts


@pytest.mark.parametrize("size", [1, 700_000])
def test_openssl_opens_what_was_sealed(room: Path, key: tuple[Path, str], size: int) -> None:
    (room / "memory.elf").write_bytes(bytes(range(256)) * (size // 256) + b"x" * (size % 256))
    out = io.BytesIO()
    told = sent_file(room / "memory.elf", room / ".case.pem", out)
    plain, parts = opened(out.getvalue(), key[0])
    assert plain == (room / "memory.elf").read_bytes()
    assert (told["bytes"], told["parts"]) == (size, parts) == (size, 1)


@pytest.mark.parametrize("size", [200_000, 200_001, 400_000])
def test_a_large_file_goes_in_parts(
    room: Path, key: tuple[Path, str], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.hosts.helper.on_host.evidence_send.SEALED_PART_BYTES", 100_000)
    (room / "memory.elf").write_bytes(b"m" * size)
    out = io.BytesIO()
    told = sent_file(room / "memory.elf", room / ".case.pem", out)
    plain, parts = opened(out.getvalue(), key[0])
    assert plain == b"m" * size
    assert parts == told["parts"] == -(-size // 100_000)


def test_nothing_of_the_plain_file_is_in_the_stream(room: Path) -> None:
    (room / "memory.elf").write_bytes(b"the guest's secret" * 500)
    out = io.BytesIO()
    sent_file(room / "memory.elf", room / ".case.pem", out)
    assert b"the guest's secret" not in out.getvalue()


def test_what_libvirt_still_writes_has_no_name_yet(room: Path) -> None:
    (room / "memory.elf.partial").write_bytes(b"half")
    assert [file["name"] for file in read_evidence(OF)["files"]] == ["memory.elf.partial"]
    [file] = collect_evidence({**OF, "kind": "memory"})["files"]
    assert (file["name"], file["bytes"]) == ("memory.elf", 4)


def test_an_empty_file_is_told_and_not_sent(room: Path) -> None:
    (room / "memory.elf.partial").touch()
    told = collect_evidence({**OF, "kind": "memory"})
    assert told == {"files": [], "missing": ["memory.elf: empty"]}
    assert read_evidence(OF)["files"] == []


def test_a_dropped_collection_leaves_nothing(room: Path) -> None:
    (room / "memory.elf").write_bytes(b"x")
    assert drop_evidence({**OF, "name": "memory.elf"})["gone"] == ["memory.elf"]
    assert drop_evidence({**OF, "name": ""})["gone"] == []
    assert not room.parent.exists()
    assert drop_evidence({**OF, "name": ""})["gone"] == []


@pytest.mark.parametrize(
    "name", ["../etc/shadow", "memory.elf/../x", ".case.pem", ".machine", "disk-../a.img", ""]
)
def test_no_other_file_is_named(name: str) -> None:
    with pytest.raises(Refused):
        evidence_name(name)


@pytest.mark.parametrize("field", ["case", "collection", "uuid"])
@pytest.mark.parametrize("value", ["..", "/etc", "", None, 7, OF["case"].upper()])
def test_only_uuids_make_a_path(room: Path, field: str, value: object) -> None:
    with pytest.raises(Refused):
        read_evidence({**OF, field: value})


def test_what_libvirt_saved_is_read_where_it_lies_and_stays(
    room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_disks, "CONFIG_PLACE", str(tmp_path))
    (tmp_path / "g.xml").write_text(f"<domain><uuid>{UUID}</uuid><name>g1 书</name></domain>")
    assert saved_memory(UUID, room, tmp_path).missing == ("memory: libvirt has no saved one",)
    (tmp_path / "g1 书.save").write_bytes(b"LibvirtQemudSave")
    [(name, method)] = saved_memory(UUID, room, tmp_path).files
    assert name == evidence_name("memory.save") and "as it is" in method
    assert (room / name).read_bytes() == b"LibvirtQemudSave"
    drop_evidence({**OF, "name": name})
    assert (tmp_path / "g1 书.save").exists()


@pytest.mark.parametrize("name", ["../secret", ".hidden", "", "a/b"])
def test_no_name_leads_out_of_where_libvirt_saves(
    room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(evidence_disks, "CONFIG_PLACE", str(tmp_path))
    root = tmp_path / "save"
    (root / "a").mkdir(parents=True)
    for place in (
        tmp_path / "secret.save",
        root / ".hidden.save",
        root / ".save",
        root / "a/b.save",
    ):
        place.write_bytes(b"x")
    (tmp_path / "g.xml").write_text(f"<domain><uuid>{UUID}</uuid><name>{name}</name></domain>")
    assert saved_memory(UUID, room, root).files == ()


def test_another_machine_cannot_have_this_collection(room: Path) -> None:
    other = {**OF, "uuid": "00000000-0000-4000-8000-000000000001"}
    with pytest.raises(Refused):
        collect_evidence({**other, "kind": "memory"})


@pytest.mark.parametrize("wrong", ["", "x", "-----BEGIN CERTIFICATE-----\nrm -rf\n", 5])
def test_only_a_certificate_is_taken(room: Path, wrong: object) -> None:
    with pytest.raises(Refused):
        begin_evidence({**OF, "certificate": wrong})


def test_the_chain_of_a_stopped_machine_is_followed(tmp_path: Path) -> None:
    run_qemu_img(tmp_path, "create", "-q", "-f", "raw", "base.img", "1M")
    backing = ["-b", "base.img", "-F", "raw"]
    run_qemu_img(tmp_path, "create", "-q", "-f", "qcow2", *backing, "top.qcow2")
    top, base = tmp_path / "top.qcow2", tmp_path / "base.img"
    assert chain_of(str(top), "qcow2") == (top, base)
    assert backing_of(top) == ("base.img", "raw")


def test_a_raw_image_that_claims_to_be_qcow2_is_not_believed(tmp_path: Path) -> None:
    """Its first bytes belong to the guest, who could name any file of the host in them."""
    secret = tmp_path / "secret"
    secret.write_text("x")
    backing = ["-b", str(secret), "-F", "raw"]
    run_qemu_img(tmp_path, "create", "-q", "-f", "qcow2", *backing, "raw.img", "1M")
    assert chain_of(str(tmp_path / "raw.img"), "raw") == (tmp_path / "raw.img",)


def run_qemu_img(folder: Path, *words: str) -> None:
    subprocess.run(["qemu-img", *words], cwd=folder, check=True, capture_output=True)


def test_qemus_group_may_pass_and_list_nothing(tmp_path: Path) -> None:
    """QEMU writes disks itself and is not root on most hosts."""
    group = 12345 if os.geteuid() == 0 else os.getgid()
    room = tmp_path / "ringfence" / "evidence" / OF["case"] / OF["collection"]
    make_room(room, group)
    for folder in (room, room.parent):
        found = folder.stat()
        assert (found.st_mode & 0o777, found.st_gid) == (0o710, group)
    for folder in (room.parents[1], room.parents[2]):
        assert folder.stat().st_mode & 0o011 == 0o011
    assert room.parents[1].stat().st_mode & 0o066 == 0
