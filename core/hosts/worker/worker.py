"""One host's worker: its links, its follower, its order desk, and how it ends."""

import os
import sys
import time
import traceback
from collections.abc import Callable

import libvirt

from core.facts import Unknown
from core.hosts.evidence import AnyEvidenceOrder
from core.hosts.protocol import (
    AnyOrder,
    Closed,
    Failure,
    Log,
    Open,
    Refresh,
    WatchHeld,
)
from core.hosts.worker import exits
from core.hosts.worker.desk import OrderDesk
from core.hosts.worker.dial import Dialer
from core.hosts.worker.event_loop import EventLoop
from core.hosts.worker.events import register
from core.hosts.worker.evidence import EvidenceBench
from core.hosts.worker.failures import failure_of
from core.hosts.worker.follower import Follower
from core.hosts.worker.host_reading import HostReader
from core.hosts.worker.ledger import Ledger
from core.hosts.worker.link import DESCRIBE, FIRST, JobQueue, Link
from core.hosts.worker.machine_reader import MachineReader
from core.hosts.worker.relief import Relief
from core.hosts.worker.source import Source
from core.hosts.worker.wire import Wire

_CLOSE_REASONS = {
    libvirt.VIR_CONNECT_CLOSE_REASON_ERROR: "host-closed",
    libvirt.VIR_CONNECT_CLOSE_REASON_EOF: "host-closed",
    libvirt.VIR_CONNECT_CLOSE_REASON_KEEPALIVE: "keepalive-lost",
    libvirt.VIR_CONNECT_CLOSE_REASON_CLIENT: "host-closed",
}
FAR_S = 0.008  # a round trip of this length makes waiting dearer than more connections
SSH_CHANNELS = 5  # sshd grants ten to one login: facts, evidence, ringfence-host three times


class Worker:
    """Built from one `Open`; `start` returns at once and everything is reported on the wire."""

    def __init__(
        self, order: Open, source: Source, wire: Wire, end: Callable[[int], None] = os._exit
    ) -> None:
        self._wire = wire
        self._end = end
        self._source = source
        self._bulk = JobQueue()
        count, most = _link_counts(order, source)
        self._orders = JobQueue() if count > 1 else self._bulk
        dial = Dialer(order)
        queues = [self._orders, *([self._bulk] * (most - 1))]
        self._links = [
            Link(f"link-{index}", dial, jobs, self._link_failed, self._broken)
            for index, jobs in enumerate(queues)
        ]
        self._spare = self._links[count:]
        self._relief = Relief(self._links[0], self._orders, lambda name: self._one_more(name, dial))
        self._host = HostReader(order, source, wire.send, self._bulk)
        ledger = Ledger()
        reader = MachineReader(source, ledger, self._bulk, wire.send, self._host_models)
        self._follower = Follower(
            source,
            self._bulk,
            ledger,
            reader,
            wire.send,
            self._calls,
            order.full_every_s,
            order.held_every_s,
            order.held_told_every_s,
        )
        told = self._follower.machine_changed
        self._desk = OrderDesk(
            source, self._orders, wire.send, told, order.read_only, slow=self._bulk
        )

        pools = source.asks_pools and not order.demo_facts
        self._evidence = EvidenceBench(
            dial, self._orders, self._bulk, wire.send, self._broken, order.read_only, pools
        )

    def start(self) -> None:
        libvirt.registerErrorHandler(_silence, None)  # every error is answered or logged by us
        EventLoop().register()
        shared = self._orders is self._bulk
        self._orders.put(DESCRIBE if shared else FIRST, self._follow_events)
        if self._spare:
            self._bulk.put(FIRST, self._look_how_far)
        for link in self._links[: len(self._links) - len(self._spare)]:
            link.start()
        self._follower.start()
        self._host.start(self._follower.models_known)

    def take(self, order: AnyOrder) -> None:
        match order:
            case Refresh():
                self._follower.refresh(order.uuids)
                if not order.uuids:
                    self._host.read_inventory()
            case WatchHeld():
                self._follower.hold(order.uuids)
            case _ if isinstance(order, AnyEvidenceOrder):
                self._evidence.take(order)
            case _:
                self._desk.take(order)
        if self._orders is not self._bulk:
            self._relief.look()

    def _one_more(self, name: str, dial: Dialer) -> Link:
        link = Link(name, dial, self._orders, self._link_failed, self._broken)
        self._links.append(link)
        return link

    # --- the event loop's thread: only notes ---

    def machine_changed(self, uuid: str) -> None:
        self._follower.machine_changed(uuid)

    def inventory_changed(self) -> None:
        self._host.read_inventory()

    def connection_closed(self, reason: int) -> None:
        self._close(Failure(_CLOSE_REASONS.get(reason, "host-closed")))

    # --- the links' threads ---

    def _follow_events(self, link: Link) -> None:
        """What changed between the first list and the registration is found by a second list."""
        kinds = register(link, self) if self._source.follows_events else 0
        self._wire.send(Log("info", f"following {kinds} kinds of events"))
        if kinds:
            self._follower.survey_soon()
        else:
            self._follower.poll()

    def _look_how_far(self, link: Link) -> None:
        """One call is in flight on each connection: a far host is read over more of them."""
        if min(_round_trip_s(link), _round_trip_s(link)) > FAR_S:
            for spare in self._spare:
                spare.start()

    def _link_failed(self, link: Link, error: libvirt.libvirtError) -> None:
        """One bulk link that cannot be opened is a slower host; anything else is a lost one."""
        others = [other for other in self._links[1:] if other is not link and other.is_alive()]
        if not link.is_open and link is not self._links[0] and others:
            self._wire.send(Log("warning", f"{link.name}: {failure_of(error).detail}"))
        else:
            self._close(failure_of(error))

    def _broken(self, error: BaseException) -> None:
        """A bug: its traceback goes to the session's log, and the session starts us again."""
        if isinstance(error, (BrokenPipeError, ConnectionResetError)):
            self._end(exits.DONE)  # no bug: the window is gone
        traceback.print_exception(error, file=sys.stderr)
        self._end(exits.BUG)

    def _close(self, failure: Failure) -> None:
        self._wire.send(Closed(failure))
        self._end(exits.DONE)

    def _host_models(self) -> tuple[str, ...] | Unknown:
        return self._host.models

    def _calls(self) -> int:
        return sum(link.calls for link in self._links)


def _link_counts(order: Open, source: Source) -> tuple[int, int]:
    """With how many connections to begin, and how many there may be."""
    count = max(1, min(order.connections, source.most_connections))
    if count == 1:
        return 1, 1
    limit = SSH_CHANNELS if order.socket_path else order.far_connections
    return count, max(count, min(limit, source.most_connections))


def _round_trip_s(link: Link) -> float:
    began = time.monotonic()
    link.connection.getLibVersion()
    return time.monotonic() - began


def _silence(_opaque: object, _error: object) -> None:
    """libvirt would print every error to stderr, the expected ones too."""
