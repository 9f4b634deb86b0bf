"""`<interface>` to facts: which card, on which network, with which filter, up or down."""

from core.facts import Nic, NicKind
from core.hosts.worker.xml.document import Element, at, attribute, nodes, number

_SOURCES = ("network", "bridge", "dev", "path", "address", "name")


def nic_of(element: Element) -> Nic:
    source = element.find("source")
    kind = _kind(attribute(element, "type"))
    if kind is NicKind.BRIDGE and source is not None and source.get("network"):
        kind = NicKind.NETWORK  # libvirt writes a running card of a bridged network like this
    return Nic(
        mac=at(element, "mac", "address").lower(),
        kind=kind,
        source=_source(kind, source),
        bridge=attribute(source, "bridge"),
        port_group=attribute(source, "portgroup"),
        model=at(element, "model", "type"),
        filter=at(element, "filterref", "filter"),
        filter_parameters=_parameters(element),
        vlans=tuple(number(attribute(tag, "id")) for tag in nodes(element, "vlan/tag")),
        vlan_trunk=at(element, "vlan", "trunk") == "yes",
        isolated=at(element, "port", "isolated") == "yes",
        link_up=at(element, "link", "state") != "down",
        target=at(element, "target", "dev"),
        alias=at(element, "alias", "name"),
        virtual_port=at(element, "virtualport", "type"),
        mode=attribute(source, "mode") if kind in (NicKind.DIRECT, NicKind.VHOSTUSER) else "",
        trust_guest_rx_filters=attribute(element, "trustGuestRxFilters") == "yes",
        inbound_limited=element.find("bandwidth/inbound") is not None,
        outbound_limited=element.find("bandwidth/outbound") is not None,
        driver=at(element, "driver", "name"),
    )


def _kind(text: str) -> NicKind:
    try:
        return NicKind(text)
    except ValueError:
        return NicKind.OTHER


def _source(kind: NicKind, source: Element | None) -> str:
    if source is None:
        return ""
    if kind is NicKind.HOSTDEV:
        address = source.find("address")
        parts = [attribute(address, part) for part in ("domain", "bus", "slot", "function")]
        return ":".join(part.removeprefix("0x") for part in parts if part)
    if source.get("address") and source.get("port"):
        return f"{attribute(source, 'address')}:{attribute(source, 'port')}"
    return next((attribute(source, name) for name in _SOURCES if source.get(name)), "")


def _parameters(element: Element) -> dict[str, tuple[str, ...]]:
    """A filter's parameters; one name may stand several times and is then a list."""
    found: dict[str, tuple[str, ...]] = {}
    for parameter in nodes(element, "filterref/parameter"):
        name = attribute(parameter, "name")
        found[name] = (*found.get(name, ()), attribute(parameter, "value"))
    return found
