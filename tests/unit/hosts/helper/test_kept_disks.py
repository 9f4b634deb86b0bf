"""Who deletes the image of a held machine takes a name away, and not what is in it."""

import os
import struct
from pathlib import Path

import pytest

from core.hosts.helper.on_host import evidence_disks
from core.hosts.helper.on_host.disks_held import look_after_disks
from core.hosts.helper.on_host.holds import hold_events, hold_file, hold_seen
from core.hosts.helper.on_host.images import deleted_images
from core.hosts.helper.on_host.kept_disks import BESIDE, index_file, let_go
from core.hosts.helper.on_host.places import Places, places_below

UUID = "6695eb01-f6a4-8304-79aa-97f2502e1930"
DOMAIN = """<domain><uuid>{uuid}</uuid><devices>{disks}</devices></domain>"""
DISK = (
    """<disk device="disk"><driver type="raw"/><source {source}/><target dev="{target}"/></disk>"""
)
EVIDENCE = b"what the guest wrote"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """A held machine with one image; libvirt's configuration says which."""
    places = places_below(tmp_path)
    places.holds.mkdir(parents=True)
    hold_file(places, UUID).write_text("{}")
    for name in ("qemu", "storage", "images"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(evidence_disks, "CONFIG_PLACE", str(tmp_path / "qemu"))
    monkeypatch.setattr(evidence_disks, "STORAGE_PLACE", str(tmp_path / "storage"))
    image(tmp_path).write_bytes(EVIDENCE)
    define(tmp_path, f'file="{image(tmp_path)}"')
    return places


def image(root: Path) -> Path:
    return root / "images/g.img"


def define(root: Path, *sources: str) -> None:
    disks = (DISK.format(source=each, target=f"vd{'abcde'[n]}") for n, each in enumerate(sources))
    (root / "qemu/g.xml").write_text(DOMAIN.format(uuid=UUID, disks="".join(disks)))


def told(here: Places) -> list[tuple[str, str]]:
    return [(each["what"], each["detail"]) for each in hold_events(here, UUID)]


def whys(here: Places) -> dict[str, str]:
    return {each["path"]: each["why"] for each in hold_seen(here, UUID)["disks"]}


def test_a_deleted_image_gets_its_name_back_and_it_is_told(tmp_path: Path, here: Places) -> None:
    look_after_disks(UUID, here)
    assert whys(here) == {str(image(tmp_path)): ""} and told(here) == []
    for _ in range(2):
        image(tmp_path).unlink()
        look_after_disks(UUID, here, anew=False)
        assert image(tmp_path).read_bytes() == EVIDENCE
    assert told(here) == [("disk-back", str(image(tmp_path)))] * 2


def test_a_release_gives_the_name_back_and_leaves_no_trace(tmp_path: Path, here: Places) -> None:
    look_after_disks(UUID, here)
    image(tmp_path).unlink()
    assert let_go(here, UUID) == []
    assert image(tmp_path).read_bytes() == EVIDENCE
    assert image(tmp_path).stat().st_nlink == 1 and not here.kept.exists()


def test_an_image_that_was_replaced_is_told_once_and_lies_beside_after_a_release(
    tmp_path: Path, here: Places
) -> None:
    look_after_disks(UUID, here)
    image(tmp_path).rename(tmp_path / "away")
    (tmp_path / "away").unlink()
    image(tmp_path).write_bytes(b"another")
    for _ in range(2):
        look_after_disks(UUID, here)
    assert told(here) == [("disk-replaced", str(image(tmp_path)))]
    beside = f"{image(tmp_path)}.held-{UUID[:8]}"
    assert let_go(here, UUID) == [beside]
    assert Path(beside).read_bytes() == EVIDENCE and image(tmp_path).read_bytes() == b"another"
    assert not here.kept.exists()


def test_what_cannot_be_put_back_stays_and_is_named(tmp_path: Path, here: Places) -> None:
    look_after_disks(UUID, here)
    image(tmp_path).unlink()
    (tmp_path / "images").rmdir()
    for _ in range(2):
        look_after_disks(UUID, here)
    assert told(here) == [("disk-gone", str(image(tmp_path)))]
    assert whys(here) == {str(image(tmp_path)): "disk-gone"}
    [left] = let_go(here, UUID)
    assert Path(left).read_bytes() == EVIDENCE and index_file(here, UUID).exists()


def test_no_name_is_put_where_a_link_leads(tmp_path: Path, here: Places) -> None:
    """Whoever owns the directory of images may not lead us elsewhere."""
    look_after_disks(UUID, here)
    image(tmp_path).unlink()
    (tmp_path / "images").rmdir()
    (tmp_path / "cron.d").mkdir()
    (tmp_path / "images").symlink_to(tmp_path / "cron.d")
    look_after_disks(UUID, here)
    assert list((tmp_path / "cron.d").iterdir()) == []
    assert told(here) == [("disk-gone", str(image(tmp_path)))]


def test_a_second_name_that_was_taken_away_is_given_again(tmp_path: Path, here: Places) -> None:
    look_after_disks(UUID, here)
    for name in (here.kept / UUID).iterdir():
        name.unlink()
    look_after_disks(UUID, here, anew=False)
    assert image(tmp_path).stat().st_nlink == 2 and told(here) == []


def test_what_is_no_file_is_named(tmp_path: Path, here: Places) -> None:
    (tmp_path / "images/a.img").write_bytes(b"")
    (tmp_path / "storage/p.xml").write_text(
        f"<pool><name>p</name><target><path>{tmp_path}/images</path></target></pool>"
    )
    define(
        tmp_path,
        'protocol="rbd" name="x/y"',
        'pool="p" volume="a.img"',
        'pool="p" volume="../a.img"',
        'dev="/dev/null"',
        f'file="{tmp_path}/images/gone.img"',
    )
    look_after_disks(UUID, here)
    assert whys(here) == {
        f"{tmp_path}/images/a.img": "",
        "vda": "no file on this host",
        "vdc": "no file on this host",
        "/dev/null": "no file",
        f"{tmp_path}/images/gone.img": "No such file or directory",
    }


@pytest.mark.skipif(
    not os.access("/dev/shm", os.W_OK)
    or Path("/dev/shm").stat().st_dev == Path("/tmp").stat().st_dev,
    reason="needs a second file system that may be written",
)
def test_on_another_file_system_the_second_name_lies_beside(
    tmp_path: Path, here: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Path("/dev/shm") / f"ringfence-{os.getpid()}"
    room.mkdir(mode=0o700)
    other = room / "g.img"
    try:
        other.write_bytes(EVIDENCE)
        define(tmp_path, f'file="{other}"')
        look_after_disks(UUID, here)
        assert (room / BESIDE / UUID).is_dir() and whys(here) == {str(other): ""}
        other.unlink()
        look_after_disks(UUID, here)
        assert other.read_bytes() == EVIDENCE
        assert let_go(here, UUID) == [] and list(room.iterdir()) == [other]
    finally:
        other.unlink(missing_ok=True)
        room.rmdir()


def test_nothing_is_kept_of_a_machine_that_is_not_held(tmp_path: Path, here: Places) -> None:
    hold_file(here, UUID).unlink()
    look_after_disks(UUID, here)
    assert image(tmp_path).stat().st_nlink == 1


def test_an_image_deleted_under_a_running_machine_is_told(tmp_path: Path, here: Places) -> None:
    """Where nothing is kept: on a host that was not prepared."""
    with image(tmp_path).open("r+b"), (tmp_path / "images/log").open("wb"):
        (tmp_path / "images/log").unlink()
        assert deleted_images(UUID, os.getpid()) == []
        image(tmp_path).unlink()
        assert deleted_images(UUID, os.getpid()) == [str(image(tmp_path))]
    assert deleted_images(UUID, 0) == [str(image(tmp_path))]


def test_an_image_cannot_make_us_keep_what_is_none(tmp_path: Path, here: Places) -> None:
    """A machine that broke out into its process writes its image's header."""
    (tmp_path / "etc/shadow").parent.mkdir(exist_ok=True)
    (tmp_path / "images/base.img").write_bytes(b"")
    names = {"top.img": tmp_path / "etc/shadow", "good.img": tmp_path / "images/base.img"}
    for name, below in names.items():
        below.write_bytes(b"x")
        (tmp_path / "images" / name).write_bytes(qcow2_above(str(below)))
    disks = [f'file="{tmp_path}/images/{name}"' for name in names]
    define(tmp_path, *disks)
    xml = (tmp_path / "qemu/g.xml").read_text().replace('type="raw"', 'type="qcow2"')
    (tmp_path / "qemu/g.xml").write_text(xml)
    look_after_disks(UUID, here)
    assert (tmp_path / "etc/shadow").stat().st_nlink == 1
    found = whys(here)
    assert found.pop(f"vda {tmp_path}/etc/shadow").startswith("in no pool")
    assert found == {
        f"{tmp_path}/images/{each}": "" for each in ("top.img", "good.img", "base.img")
    }


def qcow2_above(below: str) -> bytes:
    head = b"QFI\xfb" + struct.pack(">IQI", 3, 512, len(below)) + bytes(80) + struct.pack(">I", 104)
    return head.ljust(512, b"\0") + below.encode()
