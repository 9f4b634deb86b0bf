"""The emulator's control socket: freezing the whole machine into a file it can wake up from."""

import json
import socket
import time
from pathlib import Path

SAVE_TIMEOUT_SECONDS = 120


class Monitor:
    """A conversation with one emulator over its control socket; one line a message."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(SAVE_TIMEOUT_SECONDS)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rb")
        self._lines.readline()
        self._ask("qmp_capabilities")

    def save(self, state: Path) -> None:
        """Write memory and devices to a file; the machine stands still afterwards."""
        self._ask("migrate", uri=f"exec:cat > '{state}'")
        deadline = time.monotonic() + SAVE_TIMEOUT_SECONDS
        while (status := self._ask("query-migrate").get("status")) != "completed":
            if status in ("failed", "cancelled") or time.monotonic() > deadline:
                raise RuntimeError(f"the machine could not be saved: {status}")
            time.sleep(0.2)

    def close(self) -> None:
        self._lines.close()
        self._socket.close()

    def _ask(self, order: str, **arguments: str) -> dict[str, object]:
        message = {"execute": order, "arguments": arguments}
        self._socket.sendall(json.dumps(message).encode() + b"\n")
        while True:
            answer: dict[str, dict[str, object]] = json.loads(self._lines.readline())
            if "error" in answer:
                raise RuntimeError(f"{order}: {answer['error']}")
            if "return" in answer:
                return answer["return"]
