"""Machines on their way to the window: gathered into batches, sent soon."""

import threading
import time
from collections.abc import Callable

from core.facts import Machine
from core.hosts.protocol import Machines, Report

BATCH = 32
LONGEST_WAIT_S = 0.05


class Outbox:
    """Collects machines; a batch goes out when it is full, old, or `flush` is called.

    Somebody must call `flush_old` now and then, for the last one of a burst."""

    def __init__(self, send: Callable[[Report], None]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._waiting: dict[str, Machine] = {}
        self._since = 0.0

    def put(self, machine: Machine) -> None:
        with self._lock:
            if not self._waiting:
                self._since = time.monotonic()
            self._waiting[machine.uuid] = machine
            if len(self._waiting) >= BATCH or self._is_old():
                self._send_all()

    def flush(self) -> None:
        with self._lock:
            if self._waiting:
                self._send_all()

    def flush_old(self) -> None:
        with self._lock:
            if self._waiting and self._is_old():
                self._send_all()

    def _is_old(self) -> bool:
        return time.monotonic() - self._since > LONGEST_WAIT_S

    def _send_all(self) -> None:
        machines, self._waiting = tuple(self._waiting.values()), {}
        self._send(Machines(machines))
