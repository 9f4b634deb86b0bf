"""A cut is carried out by the first link that is free, once, whatever hangs on another."""

import queue
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

import libvirt

from core.hosts.protocol import Answer, Applied, Report, SetAutostart, Suspend
from core.hosts.worker.desk import OrderDesk
from core.hosts.worker.link import FIRST, JobQueue, Link
from core.hosts.worker.relief import STUCK_S, Relief
from core.hosts.worker.source import LibvirtSource

ANSWER_S = 5.0


def dialled() -> libvirt.virConnect:
    return libvirt.open("test:///default")


def failed(link: Link, error: libvirt.libvirtError) -> None:
    print(link, error)


def uuid_of_test() -> str:
    return dialled().lookupByName("test").UUIDString()


@contextmanager
def orders_link_that_hangs(orders: JobQueue) -> Generator[None]:
    """Its link is in a call that does not come back until the block ends."""
    begun, over = threading.Event(), threading.Event()

    def hang(_link: Link) -> None:
        begun.set()
        over.wait()

    orders.put(FIRST, hang)
    assert begun.wait(ANSWER_S)
    try:
        yield
    finally:
        over.set()


def test_a_link_that_hangs_holds_up_no_cut() -> None:
    said: queue.Queue[Report] = queue.Queue()
    orders, bulk = JobQueue(), JobQueue()
    for jobs in (orders, bulk):
        Link("link", dialled, jobs, failed, print).start()
    desk = OrderDesk(LibvirtSource(), orders, said.put, lambda _: None, read_only=False, slow=bulk)
    uuid = uuid_of_test()
    with orders_link_that_hangs(orders):
        desk.take(Suspend(1, uuid))
        answer = said.get(timeout=ANSWER_S)
        assert isinstance(answer, Answer) and answer.number == 1
        assert isinstance(answer.result, Applied) and answer.result.value == "paused"
    desk.take(SetAutostart(2, uuid, on=False))
    following = said.get(timeout=ANSWER_S)
    assert isinstance(following, Answer) and following.number == 2, "the cut was made twice"
    assert said.empty()


def test_another_link_is_opened_for_orders_that_wait_behind_one_that_hangs() -> None:
    said: queue.Queue[Report] = queue.Queue()
    orders = JobQueue()
    first = Link("first", dialled, orders, failed, print)
    first.start()
    relief = Relief(first, orders, lambda name: Link(name, dialled, orders, failed, print))
    desk = OrderDesk(LibvirtSource(), orders, said.put, lambda _: None, read_only=False)
    with orders_link_that_hangs(orders):
        until = time.monotonic() + ANSWER_S
        while first.busy_s() <= STUCK_S:
            relief.look()
            assert time.monotonic() < until
            time.sleep(0.05)
        relief.look()
        assert said.empty(), "nothing waits, nothing is opened"
        desk.take(SetAutostart(1, uuid_of_test(), on=False))
        relief.look()
        answer = said.get(timeout=ANSWER_S)
        assert isinstance(answer, Answer) and answer.number == 1
        assert isinstance(answer.result, Applied)
