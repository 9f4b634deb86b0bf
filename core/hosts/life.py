"""One worker process from its first order to its end, whatever that end is.

A life always ends with a `Failure` that says why. Orders in flight fail at that moment; the
worker's silence, flood, nonsense or death is noticed here and by nobody else.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec

from core.hosts.checked import checked_report
from core.hosts.evidence import AnyEvidenceResult, ReadJob
from core.hosts.evidence_pool import ReadPiece
from core.hosts.framing import Meter, ProtocolBreach, read_frame
from core.hosts.process import Child
from core.hosts.protocol import (
    MAX_ORDER_BYTES,
    MAX_REPORT_BYTES,
    Answer,
    AnyReport,
    Applied,
    Close,
    Closed,
    Failure,
    LinkReadBack,
    Open,
    Opened,
    Order,
    Ping,
    Rows,
    VolumeSeen,
    XmlTexts,
    frame,
)
from core.hosts.timing import Timing
from core.hosts.undisturbed import undisturbed
from core.text import RingfenceError

# A worker's.
Result = Applied | LinkReadBack | XmlTexts | VolumeSeen | AnyEvidenceResult

UNASKED_REPORT_BYTES = 32 * 1024 * 1024
SLICE_S = 0.008  # longest time of decoding before others on the loop get their turn


class WorkerLife:
    """Talks to one worker. `deliver` gets every good report but answers."""

    def __init__(
        self,
        host_name: str,
        child: Child,
        deliver: Callable[[AnyReport], None],
        timing: Timing,
        opening: Open,
    ) -> None:
        self._host_name = host_name
        self._child = child
        self._deliver = deliver
        self._timing = timing
        self._opening = opening
        self._pending: dict[int, asyncio.Future[Result]] = {}
        self._last_number = 0
        self._doubted = 0  # the last order given when one timed out; 0: none has since an answer
        self._pinged_at = 0.0
        self._ping_number = 0
        self._opened = asyncio.Event()
        self._gave_up = asyncio.Event()
        self._ended = False
        self._meter = Meter()

    @property
    def opened(self) -> bool:
        return self._opened.is_set() and not self._ended

    async def follow(self) -> Failure:
        """Open the host and follow its reports until the end; returns why it ended."""
        self._opening = msgspec.structs.replace(self._opening, number=self._next())
        self._write(self._opening)
        tasks = [
            asyncio.ensure_future(work)
            for work in (self._read(), self._watch(), self._wait_given_up())
        ]
        grace_s = self._timing.close_grace_s
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            failure = next(task.result() for task in tasks if task in done)
            grace_s = 0.0  # whatever ended this life, the process has nothing more to do
            return failure
        finally:
            self._ended = True
            self._fail_pending()
            await undisturbed(self._end(tasks, grace_s))

    def send(self, order: Order) -> int:
        """Give an order without waiting for its answer; its number is filled in."""
        order = msgspec.structs.replace(order, number=self._next())
        self._write(order)
        return order.number

    async def order(self, order: Order, deadline_s: float) -> Result:
        """Give an order and wait for its answer.

        Raises:
            RingfenceError: the worker's failure, `order-timeout`, `worker-lost`.
        """
        if self._ended:
            raise RingfenceError("worker-lost", host=self._host_name)
        number = self.send(order)
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._pending[number] = answer
        if isinstance(order, ReadPiece):
            self._meter.grant(order.length)
        try:
            return await asyncio.wait_for(answer, deadline_s)
        except TimeoutError:
            if not isinstance(order, ReadJob):  # asked because another order hangs already
                self._note_timeout(number)
            raise RingfenceError(
                "order-timeout", host=self._host_name, seconds=deadline_s
            ) from None
        finally:
            self._pending.pop(number, None)

    def _write(self, order: Order) -> None:
        body = frame(order)
        if len(body) > MAX_ORDER_BYTES:
            raise RingfenceError("order-too-large", host=self._host_name, bytes=len(body))
        self._last_number = order.number
        self._child.writer.write(body)

    def _next(self) -> int:
        return self._last_number + 1

    def _note_timeout(self, number: int) -> None:
        """The host hangs when it leaves an order that was given after another one timed out.

        Orders given side by side may all wait behind one machine's job: that is one timeout.
        """
        if self._doubted and number > self._doubted:
            self._gave_up.set()
        self._doubted = self._doubted or self._last_number

    # --- reading ------------------------------------------------------------------------------

    async def _read(self) -> Failure:
        sliced_at = time.monotonic()
        try:
            while True:
                limit = MAX_REPORT_BYTES if self._pending else UNASKED_REPORT_BYTES
                body = await read_frame(self._child.reader, self._meter, limit)
                if body is None:
                    return await self._last_words()
                end = self._take(checked_report(body, self._host_name))
                if end is not None:
                    return end
                if time.monotonic() - sliced_at > SLICE_S:
                    await asyncio.sleep(0)
                    sliced_at = time.monotonic()
        except ProtocolBreach as breach:
            return Failure(breach.code, {"host": self._host_name}, breach.detail)

    def _take(self, report: AnyReport) -> Failure | None:
        """Hand a report on; a Failure when it is the last one of this life."""
        match report:
            case Answer(number, result):
                return self._answered(number, result)
            case Closed(failure):
                return failure
            case Opened() | Rows():  # rows come first where a host is slow to describe itself
                self._opened.set()
            case _:
                pass
        self._deliver(report)
        return None

    def _answered(self, number: int, result: Result | Failure) -> Failure | None:
        if not 0 < number <= self._last_number:
            raise ProtocolBreach("worker-nonsense", f"answers order {number}")
        if number == self._opening.number:
            return result if isinstance(result, Failure) else None
        if number == self._ping_number:
            self._ping_number = 0
            return None
        self._doubted = 0
        waiting = self._pending.pop(number, None)
        if waiting is not None and not waiting.done():
            if isinstance(result, Failure):
                waiting.set_exception(raised(result))
            else:
                waiting.set_result(result)
        return None

    # --- watching -----------------------------------------------------------------------------

    async def _watch(self) -> Failure:
        try:
            async with asyncio.timeout(self._timing.open_deadline_s):
                await self._opened.wait()
        except TimeoutError:
            seconds = f"{self._timing.open_deadline_s:g}"
            return Failure("open-timeout", {"host": self._host_name, "seconds": seconds})
        while await self._pinged():
            pass
        return Failure("worker-hung", {"host": self._host_name})

    async def _pinged(self) -> bool:
        """One turn: ask, wait for the answer. Time in which our own loop stood still is given
        back: the answer may lie in the socket already."""
        self._ping_number = self.send(Ping(0))
        self._pinged_at = time.monotonic()
        while self._ping_number:
            waited = time.monotonic() - self._pinged_at
            if waited > self._timing.ping_patience_s:
                return False
            before = time.monotonic()
            await asyncio.sleep(min(0.25, self._timing.ping_every_s))
            self._pinged_at += max(0.0, time.monotonic() - before - 1.0)
        await asyncio.sleep(self._timing.ping_every_s)
        return True

    async def _wait_given_up(self) -> Failure:
        await self._gave_up.wait()
        return Failure("host-hung", {"host": self._host_name})

    # --- the end ------------------------------------------------------------------------------

    async def _last_words(self) -> Failure:
        """The worker closed its end without a word: say how it ended."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timing.close_grace_s):
                await self._child.ended.wait()
        status = self._child.exit_status
        detail = f"exit status {status}\n{self._child.last_words}"
        return Failure("worker-lost", {"host": self._host_name}, detail)

    async def _end(self, tasks: list[asyncio.Task[Failure]], grace_s: float) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if grace_s and not self._child.ended.is_set():
            self.send(Close(0))
        await self._child.close(grace_s)

    def _fail_pending(self) -> None:
        for waiting in self._pending.values():
            if not waiting.done():
                waiting.set_exception(RingfenceError("worker-lost", host=self._host_name))
        self._pending.clear()


def raised(failure: Failure) -> RingfenceError:
    """A worker's failure as what the user's process raises."""
    params = {
        name: value for name, value in failure.params.items() if name not in ("code", "detail")
    }
    return RingfenceError(failure.code, failure.detail, **params)
