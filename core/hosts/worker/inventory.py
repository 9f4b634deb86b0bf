"""A host's networks, packet filters and storage pools."""

from collections.abc import Callable
from typing import TypeVar

import libvirt

from core.facts import Filter, Network, Pool, Reason, Unknown
from core.hosts.worker.link import Link
from core.hosts.worker.reading import answered
from core.hosts.worker.xml.document import BadXml
from core.hosts.worker.xml.filters import filter_of, pool_of
from core.hosts.worker.xml.networks import network_of, unreadable_network

T = TypeVar("T")
Source = TypeVar("Source")
_MAX_LISTED = 1024


def read_networks(link: Link) -> tuple[Network, ...] | Unknown:
    return answered(
        lambda: tuple(
            _network(link, network) for network in link.connection.listAllNetworks(0)[:_MAX_LISTED]
        )
    )


def _network(link: Link, network: libvirt.virNetwork) -> Network:
    link.calls += 4
    active = bool(network.isActive())
    try:
        return network_of(
            network.XMLDesc(0),
            active,
            bool(network.isPersistent()),
            answered(lambda: bool(network.autostart())),
        )
    except (BadXml, UnicodeDecodeError) as error:
        return unreadable_network(network.UUIDString(), network.UUIDString(), active, str(error))


def read_filters(link: Link) -> tuple[Filter, ...] | Unknown:
    return answered(
        lambda: _readable(
            link.connection.listAllNWFilters(0)[:_MAX_LISTED],
            lambda found: filter_of(_counted(link, found.XMLDesc(0))),
        )
    )


def read_pools(link: Link) -> tuple[Pool, ...] | Unknown:
    def one(pool: libvirt.virStoragePool) -> Pool:
        autostart = answered(lambda: bool(pool.autostart()))
        active = bool(pool.isActive())
        link.calls += 2
        return pool_of(_counted(link, pool.XMLDesc(0)), active, autostart)

    return answered(lambda: _readable(link.connection.listAllStoragePools(0)[:_MAX_LISTED], one))


def _counted(link: Link, text: str) -> str:
    link.calls += 1
    return text


def _readable(found: list[Source], read: Callable[[Source], T]) -> tuple[T, ...] | Unknown:
    """All of them, or Unknown: a list that silently misses one would be a lie."""
    try:
        return tuple(read(one) for one in found)
    except (BadXml, UnicodeDecodeError) as error:
        return Unknown(Reason.UNREADABLE, str(error))
