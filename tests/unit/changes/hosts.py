"""Ways to reach the simulated host: in this process, or another one over a socket."""

import asyncio
import socket
import time
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import msgspec

from core.changes.hands import Result
from core.hosts.helper.closed_set import AnyHelperOrder, AnyHelperResult
from core.hosts.protocol import (
    ENCODER,
    FRAME_HEAD_BYTES,
    AnyOrder,
    Applied,
    Failure,
    LinkReadBack,
    Order,
    VolumeSeen,
    XmlTexts,
    frame,
)
from core.text import RingfenceError
from tests.unit.changes.simulator import SimulatedHost

ORDER_DECODER = msgspec.msgpack.Decoder(AnyOrder | AnyHelperOrder)
ANSWER_DECODER = msgspec.msgpack.Decoder(
    Applied | LinkReadBack | XmlTexts | VolumeSeen | AnyHelperResult | Failure
)
PROCESSES = get_context("forkserver")


class NearHands:
    """Gives orders to a simulated host in this process and writes them down."""

    def __init__(self, host: SimulatedHost) -> None:
        self.host = host
        self.orders: list[Order] = []
        self.unreached = False
        self.refused: dict[type[Order], RingfenceError] = {}

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        await asyncio.sleep(0)
        self.orders.append(order)
        if self.unreached:
            raise RingfenceError("host-not-reached", host=host)
        if type(order) in self.refused:
            raise self.refused[type(order)]
        return _result(self.host.obey(order))

    @property
    def effects(self) -> list[Order]:
        return [order for order in self.orders if not type(order).__name__.startswith("Read")]


class FarHands:
    """Gives orders over the socket of a host process."""

    def __init__(self, folder: Path) -> None:
        self._path = str(folder / "host.sock")

    @staticmethod
    def wait(folder: Path) -> None:
        """Wait until a host listens there."""
        until = time.monotonic() + 10
        while not (folder / "host.sock").exists():
            assert time.monotonic() < until, "the host did not start"
            time.sleep(0.002)

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        try:
            reader, writer = await asyncio.open_unix_connection(self._path)
        except (ConnectionError, FileNotFoundError) as error:
            raise RingfenceError("worker-lost", host=host) from error
        try:
            writer.write(frame(order))
            head = await reader.readexactly(FRAME_HEAD_BYTES)
            body = await reader.readexactly(int.from_bytes(head, "big"))
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            raise RingfenceError("worker-lost", host=host) from error
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        return _result(ANSWER_DECODER.decode(body))


def start_host(folder: Path, die_at: str = "") -> BaseProcess:
    """Start a host process and wait until it listens."""
    path = folder / "host.sock"
    path.unlink(missing_ok=True)
    process = PROCESSES.Process(target=serve, args=(str(folder), die_at), daemon=True)
    process.start()
    FarHands.wait(folder)
    return process


def serve(folder: str, die_at: str) -> None:
    """Be the host: one order a connection, one after another, as a machine's lock has it."""
    host = SimulatedHost(Path(folder), die_at)
    with socket.socket(socket.AF_UNIX) as listener:
        new = Path(folder, "host.sock.new")
        new.unlink(missing_ok=True)
        listener.bind(str(new))
        listener.listen(64)
        new.rename(Path(folder, "host.sock"))
        while True:
            connection, _ = listener.accept()
            with connection:
                _serve_one(connection, host)


def _serve_one(connection: socket.socket, host: SimulatedHost) -> None:
    head = connection.recv(FRAME_HEAD_BYTES, socket.MSG_WAITALL)
    if len(head) < FRAME_HEAD_BYTES:
        return
    body = connection.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL)
    order = ORDER_DECODER.decode(body)
    answer = ENCODER.encode(host.obey(order))
    try:
        connection.sendall(len(answer).to_bytes(FRAME_HEAD_BYTES, "big") + answer)
    except BrokenPipeError:  # who asked was killed
        return


def _result(answer: Result | Failure) -> Result:
    if isinstance(answer, Failure):
        raise RingfenceError(answer.code, answer.detail, **answer.params)
    return answer
