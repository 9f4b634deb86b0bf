"""The quarantine network through libvirt: one fixed document, kept or taken away, and read back."""

import libvirt

from core.facts.network import QUARANTINE_BRIDGE, QUARANTINE_NETWORK
from core.hosts.protocol import (
    Applied,
    DropQuarantineNetwork,
    Failure,
    KeepQuarantineNetwork,
    ReadQuarantineNetwork,
)
from core.hosts.quarantine_network import (
    NETWORK_ABSENT,
    NETWORK_DRIFTED,
    NETWORK_FOREIGN,
    NETWORK_OURS,
    QUARANTINE_NETWORK_UUID,
    QUARANTINE_NETWORK_XML,
)
from core.hosts.worker.link import Link
from core.hosts.worker.xml.document import BadXml, Element, at, parse

NetworkOrder = ReadQuarantineNetwork | KeepQuarantineNetwork | DropQuarantineNetwork


def carry_out_network(link: Link, order: NetworkOrder) -> Applied | Failure:
    """Do what one order says and read back how the network stands now."""
    found = _ours(link)
    if found is None and _has_name(link):
        return Applied(NETWORK_FOREIGN) if _reads(order) else Failure("quarantine-network-foreign")
    if isinstance(order, KeepQuarantineNetwork) and state_of(found) != NETWORK_OURS:
        if found is not None and found.isActive() and _ports(found):
            return Failure("quarantine-network-used")
        _keep(link, found)
    elif isinstance(order, DropQuarantineNetwork) and found is not None:
        if found.isActive() and _ports(found):
            return Failure("quarantine-network-used")
        _drop(found)
    return Applied(state_of(_ours(link)))


def _reads(order: NetworkOrder) -> bool:
    return isinstance(order, ReadQuarantineNetwork)


def _ours(link: Link) -> libvirt.virNetwork | None:
    try:
        return link.connection.networkLookupByUUIDString(QUARANTINE_NETWORK_UUID)
    except libvirt.libvirtError as error:
        _raise_unless_missing(error)
        return None


def _has_name(link: Link) -> bool:
    try:
        link.connection.networkLookupByName(QUARANTINE_NETWORK)
    except libvirt.libvirtError as error:
        _raise_unless_missing(error)
        return False
    return True


def _raise_unless_missing(error: libvirt.libvirtError) -> None:
    if error.get_error_code() != libvirt.VIR_ERR_NO_NETWORK:
        raise error


def _ports(network: libvirt.virNetwork) -> bool:
    return bool(network.listAllPorts(0))


def _keep(link: Link, found: libvirt.virNetwork | None) -> None:
    """An altered one that nobody is on begins anew: its bridge was made as it was defined."""
    if found is not None and found.isActive():
        found.destroy()
    network = link.connection.networkDefineXML(QUARANTINE_NETWORK_XML)
    network.setAutostart(1)
    network.create()


def _drop(network: libvirt.virNetwork) -> None:
    if network.isActive():
        network.destroy()
    if network.isPersistent():
        network.undefine()


def state_of(network: libvirt.virNetwork | None) -> str:
    if network is None:
        return NETWORK_ABSENT
    if not network.isActive() or not network.isPersistent() or not network.autostart():
        return NETWORK_DRIFTED
    texts = (network.XMLDesc(0), network.XMLDesc(libvirt.VIR_NETWORK_XML_INACTIVE))
    return NETWORK_OURS if all(_leads_nowhere(text) for text in texts) else NETWORK_DRIFTED


def _leads_nowhere(text: str) -> bool:
    try:
        return leads_nowhere(parse(text))
    except BadXml:
        return False


def leads_nowhere(network: Element) -> bool:
    """Whether it is what we defined, but for what libvirt adds by itself."""
    ways_out = ("forward", "ip", "route", "portgroup", "bandwidth", "domain", "vlan", "virtualport")
    return (
        at(network, "bridge", "name") == QUARANTINE_BRIDGE
        and at(network, "bridge", "stp") == "off"
        and at(network, "port", "isolated") == "yes"
        and not any(network.find(name) is not None for name in ways_out)
    )
