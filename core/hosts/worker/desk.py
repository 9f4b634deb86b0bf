"""Takes orders in the main thread, has them carried out on their own link, answers each once."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import TypeGuard

import libvirt

from core.hosts.protocol import (
    Answer,
    AnyOrder,
    Applied,
    AttachDevice,
    CloneVolume,
    Failure,
    Ping,
    ReadQuarantineNetwork,
    ReadState,
    ReadVolume,
    ReadXml,
    Report,
    Resume,
    SetLinkState,
    Start,
    Suspend,
)
from core.hosts.worker.failures import ends_connection, failure_of
from core.hosts.worker.link import CUT, FIRST, LATER, JobQueue, Link
from core.hosts.worker.orders import MachineOrder
from core.hosts.worker.quarantine_network import NetworkOrder, carry_out_network
from core.hosts.worker.source import Result, Source

Opening = Resume | Start | AttachDevice | SetLinkState


class OrderDesk:
    """Read-only connections refuse every effect here, before libvirt is asked."""

    def __init__(
        self,
        source: Source,
        jobs: JobQueue,
        send: Callable[[Report], None],
        machine_changed: Callable[[str], None],
        read_only: bool,
        slow: JobQueue | None = None,
    ) -> None:
        self._slow = slow or jobs
        self._source = source
        self._jobs = jobs
        self._send = send
        self._machine_changed = machine_changed
        self._read_only = read_only
        self._cuts_taken: Counter[str] = Counter()  # by machine; written by the main thread only

    def take(self, order: AnyOrder) -> None:
        """Queue one order; `Ping` is answered on the spot."""
        if isinstance(order, Ping):
            self._send(Answer(order.number, Applied()))
        elif isinstance(order, NetworkOrder):
            self._take_network(order)
        elif not isinstance(order, MachineOrder):
            self._send(Answer(order.number, Failure("order-unknown")))
        elif self._read_only and not _only_reads(order):
            self._send(Answer(order.number, Failure("not-read-only")))
        elif isinstance(order, CloneVolume):  # minutes: no other order waits for it
            self._slow.put(LATER, lambda link: self._carry_out(link, order))
        elif _cuts(order):
            self._take_cut(order)
        elif _opens(order):
            self._take_opening(order)
        else:
            self._jobs.put(FIRST, lambda link: self._carry_out(link, order))

    def _take_opening(self, order: Opening) -> None:
        """A cut overtakes what waits. What was to open the machine before it must not follow it."""
        before = self._cuts_taken[order.uuid]

        def carry_out_unless_overtaken(link: Link) -> None:
            if self._cuts_taken[order.uuid] == before:
                self._carry_out(link, order)
            else:
                self._send(Answer(order.number, Failure("order-overtaken")))

        self._jobs.put(FIRST, carry_out_unless_overtaken)

    def _take_cut(self, order: Suspend | SetLinkState) -> None:
        """Offered to every link: no call that hangs on one of them, or waits there, is waited
        for. One link takes it, and the others find it taken."""
        self._cuts_taken[order.uuid] += 1
        untaken = threading.Lock()

        def carry_out_once(link: Link) -> None:
            if untaken.acquire(blocking=False):
                self._carry_out(link, order)

        for jobs in dict.fromkeys((self._jobs, self._slow)):
            jobs.put(CUT, carry_out_once)

    def _take_network(self, order: NetworkOrder) -> None:
        if self._read_only and not isinstance(order, ReadQuarantineNetwork):
            self._send(Answer(order.number, Failure("not-read-only")))
        else:
            self._jobs.put(FIRST, lambda link: self._carry_out_network(link, order))

    def _carry_out_network(self, link: Link, order: NetworkOrder) -> None:
        """libvirt tells the networks' change by an event of its own."""
        try:
            result = carry_out_network(link, order)
        except libvirt.libvirtError as error:
            self._send(Answer(order.number, failure_of(error)))
            if ends_connection(error):
                raise
            return
        self._send(Answer(order.number, result))

    def _carry_out(self, link: Link, order: MachineOrder) -> None:
        lost: libvirt.libvirtError | None = None
        result: Result
        try:
            result = self._source.carry_out(link, order)
        except libvirt.libvirtError as error:
            result = failure_of(error)
            lost = error if ends_connection(error) else None
        except UnicodeDecodeError as error:
            result = Failure("xml-unreadable", detail=str(error))
        self._send(Answer(order.number, result))
        if lost is not None:
            raise lost
        if not isinstance(order, ReadXml | ReadState | ReadVolume):
            self._machine_changed(order.uuid)


def _cuts(order: MachineOrder) -> TypeGuard[Suspend | SetLinkState]:
    return isinstance(order, Suspend) or (isinstance(order, SetLinkState) and not order.up)


def _opens(order: MachineOrder) -> TypeGuard[Opening]:
    if isinstance(order, SetLinkState):
        return order.up
    return isinstance(order, Resume | Start | AttachDevice)


def _only_reads(order: MachineOrder) -> bool:
    return isinstance(order, ReadState | ReadVolume) or (
        isinstance(order, ReadXml) and not order.secure
    )
