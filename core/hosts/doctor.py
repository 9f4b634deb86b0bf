"""The connection doctor: every stage of the way to a host, and for the one that fails the cause
in words and the next step.

It looks where libvirt's own messages say little (names, ports, certificates), then connects once
for real, as a session does, and reads what came of it.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from core.facts import Host, Reason, Transport, Unknown
from core.hosts.certificates import (
    authorities,
    check_certificate,
    own_certificate,
    port_of,
    proven_to_system,
    shown_certificate,
)
from core.hosts.logins import pki_dir_of
from core.hosts.prompts import Prompts, SessionListener
from core.hosts.protocol import AnyReport, Failure, Health, HostChanged, Opened
from core.hosts.session import HostSession
from core.hosts.uri import HostUri, parse_uri
from core.settings.model import HostEntry
from core.settings.places import Places
from core.settings.secrets import Secrets
from core.text import RingfenceError, Text

SYSTEM_AUTHORITY_DIR = Path("/etc/pki/CA")  # where libvirt looks when no directory is named
PORT_DEADLINE_S = 5.0
CONNECT_DEADLINE_S = 180.0  # a person may be typing a passphrase meanwhile
FACTS_PATIENCE_S = 6.0
CLOCK_TOLERANCE_S = 5.0
OLDEST_LIBVIRT = (4, 5)
WHY_NO_FACTS = frozenset(
    {Reason.NO_SSH, Reason.NOT_READ, Reason.NOT_PERMITTED, Reason.NOT_SUPPORTED}
)
ENDS = frozenset({"connected", "stale", "refused"})


class DoctorStep(Struct, frozen=True):
    """One stage: what was found, and what to do when it is not good."""

    ok: bool
    cause: Text
    step: Text | None = None


Tell = Callable[[DoctorStep], None]
NoteUnverified = Callable[[str], None]
OpenSession = Callable[[SessionListener], HostSession]


async def diagnose(
    entry: HostEntry,
    *,
    places: Places,
    prompts: Prompts,
    tell: Tell | None = None,
    on_unverified: NoteUnverified = lambda _: None,
    secrets: Secrets | None = None,
) -> tuple[DoctorStep, ...]:
    """Go through the stages up to the first that fails. `tell` hears each as it is found,
    `on_unverified` of a connection to a host that proves nothing."""

    def session(listener: SessionListener) -> HostSession:
        return HostSession(
            entry,
            listener,
            places=places,
            prompts=prompts,
            on_unverified=on_unverified,
            secrets=secrets,
        )

    steps: list[DoctorStep] = []
    try:
        async for step in _stages(entry, places, session):
            steps.append(step)
            if tell is not None:
                tell(step)
    except RingfenceError as error:
        steps.append(DoctorStep(False, error.cause, error.step))
        if tell is not None:
            tell(steps[-1])
    return tuple(steps)


async def _stages(
    entry: HostEntry, places: Places, session: OpenSession
) -> AsyncIterator[DoctorStep]:
    uri = parse_uri(entry.uri)
    yield _good("doctor.uri", uri=uri.text)
    if uri.transport in (Transport.TLS, Transport.HTTPS):
        async for step in _network_stages(uri):
            yield step
        async for step in _certificate_stages(entry, uri, places):
            yield step
    async for step in _connection_stages(entry, session):
        yield step


async def _network_stages(uri: HostUri) -> AsyncIterator[DoctorStep]:
    addresses = await _resolved(uri.host)
    yield _good("doctor.resolved", name=uri.host, addresses=", ".join(addresses))
    await _reached(uri.host, port_of(uri))
    yield _good("doctor.port", name=uri.host, port=port_of(uri))


async def _resolved(name: str) -> list[str]:
    try:
        found = await asyncio.to_thread(socket.getaddrinfo, name, None, 0, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise RingfenceError("doctor-name", str(error), name=name) from error
    return sorted({str(address[0]) for *_, address in found})


async def _reached(name: str, port: int) -> None:
    where: dict[str, str | int] = {"name": name, "port": port}
    try:
        connected = await asyncio.to_thread(socket.create_connection, (name, port), PORT_DEADLINE_S)
    except TimeoutError as error:
        raise RingfenceError("doctor-no-answer", str(error), **where) from error
    except ConnectionRefusedError as error:
        raise RingfenceError("doctor-port-closed", str(error), **where) from error
    except OSError as error:
        raise RingfenceError("doctor-unreachable", str(error), **where) from error
    connected.close()


async def _certificate_stages(
    entry: HostEntry, uri: HostUri, places: Places
) -> AsyncIterator[DoctorStep]:
    now = datetime.now(UTC)
    trusted = []
    if uri.transport is Transport.TLS:
        folder = Path(pki_dir_of(entry, uri, places) or "/etc/pki/libvirt")
        if (folder / "clientcert.pem").exists() or entry.pki_dir or "pkipath" in uri.params:
            own = own_certificate(folder, now)
            trusted = authorities(folder)
            yield _good("doctor.own-certificate", subject=own.subject.rfc4514_string())
        else:
            trusted = authorities(SYSTEM_AUTHORITY_DIR)
    if not uri.verified:
        yield DoctorStep(True, Text("doctor.unverified"), Text("doctor.unverified.step"))
        return
    shown = await asyncio.to_thread(shown_certificate, uri)
    check_certificate(shown, trusted, uri.host, now)
    if uri.transport is Transport.HTTPS:
        await asyncio.to_thread(proven_to_system, uri, shown)
    yield _good(
        "doctor.certificate",
        subject=shown.subject.rfc4514_string(),
        issuer=shown.issuer.rfc4514_string(),
        until=f"{shown.not_valid_after_utc:%Y-%m-%d}",
    )


class _Ear:
    """Listens to the one session of an examination.

    A login that ends by itself names no cause. The session tries again, and its next end counts;
    a login lost twice is the answer.
    """

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.told = asyncio.Event()
        self.health: Health | None = None
        self.host: Host | None = None
        self._lost_before = False

    def health_changed(self, host: str, health: Health) -> None:
        if health.state not in ENDS or self.health is not None:
            return
        lost = health.failure is not None and health.failure.code == "ssh-lost"
        if lost and health.retry_at is not None and not self._lost_before:
            self._lost_before = True
            return
        self.health = health
        self.ended.set()

    def reported(self, host: str, report: AnyReport) -> None:
        if isinstance(report, Opened | HostChanged):
            self.host = report.host
            self.told.set()


async def _connection_stages(
    entry: HostEntry, open_session: OpenSession
) -> AsyncIterator[DoctorStep]:
    ear = _Ear()
    session = open_session(ear)
    session.start()
    try:
        async with asyncio.timeout(CONNECT_DEADLINE_S):
            await ear.ended.wait()
        if ear.health is not None and ear.health.failure is not None:
            yield _failed(ear.health.failure)
            return
        await _facts_awaited(ear)
        if ear.host is not None:
            for step in _about(ear.host):
                yield step
    except TimeoutError:
        raise RingfenceError("open-timeout", host=entry.name, seconds=CONNECT_DEADLINE_S) from None
    finally:
        await session.stop()


async def _facts_awaited(ear: _Ear) -> None:
    """The host's own facts come a moment after its machines, where there is a shell."""
    try:
        async with asyncio.timeout(FACTS_PATIENCE_S):
            while ear.host is None or _still_unread(ear.host):
                ear.told.clear()
                await ear.told.wait()
    except TimeoutError:
        return


