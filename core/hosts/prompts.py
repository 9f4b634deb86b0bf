"""What a session may ask the user, and whom it tells what it learns."""

from typing import Protocol

from core.hosts.protocol import AnyReport, Health
from core.text import Text


class Prompts(Protocol):
    """Asks the user; a terminal, a window or a test answers. Hosts wait only for themselves."""

    async def credential(self, host: str, what: str, secret: bool) -> str | None:
        """Ask for one value; `question(what)` has the words. None: the user gave none."""
        ...

    async def trust_host_key(
        self, host: str, address: str, kind: str, fingerprint: str, known: str | None
    ) -> bool:
        """Show a key nobody knows yet and ask whether it is the host's."""
        ...


def question(what: str) -> Text:
    """The words of a credential that is asked for: "key-passphrase /home/ann/.ssh/id"."""
    kind, _, subject = what.partition(" ")
    return Text(f"credential.{kind}", {"subject": subject})


class SessionListener(Protocol):
    """Hears everything of a session, on the loop's thread."""

    def health_changed(self, host: str, health: Health) -> None: ...

    def reported(self, host: str, report: AnyReport) -> None: ...
