"""libvirt's event loop, our own: one thread, `poll`, an eventfd to wake it.

libvirt calls add, update and remove from whatever thread makes a call, so all of them take the
lock and wake the thread. The default implementation would do for a process without another main
loop, but it cannot be stopped; this one can. Register before the first connection.
"""

import os
import select
import threading
import time
from collections.abc import Callable
from typing import Any

import libvirt
from msgspec import Struct

HandleCallback = Callable[[int, int, int, Any], None]
TimeoutCallback = Callable[[int, Any], None]

_TO_POLL = (
    (libvirt.VIR_EVENT_HANDLE_READABLE, select.POLLIN),
    (libvirt.VIR_EVENT_HANDLE_WRITABLE, select.POLLOUT),
    (libvirt.VIR_EVENT_HANDLE_ERROR, select.POLLERR),
    (libvirt.VIR_EVENT_HANDLE_HANGUP, select.POLLHUP),
)


class _Handle(Struct):
    fd: int
    events: int
    callback: HandleCallback
    opaque: Any


class _Timeout(Struct):
    interval_ms: int  # negative: switched off
    due: float
    callback: TimeoutCallback
    opaque: Any


class EventLoop(threading.Thread):
    """Feeds libvirt's file descriptors and timers until `stop`."""

    def __init__(self) -> None:
        super().__init__(name="libvirt-events", daemon=True)
        self._lock = threading.Lock()
        self._handles: dict[int, _Handle] = {}
        self._timeouts: dict[int, _Timeout] = {}
        self._to_free: list[Any] = []  # libvirt locks up if it is freed inside its own call
        self._next = 1
        self._running = True
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def register(self) -> None:
        """Become libvirt's event loop; once a process."""
        libvirt.virEventRegisterImpl(
            self._add_handle,
            self._update_handle,
            self._remove_handle,
            self._add_timeout,
            self._update_timeout,
            self._remove_timeout,
        )
        self.start()

    def stop(self) -> None:
        self._running = False
        self._wake_up()

    def run(self) -> None:
        while self._running:
            ready = self._poll()
            self._fire_handles(ready)
            self._fire_timeouts()
            self._free()

    # --- called by libvirt from any thread ---

    def _add_handle(self, fd: int, events: int, callback: HandleCallback, opaque: Any) -> int:
        with self._lock:
            watch, self._next = self._next, self._next + 1
            self._handles[watch] = _Handle(fd, events, callback, opaque)
        self._wake_up()
        return watch

    def _update_handle(self, watch: int, events: int) -> None:
        with self._lock:
            handle = self._handles.get(watch)
            if handle is not None:
                handle.events = events
        self._wake_up()

    def _remove_handle(self, watch: int) -> int:
        with self._lock:
            handle = self._handles.pop(watch, None)
            if handle is not None:
                self._to_free.append(handle.opaque)
        self._wake_up()
        return 0 if handle is not None else -1

    def _add_timeout(self, interval_ms: int, callback: TimeoutCallback, opaque: Any) -> int:
        with self._lock:
            timer, self._next = self._next, self._next + 1
            self._timeouts[timer] = _Timeout(interval_ms, _due(interval_ms), callback, opaque)
        self._wake_up()
        return timer

    def _update_timeout(self, timer: int, interval_ms: int) -> None:
        with self._lock:
            timeout = self._timeouts.get(timer)
            if timeout is not None:
                timeout.interval_ms, timeout.due = interval_ms, _due(interval_ms)
        self._wake_up()

    def _remove_timeout(self, timer: int) -> int:
        with self._lock:
            timeout = self._timeouts.pop(timer, None)
            if timeout is not None:
                self._to_free.append(timeout.opaque)
        self._wake_up()
        return 0 if timeout is not None else -1

    # --- our thread ---

    def _wake_up(self) -> None:
        os.eventfd_write(self._wake, 1)

    def _poll(self) -> dict[int, int]:
        poller = select.poll()
        poller.register(self._wake, select.POLLIN)
        with self._lock:
            wanted: dict[int, int] = {}
            for handle in self._handles.values():
                wanted[handle.fd] = wanted.get(handle.fd, 0) | _to_poll(handle.events)
            due = [t.due for t in self._timeouts.values() if t.interval_ms >= 0]
        for fd, events in wanted.items():
            if events:
                poller.register(fd, events)
        wait = None if not due else max(0.0, min(due) - time.monotonic()) * 1000
        ready = dict(poller.poll(wait))
        if ready.pop(self._wake, 0):
            os.eventfd_read(self._wake)
        return ready

    def _fire_handles(self, ready: dict[int, int]) -> None:
        with self._lock:
            watches = [(w, h.fd) for w, h in self._handles.items() if h.fd in ready]
        for watch, fd in watches:
            with self._lock:
                handle = self._handles.get(watch)  # an earlier callback may have removed it
            if handle is not None and handle.fd == fd:
                events = _from_poll(ready[fd]) & (handle.events | _ALWAYS)
                if events:
                    handle.callback(watch, fd, events, handle.opaque)

    def _fire_timeouts(self) -> None:
        now = time.monotonic()
        with self._lock:
            due = [i for i, t in self._timeouts.items() if t.interval_ms >= 0 and t.due <= now]
        for timer in due:
            with self._lock:
                timeout = self._timeouts.get(timer)
                if timeout is None or timeout.interval_ms < 0:
                    continue
                timeout.due = _due(timeout.interval_ms)
            timeout.callback(timer, timeout.opaque)

    def _free(self) -> None:
        with self._lock:
            freed, self._to_free = self._to_free, []
        for opaque in freed:
            libvirt.virEventInvokeFreeCallback(opaque)


_ALWAYS = libvirt.VIR_EVENT_HANDLE_ERROR | libvirt.VIR_EVENT_HANDLE_HANGUP


def _due(interval_ms: int) -> float:
    return time.monotonic() + max(0, interval_ms) / 1000


def _to_poll(events: int) -> int:
    return sum(bit for ours, bit in _TO_POLL if events & ours)


def _from_poll(bits: int) -> int:
    if bits & select.POLLNVAL:
        return libvirt.VIR_EVENT_HANDLE_ERROR
    return sum(ours for ours, bit in _TO_POLL if bits & bit)
