"""What a host sends of evidence gets its name here only when both sides hashed the same."""

import hashlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.hosts.helper.evidence import EvidenceFetched, FetchEvidence
from core.hosts.protocol import Failure
from core.hosts.ssh.bulk_channel import BulkChannel
from core.hosts.ssh.protocol import HelperAnswer

UUID = "6695eb01-f6a4-8304-79aa-97f2502e1930"
HELLO: dict[str, object] = {
    "number": 0,
    "version": 1,
    "kernel": "6",
    "root": True,
    "nft": "nftables",
}
Host = Callable[[socket.socket], None]


class OneHost:
    """A wire to a host that does what a test says, after the greeting."""

    carrier = "test"

    def __init__(self, behave: Host) -> None:
        self._behave = behave

    def join(self, near: socket.socket, command: str) -> str:
        with near, near.makefile("rb") as inward:
            inward.read(int(inward.readline()))
            inward.read(int.from_bytes(inward.read(4), "big"))
            answer(near, HELLO)
            inward.read(int.from_bytes(inward.read(4), "big"))
            self._behave(near)
        return ""

    def run(self, script: bytes, most_bytes: int, deadline_s: float) -> bytes:
        raise OSError("not asked for")

    def wait_end(self) -> str:
        return ""

    def close(self) -> None:
        """Nothing is open."""


def answer(talk: socket.socket, values: dict[str, object]) -> None:
    body = json.dumps(values).encode()
    talk.sendall(len(body).to_bytes(4, "big") + body)


def frame(talk: socket.socket, kind: bytes, body: bytes) -> None:
    talk.sendall((len(body) + 1).to_bytes(4, "big") + kind + body)


def part(talk: socket.socket, body: bytes, told: bytes) -> None:
    for place in range(0, len(body), 4000):
        frame(talk, b"D", body[place : place + 4000])
    sha256 = hashlib.sha256(told).hexdigest()
    about = {"bytes": len(told), "plain_bytes": 7, "sha256": sha256}
    frame(talk, b"P", json.dumps(about).encode())


def fetched(behave: Host, folder: Path, name: str = "memory.elf") -> object:
    said: list[HelperAnswer] = []
    done = threading.Event()

    def say(report: HelperAnswer) -> None:
        said.append(report)
        done.set()

    order = FetchEvidence(5, UUID, UUID, UUID, name, str(folder))
    BulkChannel(OneHost(behave), "hv1", say).give(order)
    assert done.wait(10)
    return said[0].result


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path


def test_parts_are_kept_one_after_another(folder: Path) -> None:
    def behave(talk: socket.socket) -> None:
        part(talk, b"a" * 9000, b"a" * 9000)
        part(talk, b"b", b"b")
        answer(talk, {"number": 5, "bytes": 14, "sha256": "0" * 64, "parts": 2})

    found = fetched(behave, folder)
    assert isinstance(found, EvidenceFetched)
    assert [each.name for each in found.parts] == ["memory.elf.000.cms", "memory.elf.001.cms"]
    assert (folder / "memory.elf.000.cms").read_bytes() == b"a" * 9000


def test_other_bytes_than_the_host_hashed_get_no_name(folder: Path) -> None:
    def behave(talk: socket.socket) -> None:
        part(talk, b"a" * 9000, b"a" * 8999 + b"b")

    found = fetched(behave, folder)
    assert isinstance(found, Failure) and found.code == "helper-lost"
    assert [file.name for file in folder.iterdir()] == ["memory.elf.000.cms.partial"]


def test_a_stream_that_breaks_off_leaves_only_partial(folder: Path) -> None:
    def behave(talk: socket.socket) -> None:
        frame(talk, b"D", b"half")

    assert isinstance(fetched(behave, folder), Failure)
    assert [file.name for file in folder.iterdir()] == ["memory.elf.000.cms.partial"]


def test_a_part_that_is_missing_is_noticed(folder: Path) -> None:
    def behave(talk: socket.socket) -> None:
        part(talk, b"a", b"a")
        answer(talk, {"number": 5, "bytes": 2, "sha256": "0" * 64, "parts": 2})

    assert isinstance(fetched(behave, folder), Failure)


def test_a_refusal_says_why(folder: Path) -> None:
    def behave(talk: socket.socket) -> None:
        answer(talk, {"number": 5, "error": "evidence-gone", "detail": "x"})

    found = fetched(behave, folder)
    assert isinstance(found, Failure) and found.code == "evidence-gone"


def test_an_endless_frame_is_not_taken(folder: Path) -> None:
    def behave(talk: socket.socket) -> None:
        talk.sendall(b"\xff\xff\xff\xff")

    assert isinstance(fetched(behave, folder), Failure)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", ".hidden", "A"])
def test_no_name_leads_elsewhere(folder: Path, name: str) -> None:
    assert isinstance(fetched(lambda talk: None, folder, name), Failure)
    assert list(folder.iterdir()) == []
