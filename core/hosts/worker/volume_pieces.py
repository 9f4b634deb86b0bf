"""Some bytes of a volume, as libvirt streams them; a hole comes as its length where it can.

Who reads on where the last piece ended reads on in the same stream: opening one for each piece
costs half the speed.
"""

from contextlib import suppress
from typing import Any, NamedTuple

import libvirt

from core.hosts.evidence_pool import Piece

PACKET_BYTES = 262_120  # what fits into one of libvirt's packets
HOLE = -3  # the binding's word for "here begins one"
NO_HOLES = frozenset(
    {
        libvirt.VIR_ERR_NO_SUPPORT,
        libvirt.VIR_ERR_INVALID_ARG,
        libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED,
        libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
    }
)


class Place(NamedTuple):
    """Where the next byte is."""

    pool: str
    volume: str
    offset: int


class PieceReader:
    """Belongs to one thread. Whatever goes wrong ends the stream; the next piece has a new one."""

    def __init__(self) -> None:
        self._connection: libvirt.virConnect | None = None
        self._place = Place("", "", 0)
        self._stream: Any = None
        self._holes = True
        self._hole = 0  # bytes of one that the last piece had no room for

    def read(self, connection: libvirt.virConnect, place: Place, length: int) -> Piece:
        """Fewer bytes than asked for come only at the volume's end.

        Raises:
            libvirt.libvirtError: and the stream is ended.
        """
        self._holes = self._holes or place.offset == 0
        try:
            return self._read(connection, place, length)
        except libvirt.libvirtError as error:
            self.drop()
            if not self._holes or error.get_error_code() not in NO_HOLES:
                raise
        self._holes = False
        try:
            return self._read(connection, place, length)
        except libvirt.libvirtError:
            self.drop()
            raise

    def drop(self) -> None:
        """Nobody reads on."""
        stream, self._stream, self._hole = self._stream, None, 0
        if stream is not None:
            with suppress(libvirt.libvirtError):
                stream.abort()

    def _read(self, connection: libvirt.virConnect, place: Place, length: int) -> Piece:
        if self._stream is None or self._connection is not connection or self._place != place:
            self._open(connection, place)
        runs = self._runs(length)
        piece = Piece(runs)
        self._place = place._replace(offset=place.offset + piece.bytes)
        return piece

    def _open(self, connection: libvirt.virConnect, place: Place) -> None:
        self.drop()
        pool = connection.storagePoolLookupByName(place.pool)
        volume: Any = pool.storageVolLookupByName(place.volume)
        stream: Any = connection.newStream(0)
        flags = libvirt.VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM if self._holes else 0
        volume.download(stream, place.offset, 0, flags)
        self._connection, self._stream, self._place = connection, stream, place

    def _runs(self, length: int) -> tuple[bytes | int, ...]:
        runs: list[bytes | int] = []
        packets: list[bytes] = []
        left = length
        while left > 0:
            got = self._hole or self._packet(min(left, PACKET_BYTES))
            if isinstance(got, bytes):
                packets.append(got)
                left -= len(got)
                if not got:  # the volume's end
                    self._end()
                    break
                continue
            taken = min(got, left)
            runs += [*_joined(packets), taken]
            self._hole, left = got - taken, left - taken
        return (*runs, *_joined(packets))

    def _packet(self, most: int) -> bytes | int:
        """Bytes, none of them at the end; or how long a hole is."""
        stop = libvirt.VIR_STREAM_RECV_STOP_AT_HOLE if self._holes else 0
        got = self._stream.recvFlags(most, stop)
        if got == HOLE:
            return int(self._stream.recvHole()) or b""
        return got if isinstance(got, bytes) else b""

    def _end(self) -> None:
        stream, self._stream = self._stream, None
        stream.finish()


def _joined(packets: list[bytes]) -> list[bytes]:
    """Takes them out of the list."""
    found = [joined] if (joined := b"".join(packets)) else []
    packets.clear()
    return found
