"""The window's answers to hosts: one question at a time, and only the host that asks waits."""

import asyncio
from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QWidget

from core.settings.secrets import Secrets
from core.text import Catalogue, RingfenceError
from gui.hosts.question import CredentialQuestion, HostKeyQuestion, Question, Secret
from gui.theme import Theme


class WindowPrompts:
    """Implements core.hosts.prompts.Prompts. What it needs is asked for late: it is older than
    the station and outlives a window."""

    def __init__(
        self,
        *,
        words: Callable[[], Catalogue],
        theme: Callable[[], Theme],
        secrets: Callable[[], Secrets | None],
        over: Callable[[], QWidget | None],
    ) -> None:
        self._words, self._theme, self._secrets, self._over = words, theme, secrets, over
        self._turn = asyncio.Lock()
        self._from_keyring: set[tuple[str, str]] = set()
        self.question: Question | None = None

    async def credential(self, host: str, what: str, secret: bool) -> str | None:
        """Take it from the keyring once; asked again, it was refused and a person must say."""
        secrets = self._secrets() if secret else None
        found = await self._remembered(secrets, host, what)
        if found is not None:
            return found
        question = CredentialQuestion(
            self._words(),
            self._theme(),
            host=host,
            what=credential_words(what, self._words()),
            secret=secret,
            kept=secrets is not None and secrets.kept,
        )
        answer = await self._ask(question)
        if not isinstance(answer, Secret):
            return None
        if answer.keep and secrets is not None:
            await asyncio.to_thread(secrets.put, host, what, answer.value)
        return answer.value

    async def trust_host_key(
        self, host: str, address: str, kind: str, fingerprint: str, known: str | None
    ) -> bool:
        """Ask about a first key. A key that changed is never taken here."""
        if known is not None:
            return False
        question = HostKeyQuestion(
            self._words(),
            self._theme(),
            host=host,
            address=address,
            kind=kind,
            fingerprint=fingerprint,
        )
        return await self._ask(question) is True

    async def _remembered(self, secrets: Secrets | None, host: str, what: str) -> str | None:
        key = (host, what)
        if secrets is None:
            return None
        if key in self._from_keyring:
            self._from_keyring.discard(key)
            return None
        try:
            found = await asyncio.to_thread(secrets.get, host, what)
        except RingfenceError:
            return None  # a keyring that refuses is as good as none: the person is asked
        if found is not None:
            self._from_keyring.add(key)
        return found

    async def _ask(self, question: Question) -> object:
        """Show it when its turn comes; withdraw it when the host no longer waits."""
        try:
            async with self._turn:
                return await self._shown(question)
        finally:
            question.withdraw()
            question.deleteLater()

    async def _shown(self, question: Question) -> object:
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        question.answered.connect(partial(_settle, answer))
        window = self._over()
        if window is not None:
            question.setParent(window, question.windowFlags())
        self.question = question
        question.show()
        try:
            return await answer
        finally:
            self.question = None


def _settle(answer: asyncio.Future[object], value: object) -> None:
    if not answer.done():
        answer.set_result(value)


def credential_words(what: str, t: Catalogue) -> str:
    """What is asked for, in words, with the name or file it is for."""
    code, _, subject = what.partition(" ")
    known = f"panels.credential.{code}"
    words = t(known) if t.has(known) else t("panels.credential.other", what=code)
    return f"{words}: {subject}" if subject else words
