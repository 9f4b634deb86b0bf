"""How a kind of host is read: the seam between the worker's rounds and the drivers' abilities."""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

import libvirt

from core.facts import Host, Machine, MachineRow, Reason, Snapshot, Unknown
from core.hosts.protocol import Applied, Failure, LinkReadBack, VolumeSeen, XmlTexts
from core.hosts.worker import orders
from core.hosts.worker.failures import ends_connection
from core.hosts.worker.link import SURVEY, JobQueue, Link
from core.hosts.worker.listing import FLAGS, fresh_row, list_flagged, list_states, with_flags
from core.hosts.worker.reading import read_machine, read_snapshots, snapshot_names
from core.hosts.worker.xml.machine import Reading

Rows = tuple[MachineRow, ...]
Snapshots = tuple[Snapshot, ...] | Unknown
Result = XmlTexts | LinkReadBack | Applied | VolumeSeen | Failure


class Source(Protocol):
    """What the follower and the order desk need of a host, whatever drives it."""

    follows_events: bool
    asks_pools: bool
    most_connections: int

    def survey(
        self, jobs: JobQueue, first: Callable[[Rows], None], done: Callable[[Rows, float], None]
    ) -> None:
        """List all machines by jobs; `first` gets names and states as soon as they are there,
        `done` everything and how long it took. Neither is called if a call fails."""
        ...

    def fresh_row(self, link: Link, uuid: str) -> MachineRow: ...

    def read(self, link: Link, row: MachineRow, snapshots: Snapshots) -> Reading: ...

    def snapshots(self, link: Link, uuid: str, known: Snapshots) -> Snapshots: ...

    def finish(self, machine: Machine) -> Machine:
        """Last touch on a machine's facts before they are sent."""
        ...

    def finish_host(self, host: Host) -> Host: ...

    def carry_out(self, link: Link, order: orders.MachineOrder) -> Result: ...


class LibvirtSource:
    """A driver with the modern calls: QEMU, LXC, Xen, the test driver."""

    follows_events = True
    asks_pools = True
    most_connections = 16

    def survey(
        self, jobs: JobQueue, first: Callable[[Rows], None], done: Callable[[Rows, float], None]
    ) -> None:
        Survey(jobs, first, done).start()

    def fresh_row(self, link: Link, uuid: str) -> MachineRow:
        return fresh_row(link, uuid)

    def read(self, link: Link, row: MachineRow, snapshots: Snapshots) -> Reading:
        return read_machine(link, row, snapshots)

    def snapshots(self, link: Link, uuid: str, known: Snapshots) -> Snapshots:
        """The names tell in one call whether anything is new."""
        if not isinstance(known, Unknown):
            names = snapshot_names(link, uuid)
            if names == tuple(snapshot.name for snapshot in known):
                return known
        return read_snapshots(link, uuid)

    def finish(self, machine: Machine) -> Machine:
        return machine

    def finish_host(self, host: Host) -> Host:
        return host

    def carry_out(self, link: Link, order: orders.MachineOrder) -> Result:
        return orders.carry_out(link, order)


class Survey:
    """States and four flag lists, side by side on whatever links are free."""

    def __init__(
        self,
        jobs: JobQueue,
        first: Callable[[Rows], None],
        done: Callable[[Rows, float], None],
    ) -> None:
        self._jobs = jobs
        self._first = first
        self._done = done
        self._lock = threading.Lock()
        self._rows: Rows | None = None
        self._flags: dict[str, frozenset[str] | Unknown] = {}
        self._started = time.monotonic()

    def start(self) -> None:
        self._jobs.put(SURVEY, self._list_states)
        for name, flag in FLAGS.items():
            self._jobs.put(SURVEY, partial(self._flag, name, flag))

    def _list_states(self, link: Link) -> None:
        rows = list_states(link)
        self._first(rows)
        with self._lock:
            self._rows = rows
        self._finish_if_whole()

    def _flag(self, name: str, flag: int, link: Link) -> None:
        try:
            found = list_flagged(link, flag)
        except libvirt.libvirtError as error:
            if ends_connection(error):
                raise
            found = Unknown(Reason.FAILED)
        with self._lock:
            self._flags[name] = found
        self._finish_if_whole()

    def _finish_if_whole(self) -> None:
        with self._lock:
            if self._rows is None or len(self._flags) < len(FLAGS):
                return
            rows = with_flags(self._rows, self._flags)
            self._rows = None  # whoever comes second must not finish again
        self._done(rows, time.monotonic() - self._started)
