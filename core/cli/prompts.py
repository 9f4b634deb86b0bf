"""Questions a host asks, put to the person at the terminal; without one, the answer is no."""

import asyncio
import sys

import click

from core.cli.output import plain
from core.hosts.prompts import question
from core.text import Catalogue


class TerminalPrompts:
    """Asks on the terminal. A first host key is shown and asked, never taken silently."""

    def __init__(self, words: Catalogue) -> None:
        self._words = words
        self._turn = asyncio.Lock()  # two hosts may ask at once; one question at a time

    async def credential(self, host: str, what: str, secret: bool) -> str | None:
        if not sys.stdin.isatty():
            return None
        asked = self._words.say(question(what))
        prompt = self._words("cli.prompt.credential", host=plain(host), what=plain(asked))
        async with self._turn:
            answer: str = await asyncio.to_thread(
                click.prompt, prompt, hide_input=secret, default="", show_default=False, err=True
            )
        return answer or None

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
        async with self._turn:
            return await asyncio.to_thread(click.confirm, question, default=False, err=True)
