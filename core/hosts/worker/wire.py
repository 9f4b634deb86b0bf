"""Frames on the inherited socket: what comes in is decoded strictly, what goes out is whole.

A frame above the limit, one that does not decode or a message we do not know raises
`ProtocolAbuse`, and the worker ends.
"""

import socket
import threading

import msgspec

from core.hosts.protocol import (
    FRAME_HEAD_BYTES,
    MAX_ORDER_BYTES,
    MAX_REPORT_BYTES,
    ORDER_DECODER,
    AnyOrder,
    Log,
    Report,
    frame,
)


class ProtocolAbuse(Exception):
    """The other side broke the protocol; there is nothing to answer to that."""


class Wire:
    """One end of the socket pair. Reading belongs to one thread, `send` to all."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        self._sending = threading.Lock()

    def read_order(self) -> AnyOrder | None:
        """Wait for the next order; None when the window's process is gone.

        Raises:
            ProtocolAbuse: the frame is too large, cut off or no order.
        """
        head = self._exactly(FRAME_HEAD_BYTES)
        if not head:
            return None
        length = int.from_bytes(head, "big")
        if length > MAX_ORDER_BYTES:
            raise ProtocolAbuse(f"a frame of {length} bytes")
        body = self._exactly(length)
        try:
            order: AnyOrder = ORDER_DECODER.decode(body)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise ProtocolAbuse(str(error)) from None
        return order

    def send(self, report: Report) -> None:
        """Send one report; blocks while the window's process does not read.

        A report above the limit is replaced by a line in the log: it would end the worker.
        """
        data = frame(report)
        if len(data) > MAX_REPORT_BYTES:
            data = frame(Log("error", f"{type(report).__name__} of {len(data)} bytes left out"))
        with self._sending:
            self._stream.sendall(data)

    def _exactly(self, length: int) -> bytes:
        parts: list[bytes] = []
        missing = length
        while missing:
            part = self._stream.recv(min(missing, 1 << 20))
            if not part:
                if parts:
                    raise ProtocolAbuse("a frame that was cut off")
                return b""
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)
