"""libvirt's events to "read this again". The callbacks run in the event loop's thread: they
only note uuids and never make a call (that would wait for the very loop that runs them)."""

from collections.abc import Callable
from typing import Any, Protocol

import libvirt

from core.hosts.worker.link import Link

# The most telling first: each registration is a round trip.
_MACHINE_EVENTS = (
    libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE,
    libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED,
    libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
    libvirt.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
    libvirt.VIR_DOMAIN_EVENT_ID_TUNABLE,
    libvirt.VIR_DOMAIN_EVENT_ID_DISK_CHANGE,
    libvirt.VIR_DOMAIN_EVENT_ID_TRAY_CHANGE,
    libvirt.VIR_DOMAIN_EVENT_ID_REBOOT,
    libvirt.VIR_DOMAIN_EVENT_ID_GRAPHICS,
    libvirt.VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE,
    libvirt.VIR_DOMAIN_EVENT_ID_PMSUSPEND,
    libvirt.VIR_DOMAIN_EVENT_ID_PMSUSPEND_DISK,
    libvirt.VIR_DOMAIN_EVENT_ID_PMWAKEUP,
    libvirt.VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2,
)


class EventSink(Protocol):
    """Who is told. Both return at once."""

    def machine_changed(self, uuid: str) -> None: ...

    def inventory_changed(self) -> None: ...

    def connection_closed(self, reason: int) -> None: ...


def register(link: Link, sink: EventSink) -> int:
    """Follow everything this driver offers; return how many kinds of events that is."""

    def machine(_connection: object, domain: libvirt.virDomain, *_rest: Any) -> None:
        sink.machine_changed(domain.UUIDString())

    def inventory(_connection: object, *_rest: Any) -> None:
        sink.inventory_changed()

    def closed(_connection: object, reason: int, _opaque: object) -> None:
        sink.connection_closed(reason)

    _tolerant(lambda: link.connection.registerCloseCallback(closed, None))
    count = sum(_tolerant(_machine_registration(link, event, machine)) for event in _MACHINE_EVENTS)
    return count + _register_inventory(link, inventory)


def _machine_registration(
    link: Link, event: int, callback: Callable[..., None]
) -> Callable[[], object]:
    return lambda: _registering(link).domainEventRegisterAny(None, event, callback, None)


def _register_inventory(link: Link, callback: Callable[..., None]) -> int:
    network, pool = (
        libvirt.VIR_NETWORK_EVENT_ID_LIFECYCLE,
        libvirt.VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE,
    )
    secret = libvirt.VIR_SECRET_EVENT_ID_LIFECYCLE
    registrations: tuple[Callable[[], object], ...] = (
        lambda: _registering(link).networkEventRegisterAny(None, network, callback, None),
        lambda: _registering(link).storagePoolEventRegisterAny(None, pool, callback, None),
        lambda: _registering(link).secretEventRegisterAny(None, secret, callback, None),
    )
    return sum(_tolerant(registration) for registration in registrations)


def _registering(link: Link) -> Any:
    """The connection without its types: the binding leaves those of callbacks open."""
    return link.connection


def _tolerant(register_one: Callable[[], object]) -> int:
    """1 when it worked; drivers and old daemons lack some events, which is no error."""
    try:
        register_one()
    except libvirt.libvirtError as error:
        if error.get_error_code() in _LACKING:
            return 0
        raise
    return 1


_LACKING = frozenset(
    {
        libvirt.VIR_ERR_NO_SUPPORT,
        libvirt.VIR_ERR_INVALID_ARG,
        libvirt.VIR_ERR_RPC,
        libvirt.VIR_ERR_ACCESS_DENIED,
        libvirt.VIR_ERR_OPERATION_DENIED,
    }
)
