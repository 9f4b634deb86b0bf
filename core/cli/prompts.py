"""Questions a host asks, put to the person at the terminal; without one, the answer is no.

A question that nobody answers holds up nothing: it waits in a thread that ends with the process,
and whoever is cancelled while asking finds the terminal as it was.
"""

import asyncio
import sys
import termios
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import TypeVar

import click

from core.cli.output import plain
from core.hosts.prompts import question
from core.text import Catalogue

T = TypeVar("T")


class TerminalPrompts:
    """Asks on the terminal. A first host key is shown and asked, never taken silently.

    Attributes:
        asking: how many questions wait for an answer, shown or not yet shown.
        answered: how many were answered so far.
    """

    def __init__(self, words: Catalogue) -> None:
        self.asking = 0
        self.answered = 0
        self._words = words
        self._turn = asyncio.Lock()  # two hosts may ask at once; one question at a time

    async def credential(self, host: str, what: str, secret: bool) -> str | None:
        if not sys.stdin.isatty():
            return None
        asked = self._words.say(question(what))
        prompt = self._words("cli.prompt.credential", host=plain(host), what=plain(asked))

        def ask() -> str:
            answer: str = click.prompt(
                prompt, hide_input=secret, default="", show_default=False, err=True
            )
            return answer

        return await self._asked(ask) or None

    async def trust_host_key(
        self, host: str, address: str, kind: str, fingerprint: str, known: str | None
    ) -> bool:
        if known is not None or not sys.stdin.isatty():
            return False
        question = self._words(
            "cli.prompt.host-key",
            host=plain(host),
            address=plain(address),
            kind=plain(kind),
            fingerprint=plain(fingerprint),
        )
        return bool(await self._asked(lambda: click.confirm(question, default=False, err=True)))

    async def _asked(self, ask: Callable[[], T]) -> T | None:
        """Ask when it is our turn; None where the person ended the input instead."""
        self.asking += 1
        try:
            async with self._turn:
                with _terminal_left_as_it_was():
                    return await _in_thread(ask)
        finally:
            self.asking -= 1
            self.answered += 1


async def _in_thread(ask: Callable[[], T]) -> T | None:
    """Wait for a call that may never return, in a thread that does not keep the process."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T | None] = loop.create_future()

    def settle(value: T | None) -> None:
        if not answer.done():
            answer.set_result(value)

    def run() -> None:
        value: T | None = None
        with suppress(click.Abort, EOFError):
            value = ask()
        with suppress(RuntimeError):  # the loop is gone, and with it whoever asked
            loop.call_soon_threadsafe(settle, value)

    threading.Thread(target=run, name="question", daemon=True).start()
    return await answer


@contextmanager
def _terminal_left_as_it_was() -> Generator[None]:
    """A hidden question that is given up would leave the terminal without echo."""
    before = termios.tcgetattr(sys.stdin.fileno())
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, before)
