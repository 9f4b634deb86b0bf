"""Some bytes of a volume, as libvirt streams them; a hole comes as its length where it can."""

from typing import Any

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


def piece_of(connection: libvirt.virConnect, volume: Any, offset: int, length: int) -> Piece:
    """Fewer bytes than asked for come only at the volume's end."""
    try:
        flags = libvirt.VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM
        return _read(connection, volume, offset, length, flags)
    except libvirt.libvirtError as error:
        if error.get_error_code() not in NO_HOLES:
            raise
        return _read(connection, volume, offset, length, 0)


def _read(
    connection: libvirt.virConnect, volume: Any, offset: int, length: int, flags: int
) -> Piece:
    stream: Any = connection.newStream(0)
    volume.download(stream, offset, length, flags)
    runs: list[bytes | int] = []
    packets: list[bytes] = []
    left = length
    while left > 0:
        got = stream.recvFlags(min(left, PACKET_BYTES), _stop_at(flags))
        if got == HOLE:
            hole = int(stream.recvHole())
            runs += _joined(packets)
            runs.append(min(hole, left))
            left -= hole
        elif isinstance(got, bytes) and got:
            packets.append(got)
            left -= len(got)
        else:
            break
    stream.finish()
    return Piece((*runs, *_joined(packets)))


def _stop_at(flags: int) -> int:
    return libvirt.VIR_STREAM_RECV_STOP_AT_HOLE if flags else 0


def _joined(packets: list[bytes]) -> list[bytes]:
    """Takes them out of the list."""
    found = [b"".join(packets)] if packets else []
    packets.clear()
    return found
