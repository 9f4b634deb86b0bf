"""The host itself, told in parts: quick facts first, then what takes calls or probing."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from core.facts import Host, Reason, Unknown
from core.hosts.protocol import HostChanged, Open, Opened, Report
from core.hosts.worker.identity import identity_of, peer_is_verified, transport_of
from core.hosts.worker.inventory import read_filters, read_networks, read_pools
from core.hosts.worker.link import DESCRIBE, LATER, JobQueue, Link
from core.hosts.worker.reading import answered
from core.hosts.worker.source import Source
from core.hosts.worker.xml.capabilities import Capabilities, capabilities_of, unknown_capabilities
from core.hosts.worker.xml.document import bounded

_NOT_READ = Unknown(Reason.NOT_READ)
_MIB = 1024 * 1024


class HostReader:
    """Builds the one `Host` from parts that come from different links and in any order.

    The quick facts are sent as `Opened`, every later change as `HostChanged`.
    """

    def __init__(
        self, order: Open, source: Source, send: Callable[[Report], None], jobs: JobQueue
    ) -> None:
        self._source = source
        self._send = send
        self._jobs = jobs
        self._order = order
        self._lock = threading.Lock()
        self._asked: set[str] = set()
        self._opened = False
        self._host = _unread_host(order)

    @property
    def models(self) -> tuple[str, ...] | Unknown:
        with self._lock:
            return self._host.security_models

    def start(self, when_models_known: Callable[[], None]) -> None:
        """Ask for everything; `when_models_known` is called once the labels can be paired."""

        def describe(link: Link) -> None:
            self._open(_quick_facts(link, self._order))

        def capabilities(link: Link) -> None:
            self.put(msgspec.structs.asdict(read_capabilities(link)))
            when_models_known()

        self._jobs.put(DESCRIBE, describe)
        self._jobs.put(DESCRIBE, capabilities)
        self._jobs.put(LATER, lambda link: self.put({"hostname": _hostname(link)}))
        self.read_inventory()

    def read_inventory(self) -> None:
        """Ask for networks, filters and pools; what is asked for already is not asked again.

        They come before the machines, which are judged on them and else would be judged twice.
        """
        self._ask("networks", read_networks)
        self._ask("filters", read_filters)
        if self._source.asks_pools:
            self._ask("pools", read_pools)
        else:
            self.put({"pools": Unknown(Reason.NOT_SUPPORTED)})

    def _ask(self, name: str, read: Callable[[Link], object]) -> None:
        with self._lock:
            if name in self._asked:
                return
            self._asked.add(name)

        def answer(link: Link) -> None:
            with self._lock:
                self._asked.discard(name)
            self.put({name: read(link)})

        self._jobs.put(DESCRIBE, answer)

    def put(self, parts: dict[str, Any]) -> None:
        """Take over some fields and tell the window if anything is new."""
        with self._lock:
            host = self._source.finish_host(msgspec.structs.replace(self._host, **parts))
            if host == self._host:
                return
            self._host = msgspec.structs.replace(host, observed_at=datetime.now(UTC))
            if self._opened:
                self._send(HostChanged(self._host))

    def _open(self, parts: dict[str, Any]) -> None:
        """The first report has what costs no name service and no probing of emulators."""
        self.put(parts)
        with self._lock:
            self._opened = True
            self._send(Opened(self._host))


def read_capabilities(link: Link) -> Capabilities:
    text = answered(lambda: link.connection.getCapabilities())
    return unknown_capabilities(text) if isinstance(text, Unknown) else capabilities_of(text)


def _unread_host(order: Open) -> Host:
    transport = transport_of(order)
    return Host(
        name=order.host,
        uri=order.uri,
        transport=transport,
        hostname="",
        driver="",
        read_only=order.read_only,
        observed_at=datetime.now(UTC),
        libvirt_version=_NOT_READ,
        hypervisor_version=_NOT_READ,
        security_drivers=_NOT_READ,
        cpu_model=_NOT_READ,
        cpus=_NOT_READ,
        memory_bytes=_NOT_READ,
        iommu=_NOT_READ,
        encrypted_transport=True,  # core.hosts.uri lets no unencrypted transport pass
        verified_peer=peer_is_verified(order),
        identity=_NOT_READ,
    )


def _quick_facts(link: Link, order: Open) -> dict[str, Any]:
    info = answered(lambda: link.connection.getInfo())
    hypervisor = answered(lambda: _version(link.connection.getVersion()))
    return {
        "driver": bounded(link.connection.getType(), 64),
        "libvirt_version": answered(lambda: _version(link.connection.getLibVersion())),
        "hypervisor_version": hypervisor,
        "cpus": info if isinstance(info, Unknown) else int(info[2]),
        "memory_bytes": info if isinstance(info, Unknown) else int(info[1]) * _MIB,
        "identity": identity_of(order, transport_of(order)),
    }


def _hostname(link: Link) -> str:
    """The daemon asks its name service for it, which may take a second."""
    name = answered(lambda: bounded(link.connection.getHostname(), 255))
    return "" if isinstance(name, Unknown) else name


def _version(number: int) -> str:
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"