def _still_unread(host: Host) -> bool:
    return isinstance(host.os, Unknown) and host.os.reason == "not-read"


def _about(host: Host) -> list[DoctorStep]:
    steps = [_whom(host)]
    version = host.libvirt_version
    if isinstance(version, str):
        if _numbers(version) < OLDEST_LIBVIRT:
            oldest = ".".join(map(str, OLDEST_LIBVIRT))
            steps.append(_bad("doctor-version", version=version, oldest=oldest))
        else:
            steps.append(_good("doctor.version", version=version, driver=host.driver))
    if isinstance(host.os, Unknown):
        reason = host.os.reason if host.os.reason in WHY_NO_FACTS else Reason.FAILED
        steps.append(_good(f"doctor.no-facts.{reason}", detail=host.os.detail))
        return steps
    offset = host.os.clock_offset_seconds
    if not isinstance(offset, Unknown) and abs(offset) > CLOCK_TOLERANCE_S:
        steps.append(_bad("doctor-clock", seconds=f"{offset:+.0f}"))
    steps.append(_good("doctor.facts", kernel=host.os.kernel, system=host.os.distribution))
    return steps


def _whom(host: Host) -> DoctorStep:
    name, identity = host.hostname or host.name, host.identity
    if isinstance(identity, Unknown):
        return _good("doctor.connected", host=name)
    return _good("doctor.connected-as", host=name, user=identity.user, how=identity.how)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _good(code: str, detail: str = "", **params: str | int) -> DoctorStep:
    return DoctorStep(True, Text(code, dict(params), detail))


def _bad(code: str, **params: str | int) -> DoctorStep:
    return DoctorStep(
        False, Text(f"error.{code}.cause", dict(params)), Text(f"error.{code}.step", dict(params))
    )


def _failed(failure: Failure) -> DoctorStep:
    params = dict[str, str | int | float](failure.params)
    cause = Text(f"error.{failure.code}.cause", params, failure.detail)
    return DoctorStep(False, cause, Text(f"error.{failure.code}.step", params))
