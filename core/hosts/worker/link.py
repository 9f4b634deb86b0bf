"""A link: one libvirt connection, one thread, one call in flight (libvirt 9.0 breaks with two).

Links of a host share a queue of jobs. One of them serves only orders, so that these never wait
behind bulk reads; a host with a single connection serves both, orders first.
"""

import itertools
import queue
import threading
import time
from collections.abc import Callable

import libvirt

CUT = -1  # what cuts a machine off: the first link that is free does it
FIRST = 0  # orders, when they share a queue
SURVEY = 1  # names and states
DESCRIBE = 2  # the host itself
CHANGED = 3  # machines that an event told of
BULK = 4
LATER = 5  # snapshots, networks, pools


class JobQueue:
    """What is to be done, most urgent first."""

    def __init__(self) -> None:
        self._jobs: queue.PriorityQueue[tuple[int, int, Callable[[Link], None]]]
        self._jobs = queue.PriorityQueue()
        self._serial = itertools.count()

    def put(self, priority: int, run: "Callable[[Link], None]") -> None:
        self._jobs.put((priority, next(self._serial), run))

    @property
    def waiting(self) -> bool:
        return not self._jobs.empty()

    def take(self) -> "Callable[[Link], None]":
        return self._jobs.get()[2]


class Link(threading.Thread):
    """Opens its connection, then does jobs for the rest of the process's life.

    `failed` is called in this thread when the connection cannot be opened, or when a job let an
    error of libvirt pass; `broken` when a job raised anything else, which is a bug.
    """

    def __init__(
        self,
        name: str,
        dial: Callable[[], libvirt.virConnect],
        jobs: JobQueue,
        failed: "Callable[[Link, libvirt.libvirtError], None]",
        broken: Callable[[BaseException], None],
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._dial = dial
        self._jobs = jobs
        self._failed = failed
        self._broken = broken
        self._domains: dict[str, libvirt.virDomain] = {}
        self._learned = False
        self.calls = 0
        self._began: float | None = None
        self._connection: libvirt.virConnect | None = None

    @property
    def connection(self) -> libvirt.virConnect:
        """Counted: who takes it makes one call."""
        assert self._connection is not None, "a job runs only on an open link"
        self.calls += 1
        return self._connection

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    def busy_s(self) -> float:
        """For how long it has been at one job; 0 while it has none."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    def run(self) -> None:
        try:
            self._connection = self._dial()
            while True:
                job = self._jobs.take()
                self._began = time.monotonic()
                job(self)
                self._began = None
        except libvirt.libvirtError as error:
            self._failed(self, error)
        except BaseException as error:  # a thread's edge: any bug must end the whole worker
            self._broken(error)

    def know(self, domain: libvirt.virDomain) -> str:
        """Keep the object, which belongs to this connection; return its uuid."""
        uuid = domain.UUIDString()
        self._domains[uuid] = domain
        return uuid

    def domain(self, uuid: str) -> libvirt.virDomain:
        """The machine's object on this connection; counted as the one call it is used for."""
        found = self._domains.get(uuid)
        if found is None and not self._learned:
            self.learn_all()
            found = self._domains.get(uuid)
        if found is None:
            found = self.look_up(uuid)
        self.calls += 1
        return found

    def look_up(self, uuid: str) -> libvirt.virDomain:
        """Ask for it anew: the name in an object kept since earlier may be an old one."""
        found = self.connection.lookupByUUIDString(uuid)
        self._domains[uuid] = found
        return found

    def forget(self, uuid: str) -> None:
        self._domains.pop(uuid, None)

    def learn_all(self) -> None:
        """One call that spares this link a look-up for each machine."""
        self._learned = True
        for domain in self.connection.listAllDomains(0):
            self.know(domain)
