"""A real worker process as a session would start it, driven frame by frame."""

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from core.hosts.protocol import (
    FRAME_HEAD_BYTES,
    REPORT_DECODER,
    Answer,
    AnyReport,
    Closed,
    Machines,
    Open,
    Order,
    Report,
    frame,
)

CODE_ROOT = Path(__file__).resolve().parents[4]
PATIENCE_S = 20.0

R = TypeVar("R", bound=Report)


class WorkerChild:
    """Talks to one worker; everything it said so far is in `said`."""

    def __init__(self, home: Path, module: str = "core.hosts.worker") -> None:
        ours, theirs = socket.socketpair()
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CODE_ROOT), "HOME": str(home)}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=environment,
            stderr=subprocess.PIPE,
        )
        theirs.close()
        self._stream = ours
        self._poll = select.poll()  # numbers above 1023 too
        self._poll.register(ours, select.POLLIN)
        self._buffer = b""
        self.said: list[AnyReport] = []
        self._number = 0

    def give(self, order: Order) -> None:
        self.give_bytes(frame(order))

    def give_bytes(self, data: bytes) -> None:
        self._stream.sendall(data)

    def ask(self, order: Order) -> Answer:
        """Give an order and wait for its answer."""
        self.give(order)
        return self.wait_for(Answer, lambda answer: answer.number == order.number)

    def number(self) -> int:
        self._number += 1
        return self._number

    def wait_for(
        self, kind: type[R], good: Callable[[R], bool] = lambda _: True, since: int = 0
    ) -> R:
        """The first report of a kind that is good; only those after the `since`-th count."""
        position = since
        for _ in self._growing():
            while position < len(self.said):
                report = self.said[position]
                position += 1
                if isinstance(report, kind) and good(report):
                    return report
        said = [type(report).__name__ for report in self.said]
        closed = [report for report in self.said if isinstance(report, Closed)]
        raise AssertionError(f"no {kind.__name__} in {said}; {closed}; {self.words()}")

    def machine_names(self) -> list[str]:
        return [m.name for r in self.said if isinstance(r, Machines) for m in r.machines]

    def exit_status(self) -> int:
        return self.process.wait(PATIENCE_S)

    def words(self) -> str:
        """What it wrote to its error stream, once it has ended."""
        assert self.process.stderr is not None
        return self.process.stderr.read().decode() if self.process.poll() is not None else ""

    def stop_talking(self) -> None:
        """Send nothing more, and go on listening."""
        self._stream.shutdown(socket.SHUT_WR)

    def hang_up(self) -> None:
        self._stream.close()

    def end(self) -> None:
        self._stream.close()
        self.process.kill()
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()

    def _growing(self) -> Iterator[None]:
        """Yield now and after everything that arrives, until patience or the stream ends."""
        ends_at = time.monotonic() + PATIENCE_S
        yield
        while (left := ends_at - time.monotonic()) > 0:
            if not self._poll.poll(left * 1000):
                return
            data = self._stream.recv(1 << 20)
            if not data:
                return
            self._buffer += data
            self._take_frames()
            yield

    def _take_frames(self) -> None:
        while len(self._buffer) >= FRAME_HEAD_BYTES:
            end = FRAME_HEAD_BYTES + int.from_bytes(self._buffer[:FRAME_HEAD_BYTES], "big")
            if len(self._buffer) < end:
                return
            self.said.append(REPORT_DECODER.decode(self._buffer[FRAME_HEAD_BYTES:end]))
            self._buffer = self._buffer[end:]


def opening(uri: str, host: str = "h1", **more: object) -> Open:
    return Open(0, host, uri, read_only=bool(more.pop("read_only", False)), **more)  # type: ignore[arg-type] # the keywords are Open's own
