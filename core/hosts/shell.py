"""The session's end of a host's shell: its SSH process, or the reader of this machine's facts.

The process is launched, asked to connect and watched here. Questions it has (an unknown host
key, a passphrase) go to the user through `Prompts`; while the user thinks no deadline runs.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import msgspec

from core.hosts.framing import Meter, ProtocolBreach, read_frame
from core.hosts.helper.closed_set import AnyHelperResult
from core.hosts.helper.orders import HelperOrder
from core.hosts.life import raised
from core.hosts.process import Child
from core.hosts.prompts import Prompts
from core.hosts.protocol import Failure
from core.hosts.ssh.protocol import (
    MAX_SHELL_REPORT_BYTES,
    SHELL_REPORT_DECODER,
    AnyShellReport,
    CloseShell,
    Connect,
    Facts,
    Failed,
    HelperAnswer,
    NeedSecret,
    NeedTrust,
    ReadHostFacts,
    Ready,
    SecretAnswer,
    ShellOrder,
    TrustAnswer,
    shell_frame,
)
from core.hosts.timing import Timing
from core.text import RingfenceError


class HostShell:
    """One shell process of one host. `on_facts` hears every reading."""

    def __init__(
        self,
        host_name: str,
        child: Child,
        prompts: Prompts,
        on_facts: Callable[[Facts], None],
        timing: Timing,
    ) -> None:
        self._host_name = host_name
        self._child = child
        self._prompts = prompts
        self._on_facts = on_facts
        self._timing = timing
        self._meter = Meter(messages=200, messages_per_s=50, megabytes=32, megabytes_per_s=1)
        self.channel_failure: Failure | None = None
        self._waiting: dict[int, asyncio.Future[AnyHelperResult]] = {}
        self._over = False
        self._last_number = 0

    async def connect(self, order: Connect) -> Ready | Failure:
        """Log in. The deadline runs while the process works, not while the user thinks."""
        self._send(order)
        while True:
            try:
                # Not wait_for: in Python 3.11 it loses a cancellation that meets the answer.
                async with asyncio.timeout(self._timing.login_deadline_s):
                    report = await self._next()
            except TimeoutError:
                seconds = f"{self._timing.login_deadline_s:g}"
                return Failure("ssh-timeout", {"host": self._host_name, "seconds": seconds})
            match report:
                case Ready() | Failure():
                    return report
                case Failed(failure):
                    return failure
                case NeedTrust() | NeedSecret():
                    await self._ask(report)
                case _:
                    return Failure("ssh-nonsense", {"host": self._host_name})

    def read_facts(self) -> None:
        if not self._child.ended.is_set():
            self._send(ReadHostFacts())

    async def order(self, order: HelperOrder, deadline_s: float) -> AnyHelperResult:
        """Give ringfence-host an order and wait for what it reads back.

        Raises:
            RingfenceError: what it answered, order-timeout, or host-not-reached.
        """
        if self._over or self._child.ended.is_set():
            raise RingfenceError("host-not-reached", host=self._host_name)
        self._last_number += 1
        number = self._last_number
        answer: asyncio.Future[AnyHelperResult] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self._send(msgspec.structs.replace(order, number=number))
        try:
            return await asyncio.wait_for(answer, deadline_s)
        except TimeoutError:
            host = self._host_name
            raise RingfenceError("order-timeout", host=host, seconds=deadline_s) from None
        finally:
            self._waiting.pop(number, None)

    async def follow(self) -> Failure:
        """Hand readings on until the process ends; returns why."""
        asking = asyncio.ensure_future(self._ask_regularly())
        try:
            while True:
                report = await self._next()
                match report:
                    case Facts():
                        self._on_facts(report)
                    case HelperAnswer(number, result):
                        self._answered(number, result)
                    case Failed(failure, fatal):
                        if fatal:
                            return failure
                        self.channel_failure = failure
                    case Failure():
                        return report
                    case _:
                        return Failure("ssh-nonsense", {"host": self._host_name})
        finally:
            asking.cancel()
            self._over = True  # an order that comes while the process ends would wait for nobody
            self._fail_waiting()
            await asyncio.gather(asking, return_exceptions=True)

    async def close(self) -> None:
        if not self._child.ended.is_set():
            self._send(CloseShell())
        await self._child.close(self._timing.close_grace_s)

    def _answered(self, number: int, result: AnyHelperResult | Failure) -> None:
        waiting = self._waiting.pop(number, None)
        if waiting is None or waiting.done():  # it came after its deadline
            return
        if isinstance(result, Failure):
            waiting.set_exception(raised(result))
        else:
            waiting.set_result(result)

    def _fail_waiting(self) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(RingfenceError("host-not-reached", host=self._host_name))
        self._waiting.clear()

    def _send(self, order: ShellOrder | HelperOrder) -> None:
        self._child.writer.write(shell_frame(order))

    async def _ask_regularly(self) -> None:
        while True:
            self.read_facts()
            await asyncio.sleep(self._timing.host_facts_every_s)

    async def _ask(self, question: NeedTrust | NeedSecret) -> None:
        match question:
            case NeedTrust(address, kind, fingerprint):
                trusted = await self._prompts.trust_host_key(
                    self._host_name, address, kind, fingerprint, None
                )
                self._send(TrustAnswer(trusted))
            case NeedSecret(what, subject):
                value = await self._prompts.credential(
                    self._host_name, f"{what} {subject}".strip(), True
                )
                self._send(SecretAnswer(value))

    async def _next(self) -> AnyShellReport | Failure:
        try:
            body = await read_frame(self._child.reader, self._meter, MAX_SHELL_REPORT_BYTES)
            if body is not None:
                report: AnyShellReport = SHELL_REPORT_DECODER.decode(body)
                return report
        except (ProtocolBreach, msgspec.DecodeError, RecursionError) as error:
            return Failure("ssh-nonsense", {"host": self._host_name}, str(error))
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timing.close_grace_s):
                await self._child.ended.wait()
        return Failure("ssh-lost", {"host": self._host_name}, self._child.last_words)
