"""What a session may ask the user, and whom it tells what it learns."""

from typing import Protocol

from core.hosts.protocol import AnyReport, Health


class Prompts(Protocol):
    """Asks the user; a terminal, a window or a test answers. Hosts wait only for themselves."""

    async def credential(self, host: str, what: str, secret: bool) -> str | None:
        """Ask for one value; `what` is a code (`credential.<what>`) with its subject after a
        space. None: the user gave none."""
        ...

    async def trust_host_key(
        self, host: str, address: str, kind: str, fingerprint: str, known: str | None
    ) -> bool:
        """Show a key nobody knows yet and ask whether it is the host's."""
        ...


class SessionListener(Protocol):
    """Hears everything of a session, on the loop's thread."""

    def health_changed(self, host: str, health: Health) -> None: ...

    def reported(self, host: str, report: AnyReport) -> None: ...
