"""One libvirt connection for what moves many bytes: no order and no cut waits behind it.

It is opened when something is asked for, serves one job after another, and is closed again when
nothing was asked for a while.
"""

import queue
import threading
from collections.abc import Callable
from contextlib import suppress

import libvirt

IDLE_S = 30.0
Open = Callable[[], libvirt.virConnect]
Job = Callable[[Open], None]


class OwnConnection:
    """A job gets what opens the connection, and may raise libvirtError: the connection is lost
    then, and the next job has a new one. `broken` is called for anything else, which is a bug;
    `letting_go` in the jobs' thread before a connection is closed."""

    def __init__(
        self,
        dial: Open,
        broken: Callable[[BaseException], None],
        letting_go: Callable[[], None],
        idle_s: float = IDLE_S,
    ) -> None:
        self._dial = dial
        self._broken = broken
        self._letting_go = letting_go
        self._idle_s = idle_s
        self._jobs: queue.Queue[Job] = queue.Queue()
        self._starting = threading.Lock()
        self._runs = False
        self._connection: libvirt.virConnect | None = None

    def do(self, job: Job) -> None:
        """Returns at once."""
        with self._starting:
            self._jobs.put(job)
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._run, name="volumes", daemon=True).start()

    def _run(self) -> None:
        try:
            while (job := self._next()) is not None:
                try:
                    job(self._opened)
                except libvirt.libvirtError:  # the job has told it already
                    self._close()
        except BaseException as error:  # a thread's edge: an order must not stay unanswered
            self._broken(error)

    def _next(self) -> Job | None:
        try:
            return self._jobs.get(timeout=self._idle_s)
        except queue.Empty:
            with self._starting:
                if not self._jobs.empty():
                    return self._jobs.get_nowait()
                self._close()
                self._runs = False
                return None

    def _opened(self) -> libvirt.virConnect:
        if self._connection is None:
            self._connection = self._dial()
        return self._connection

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._letting_go()
            with suppress(libvirt.libvirtError):
                connection.close()
