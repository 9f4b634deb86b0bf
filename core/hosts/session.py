"""One host: its children, its health, its orders. Hosts never wait for each other.

A session keeps a worker alive, starts it anew with back-off when it ends for whatever reason,
and tells the listener what it reports. It never raises into the loop and never blocks it; a host
that cannot be reached is a `Health` with a failure, not an exception.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.facts import Host, HostOs, Identity, Reason, Transport, Unknown
from core.hosts.about import described, first_identity
from core.hosts.daemon import session_socket
from core.hosts.effects import EFFECTS
from core.hosts.ends import REFUSALS, as_failure, first_cause, is_auth_failure, refused_secret
from core.hosts.helper.closed_set import READINGS, AnyHelperResult
from core.hosts.helper.orders import HelperOrder
from core.hosts.life import Result as WorkerResult
from core.hosts.life import WorkerLife
from core.hosts.logins import Logins, has_shell, pki_dir_of, reaches_helper, shell_launch
from core.hosts.process import Launch, launch, module_launch
from core.hosts.prompts import Prompts, SessionListener
from core.hosts.protocol import (
    AnyReport,
    Close,
    Failure,
    FullRead,
    Health,
    HostChanged,
    Open,
    Opened,
    Order,
    ReadXml,
    Refresh,
    Rows,
    WatchHeld,
)
from core.hosts.scratch import make_scratch, remove_scratch
from core.hosts.shell import HostShell
from core.hosts.side_shell import SideShell, WayIn
from core.hosts.ssh.protocol import Facts
from core.hosts.timing import Timing
from core.hosts.undisturbed import undisturbed
from core.hosts.uri import HostUri, parse_uri
from core.settings.model import HostEntry
from core.settings.places import Places
from core.settings.secrets import Secrets
from core.text import RingfenceError

__all__ = ["HostSession", "Prompts", "Result", "SessionListener"]

_LOG = logging.getLogger("ringfence.hosts")
SHELL_LAST_WORD_S = 0.3
Result = WorkerResult | AnyHelperResult


class HostSession:
    """Keeps one declared host connected.

    Raises:
        RingfenceError: at construction, the entry's URI is not allowed.
    """

    def __init__(
        self,
        entry: HostEntry,
        listener: SessionListener,
        *,
        places: Places,
        prompts: Prompts,
        on_unverified: Callable[[str], None] = lambda _: None,
        secrets: Secrets | None = None,
        timing: Timing | None = None,
        worker: Launch | None = None,
        shell: Launch | None = None,
    ) -> None:
        self._entry = entry
        self._uri: HostUri = parse_uri(entry.uri)
        self._listener = listener
        self._places = places
        self._prompts = prompts
        self._on_unverified = on_unverified
        self._timing = timing or Timing()
        self._worker_launch = worker or module_launch("core.hosts.worker")
        self._logins = Logins(entry, self._uri, prompts, secrets)
        self._way_in = WayIn(
            entry,
            self._uri,
            places,
            logins=self._logins,
            command=shell or shell_launch(self._uri, entry),
            timing=self._timing,
            on_facts=self._read_facts,
            log=self._log,
        )
        self._side_shell = SideShell(self._way_in, self._lost_facts)
        self._health = Health("closed", _now())
        self._last_seen: datetime | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._life: WorkerLife | None = None
        self._shell: HostShell | None = None
        self._retry = asyncio.Event()
        self._held: tuple[str, ...] = ()
        self._host: Host | None = None
        self._pki_dir = pki_dir_of(entry, self._uri, places)
        self._identity: Identity | Unknown = first_identity(self._uri, self._pki_dir)
        unread = Reason.NOT_READ if has_shell(self._uri, entry) else Reason.NO_SSH
        self._os: HostOs | Unknown = Unknown(unread)

    @property
    def name(self) -> str:
        return self._entry.name

    @property
    def entry(self) -> HostEntry:
        return self._entry

    @property
    def health(self) -> Health:
        return self._health

    # --- the public verbs ---------------------------------------------------------------------

    def start(self) -> None:
        """Begin; returns at once."""
        if self._tasks:
            return
        self._tasks.append(asyncio.ensure_future(self._keep_connected()))
        if has_shell(self._uri, self._entry) and not self._carried_by_ssh:
            self._tasks.append(asyncio.ensure_future(self._side_shell.keep()))

    async def stop(self) -> None:
        """End the children and wait until they are gone."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._set_health("closed")

    async def order(self, order: Order, deadline_s: float = 10.0) -> Result:
        """Give one order and wait for its read-back; its number is filled in.

        Raises:
            RingfenceError: host-read-only, host-not-reached, worker-lost, order-timeout, or what
                the host answered.
        """
        if isinstance(order, Open | Close):
            raise ValueError(f"{type(order).__name__} is the session's own order")
        if self._entry.read_only and _needs_write(order):
            raise RingfenceError("host-read-only", host=self.name)
        if isinstance(order, HelperOrder):
            return await (await self._helper_shell()).order(order, deadline_s)
        if self._life is None or not self._life.opened:
            raise RingfenceError("host-not-reached", host=self.name)
        return await self._life.order(order, deadline_s)

    def refresh(self, uuids: Iterable[str] = ()) -> None:
        """Read these machines again, or the whole host; a host that waits is tried at once."""
        chosen = tuple(uuids)
        if not chosen:
            self._side_shell.refresh()
        if self._life is not None and self._life.opened:
            self._life.send(Refresh(0, chosen))
            if self._shell is not None and not chosen:
                self._shell.read_facts()
        else:
            self._retry.set()

    def watch_held(self, uuids: Iterable[str]) -> None:
        """These machines are held: their XML is read every two seconds, over reconnects too."""
        self._held = tuple(uuids)
        if self._life is not None and self._life.opened:
            self._life.send(WatchHeld(0, self._held))

    # --- one connection after the other -------------------------------------------------------

    @property
    def _carried_by_ssh(self) -> bool:
        return self._uri.transport is Transport.SSH

    async def _keep_connected(self) -> None:
        attempt = 0
        while True:
            began = time.monotonic()
            failure = await self._one_life()
            steady = time.monotonic() - began > self._timing.steady_after_s
            attempt = 0 if steady else attempt
            await self._pause(failure, self._timing.retry_delay(attempt))
            attempt += 1

    async def _one_life(self) -> Failure:
        self._set_health("connecting")
        if not self._uri.verified:
            self._on_unverified(self.name)
        try:
            scratch = make_scratch(self._places.runtime_dir)
        except (RingfenceError, OSError) as error:
            return as_failure(error, self.name)
        try:
            if self._carried_by_ssh:
                failure = await self._live_over_ssh(scratch)
            else:
                failure = await self._live(scratch, await self._own_socket())
        except (RingfenceError, OSError) as error:
            failure = as_failure(error, self.name)
        finally:
            self._life = None
            remove_scratch(scratch)
        if refused_secret(failure):
            await self._logins.forget()
        return failure

    async def _pause(self, failure: Failure, delay_s: float) -> None:
        """Wait for the next attempt. A refusal is not tried again by itself: repeated logins
        lock accounts, and only a person can change the answer."""
        self._retry.clear()
        refused = failure.code in REFUSALS or (
            is_auth_failure(failure) and not self._logins.may_ask
        )
        if refused:
            self._set_health("refused", failure)
            await self._retry.wait()
            return
        retry_at = _now() + timedelta(seconds=delay_s)
        self._set_health("stale", failure, retry_at)
        with suppress(TimeoutError):
            async with asyncio.timeout(delay_s):
                await self._retry.wait()

    async def _own_socket(self) -> str:
        """libvirt finds a system daemon by itself; the user's own may have to be started."""
        local = self._uri.transport is Transport.LOCAL
        return await session_socket() if local and self._uri.path == "/session" else ""

    async def _live(self, scratch: Path, socket_path: str) -> Failure:
        """Run one worker until it ends."""
        opening = Open(
            0,
            host=self.name,
            uri=self._uri.for_worker(pki_dir=self._pki_dir, socket_path=socket_path),
            read_only=self._entry.read_only,
            pki_dir=self._pki_dir,
            socket_path=socket_path,
            credentials=await self._logins.credentials(),
            demo_facts=self._entry.demo_facts,
        )
        child = await launch(self._worker_launch, scratch, log=self._log)
        self._life = WorkerLife(self.name, child, self._heard, self._timing, opening)
        return await self._life.follow()

    async def _live_over_ssh(self, scratch: Path) -> Failure:
        """Run the SSH process and on top of it a worker, until either ends."""
        socket_path = str(scratch / "libvirt.sock")
        shell, ready = await self._way_in.open(scratch, socket_path)
        try:
            if isinstance(ready, Failure):
                return ready
            self._shell = shell
            self._identity = Identity(ready.user, ready.how)
            return await self._until_either(self._live(scratch, socket_path), shell)
        finally:
            self._shell = None
            await shell.close()

    async def _until_either(
        self, living: Coroutine[None, None, Failure], shell: HostShell
    ) -> Failure:
        worker, follow = asyncio.ensure_future(living), asyncio.ensure_future(shell.follow())
        try:
            await asyncio.wait((worker, follow), return_when=asyncio.FIRST_COMPLETED)
            if not follow.done():  # the worker only sees its socket close; the shell knows why
                await asyncio.wait((follow,), timeout=SHELL_LAST_WORD_S)
            return first_cause(
                worker.result() if worker.done() else None,
                follow.result() if follow.done() else None,
                shell.channel_failure,
            )
        finally:
            worker.cancel()
            follow.cancel()
            await undisturbed(_settled(worker, follow))

    async def _helper_shell(self) -> HostShell:
        """The login that reaches ringfence-host.

        Raises:
            RingfenceError: helper-no-ssh: this host has none; host-not-reached: not now.
        """
        if not reaches_helper(self._uri, self._entry):
            raise RingfenceError("helper-no-ssh", host=self.name)
        shell = self._shell if self._carried_by_ssh else await self._side_shell.shell()
        if shell is None:
            raise RingfenceError("host-not-reached", host=self.name)
        return shell

    # --- the shell ----------------------------------------------------------------------------

    def _read_facts(self, facts: Facts) -> None:
        self._os = facts.os
        if self._carried_by_ssh:
            known = self._identity
            how = known.how if isinstance(known, Identity) else facts.identity.how
            shell = facts.identity
            self._identity = Identity(shell.user, how, shell.uid, shell.groups, shell.root)
        self._tell_host()

    def _lost_facts(self, why: Unknown) -> None:
        self._os = why
        self._tell_host()

    # --- what was heard -----------------------------------------------------------------------

    def _heard(self, report: AnyReport) -> None:
        self._last_seen = _now()
        if self._health.state == "connecting" and isinstance(report, Opened | Rows):
            self._was_opened()
        match report:
            case Opened(host) | HostChanged(host):
                self._host = host
                report = type(report)(self._described(host))
            case FullRead():
                self._set_health("connected")
            case _:
                pass
        self._tell(report)

    def _was_opened(self) -> None:
        self._set_health("reading")
        if self._held and self._life is not None:
            self._life.send(WatchHeld(0, self._held))

    def _described(self, host: Host) -> Host:
        return described(host, self._entry, self._uri, identity=self._identity, os_facts=self._os)

    def _tell_host(self) -> None:
        if self._host is not None and self._life is not None and self._life.opened:
            self._tell(HostChanged(self._described(self._host)))

    def _tell(self, report: AnyReport) -> None:
        self._guarded(lambda: self._listener.reported(self.name, report))

    def _set_health(
        self, state: str, failure: Failure | None = None, retry_at: datetime | None = None
    ) -> None:
        if state == self._health.state and failure is None:
            return
        self._health = Health(state, _now(), self._last_seen, failure, retry_at)
        self._guarded(lambda: self._listener.health_changed(self.name, self._health))

    def _guarded(self, tell: Callable[[], None]) -> None:
        try:
            tell()
        except Exception as error:  # a listener's bug goes to the crash handler, not to this host
            loop = asyncio.get_running_loop()
            loop.call_exception_handler({"message": "session listener", "exception": error})

    def _log(self, line: str) -> None:
        _LOG.info("%s: %s", self.name, line)


def _needs_write(order: Order) -> bool:
    if isinstance(order, READINGS):
        return False
    return isinstance(order, EFFECTS) or (isinstance(order, ReadXml) and order.secure)


async def _settled(*tasks: asyncio.Task[Failure]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


def _now() -> datetime:
    return datetime.now(UTC)
