"""The way to a host's shell: opened for libvirt too, or kept beside a libvirt connection.

A host reached over TLS, or this very machine, is shown from libvirt alone while its shell fails:
then its own facts are Unknown with the reason, and the shell is tried again with back-off.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.facts import Reason, Unknown
from core.hosts.ends import REFUSALS, as_failure
from core.hosts.logins import Logins, connect_order
from core.hosts.process import Launch, launch
from core.hosts.protocol import Failure
from core.hosts.scratch import make_scratch, remove_scratch
from core.hosts.shell import HostShell
from core.hosts.ssh.protocol import Facts, Ready
from core.hosts.timing import Timing
from core.hosts.uri import HostUri
from core.settings.model import HostEntry
from core.settings.places import Places
from core.text import RingfenceError

FIRST_LOGIN_S = 5.0


class WayIn:
    """Launches a host's shell process and has it log in."""

    def __init__(
        self,
        entry: HostEntry,
        uri: HostUri,
        places: Places,
        *,
        logins: Logins,
        command: Launch,
        timing: Timing,
        on_facts: Callable[[Facts], None],
        log: Callable[[str], None],
    ) -> None:
        self.name = entry.name
        self.timing = timing
        self.places = places
        self._entry = entry
        self._uri = uri
        self._logins = logins
        self._command = command
        self._on_facts = on_facts
        self._log = log

    async def open(self, scratch: Path, socket_path: str) -> tuple[HostShell, Ready | Failure]:
        """Start it and log in; the shell is the caller's to close, whatever came of it.

        Raises:
            RingfenceError: ssh-target.
            OSError: the process cannot be started.
        """
        order = connect_order(self._entry, self._uri, self.places, scratch, socket_path)
        child = await launch(
            self._command, scratch, log=self._log, extra_environment=self._logins.agent()
        )
        shell = HostShell(self.name, child, self._logins, self._on_facts, self.timing)
        try:
            return shell, await shell.connect(order)
        except BaseException:  # also when the session is stopped while it logs in
            await shell.close()
            raise


class SideShell:
    """Keeps a shell for facts alone. `on_lost` hears why there are none."""

    def __init__(self, way_in: WayIn, on_lost: Callable[[Unknown], None]) -> None:
        self._way_in = way_in
        self._on_lost = on_lost
        self._retry = asyncio.Event()
        self._shell: HostShell | None = None

        self._settled = asyncio.Event()  # logged in, or failed to

    async def shell(self) -> HostShell | None:
        """The login; while the first one is still under way, waits for it a little."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_LOGIN_S):
                await self._settled.wait()
        return self._shell

    def refresh(self) -> None:
        if self._shell is not None:
            self._shell.read_facts()
        else:
            self._retry.set()

    async def keep(self) -> None:
        """Runs until it is cancelled. A refusal waits for a person, as everywhere."""
        attempt = 0
        while True:
            failure = await self._one()
            self._settled.set()
            self._on_lost(Unknown(Reason.FAILED, f"{failure.code} {failure.detail}".strip()))
            self._retry.clear()
            waits = failure.code in REFUSALS
            pause_s = None if waits else self._way_in.timing.retry_delay(attempt)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._retry.wait()
            attempt += 1

    async def _one(self) -> Failure:
        try:
            scratch = make_scratch(self._way_in.places.runtime_dir)
        except (RingfenceError, OSError) as error:
            return as_failure(error, self._way_in.name)
        try:
            shell, ready = await self._way_in.open(scratch, "")
            try:
                if isinstance(ready, Failure):
                    return ready
                self._shell = shell
                self._settled.set()
                return await shell.follow()
            finally:
                self._shell = None
                await shell.close()
        except (RingfenceError, OSError) as error:
            return as_failure(error, self._way_in.name)
        finally:
            remove_scratch(scratch)
