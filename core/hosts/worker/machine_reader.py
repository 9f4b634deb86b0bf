"""Reads one machine in a link's thread and sends what is new of it."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import libvirt
import msgspec

from core.facts import Machine, Unknown
from core.hosts.protocol import Gone, Log, Report, Rows
from core.hosts.worker.failures import ends_connection, is_gone, words_of
from core.hosts.worker.ledger import Ledger, digest_of
from core.hosts.worker.link import LATER, JobQueue, Link
from core.hosts.worker.outbox import Outbox
from core.hosts.worker.source import Source
from core.hosts.worker.xml.machine import Reading, machine_of

REST_S = 1.0  # snapshots wait so long after a round: the window is judging what it was sent
LONGEST_ROUND_S = 3.0  # one machine that hangs must not keep all snapshots away


class MachineReader:
    """The jobs of a round. Nothing that a machine says can hurt another one's facts."""

    def __init__(
        self,
        source: Source,
        ledger: Ledger,
        jobs: JobQueue,
        send: Callable[[Report], None],
        models: Callable[[], tuple[str, ...] | Unknown],
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._jobs = jobs
        self._send = send
        self._models = models
        self._outbox = Outbox(send)
        self._lock = threading.Lock()
        self._kept_back: list[Callable[[Link], None]] | None = None
        self._waiting = 0  # jobs for later

    def read(self, link: Link, uuid: str, fresh: bool) -> None:
        """Read a machine; `fresh` asks for its row too, for one that an event named.

        Raises:
            libvirt.libvirtError: only when the connection is gone.
        """
        try:
            self._read(link, uuid, fresh)
        except libvirt.libvirtError as error:
            if ends_connection(error):
                raise
            if is_gone(error):
                self._gone(link, uuid)
            else:
                self._refused(uuid, error)

    def begin_round(self) -> None:
        """A reading of the whole host begins: its machines come before any snapshots."""
        with self._lock:
            self._kept_back = self._kept_back or []
        self._release_in(LONGEST_ROUND_S)

    def end_round(self) -> None:
        self._release_in(REST_S)

    def _release_in(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self._release)
        timer.daemon = True
        timer.start()

    def flush(self) -> None:
        self._outbox.flush()

    def flush_old(self) -> None:
        self._outbox.flush_old()

    def _read(self, link: Link, uuid: str, fresh: bool) -> None:
        row = self._ledger.row(uuid)
        if fresh or row is None:
            row = self._source.fresh_row(link, uuid)
            if self._ledger.put_row(row):
                self._send(Rows((row,), whole=False))
        reading = self._source.read(link, row, self._ledger.snapshots(row))
        digest = digest_of(reading, self._models())
        machine = self._take(reading, digest)
        if row.has_snapshots is True:
            self._later(lambda later: self._read_snapshots(later, reading, digest, machine))

    def _later(self, read: Callable[[Link], None]) -> None:
        """Queue a job behind everything else; the last one of them sends what is left."""

        def run(link: Link) -> None:
            read(link)
            with self._lock:
                self._waiting -= 1
                last = not self._waiting
            if last:
                self._outbox.flush()

        with self._lock:
            self._waiting += 1
            if self._kept_back is not None:
                self._kept_back.append(run)
                return
        self._jobs.put(LATER, run)

    def _release(self) -> None:
        with self._lock:
            jobs, self._kept_back = self._kept_back or [], None
        for job in jobs:
            self._jobs.put(LATER, job)

    def _take(self, reading: Reading, digest: bytes) -> Machine | None:
        """Parse and send, unless nothing differs from what was sent last."""
        if not self._ledger.is_new(reading.row.uuid, digest):
            return None
        machine = machine_of(reading, self._models(), datetime.now(UTC))
        self._outbox.put(self._source.finish(machine))
        return machine

    def _read_snapshots(
        self, link: Link, reading: Reading, sent: bytes, machine: Machine | None
    ) -> None:
        """Snapshots have no event and cost calls of their own: read last, sent only if new."""
        uuid = reading.row.uuid
        try:
            found = self._source.snapshots(link, uuid, reading.snapshots)
        except libvirt.libvirtError as error:
            if ends_connection(error):
                raise
            return  # the machine went away; its own event tells of that
        self._ledger.put_snapshots(uuid, found)
        if found == reading.snapshots or not self._ledger.is_last(uuid, sent):
            return
        reading = msgspec.structs.replace(reading, snapshots=found)
        digest = digest_of(reading, self._models())
        if machine is None:
            self._take(reading, digest)
        elif self._ledger.is_new(uuid, digest):
            machine = msgspec.structs.replace(machine, snapshots=found)
            self._outbox.put(self._source.finish(machine))

    def _gone(self, link: Link, uuid: str) -> None:
        link.forget(uuid)
        if self._ledger.drop(uuid):
            self._outbox.flush()  # what was read of it before must not come after its end
            self._send(Gone((uuid,)))

    def _refused(self, uuid: str, error: libvirt.libvirtError) -> None:
        """The machine is there and could not be read: a partial machine that says why."""
        self._send(Log("warning", f"{uuid}: {words_of(error)}"))
        row = self._ledger.row(uuid)
        if row is not None:
            reading = Reading(row, None, None, error=words_of(error))
            self._take(reading, digest_of(reading, self._models()))
