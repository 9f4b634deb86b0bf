"""Pieces of a volume: one stream as long as they follow each other, holes as numbers."""

from collections.abc import Iterator
from typing import Any, cast

import libvirt
import pytest

from core.hosts.worker.volume_pieces import HOLE, PieceReader, Place

Layout = tuple[bytes | int, ...]  # a number is a hole


class Refusal(libvirt.libvirtError):
    def __init__(self, code: int) -> None:
        super().__init__("refused")
        self._code = code

    def get_error_code(self) -> int:
        return self._code


class Host:
    """Stands for connection, pool and volume alike; `layout` is what its one volume holds."""

    def __init__(self, layout: Layout, knows_holes: bool = True) -> None:
        self.layout = layout
        self.knows_holes = knows_holes
        self.cut = False
        self.opened: list[int] = []
        self.ended: list[str] = []

    def storagePoolLookupByName(self, _name: str) -> "Host":
        return self

    def storageVolLookupByName(self, _name: str) -> "Host":
        return self

    def newStream(self, _flags: int) -> "Stream":
        return Stream(self)

    def download(self, stream: "Stream", offset: int, length: int, flags: int) -> None:
        assert length == 0
        if self.cut:
            raise Refusal(libvirt.VIR_ERR_RPC)
        if flags and not self.knows_holes:
            raise Refusal(libvirt.VIR_ERR_INVALID_ARG)
        self.opened.append(offset)
        stream.parts = list(self._from(offset))

    def _from(self, offset: int) -> Iterator[bytes | int]:
        for part in self.layout:
            size = part if isinstance(part, int) else len(part)
            cut, offset = min(offset, size), max(0, offset - size)
            if size > cut:
                yield part - cut if isinstance(part, int) else part[cut:]

    def plain(self) -> bytes:
        return b"".join(bytes(each) if isinstance(each, int) else each for each in self.layout)


class Stream:
    def __init__(self, host: Host) -> None:
        self._host = host
        self.parts: list[bytes | int] = []

    def recvFlags(self, most: int, stop: int) -> bytes | int:
        if not self.parts:
            return b""
        part = self.parts.pop(0)
        if isinstance(part, int):
            if stop:
                self.parts.insert(0, part)
                return HOLE
            part = bytes(part)
        if len(part) > most:
            self.parts.insert(0, part[most:])
        return part[:most]

    def recvHole(self) -> int:
        return cast(int, self.parts.pop(0))

    def finish(self) -> None:
        self._host.ended.append("finish")

    def abort(self) -> None:
        self._host.ended.append("abort")


def read(reader: PieceReader, host: Any, offset: int, length: int) -> Layout:
    return reader.read(host, Place("p", "v", offset), length).runs


def filled(runs: Layout) -> bytes:
    return b"".join(bytes(run) if isinstance(run, int) else run for run in runs)


@pytest.mark.parametrize("knows_holes", [True, False])
@pytest.mark.parametrize("length", [7, 1000, 10_000])
def test_pieces_together_are_the_volume(knows_holes: bool, length: int) -> None:
    host, reader = Host((b"head" * 30, 5000, b"tail" * 200, 900), knows_holes), PieceReader()
    size = len(host.plain())
    pieces = [read(reader, host, at, min(length, size - at)) for at in range(0, size, length)]
    assert b"".join(filled(runs) for runs in pieces) == host.plain()
    assert host.opened == [0]


def test_a_hole_is_a_number_and_goes_over_into_the_next_piece() -> None:
    host, reader = Host((b"ab", 10, b"c")), PieceReader()
    assert read(reader, host, 0, 5) == (b"ab", 3)
    assert read(reader, host, 5, 5) == (5,)
    assert read(reader, host, 10, 5) == (2, b"c")
    assert host.opened == [0] and host.ended == ["finish"]


def test_another_place_has_another_stream() -> None:
    host, reader = Host((b"x" * 100,)), PieceReader()
    read(reader, host, 0, 10)
    assert read(reader, host, 50, 10) == (b"x" * 10,)
    other = Host((b"y" * 100,))
    assert read(reader, other, 60, 10) == (b"y" * 10,)
    reader.drop()
    reader.drop()
    assert (host.opened, host.ended, other.ended) == ([0, 50], ["abort", "abort"], ["abort"])


def test_what_breaks_is_told_and_begun_anew() -> None:
    host, reader = Host((b"x" * 100,)), PieceReader()
    read(reader, host, 0, 10)
    host.cut = True
    with pytest.raises(Refusal):
        read(reader, host, 90, 10)
    host.cut = False
    assert read(reader, host, 90, 20) == (b"x" * 10,)
