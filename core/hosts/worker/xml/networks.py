"""`<network>` to facts."""

import ipaddress

from core.facts import Network, NetworkMode, PortGroup, Reason, Unknown
from core.hosts.worker.xml.document import Element, at, attribute, content, nodes, number, parse

DNSMASQ = "http://libvirt.org/schemas/network/dnsmasq/1.0"
ROUTER = frozenset({"3", "option:router"})
RESOLVER = frozenset({"6", "option:dns-server"})
_MACVTAP = frozenset({"private", "vepa", "passthrough"})
_PLAIN = {
    "nat": NetworkMode.NAT,
    "route": NetworkMode.ROUTE,
    "open": NetworkMode.OPEN,
    "hostdev": NetworkMode.HOSTDEV,
}


def network_of(text: str, active: bool, persistent: bool, autostart: bool | Unknown) -> Network:
    """Read one network.

    Raises:
        BadXml: the document was refused.
    """
    root = parse(text)
    forward = root.find("forward")
    return Network(
        name=content(root, "name", 1024),
        uuid=content(root, "uuid", 64),
        active=active,
        persistent=persistent,
        autostart=autostart,
        mode=_mode(forward, root),
        bridge=at(root, "bridge", "name"),
        devices=_devices(forward),
        vlans=_vlans(root),
        addresses=tuple(filter(None, (_cidr(ip) for ip in nodes(root, "ip")))),
        dhcp=root.find("ip/dhcp") is not None,
        isolated_ports=at(root, "port", "isolated") == "yes",
        port_groups=tuple(_port_group(group) for group in nodes(root, "portgroup")),
        domain=at(root, "domain", "name"),
        mac_table_manager=at(root, "bridge", "macTableManager"),
        trust_guest_rx_filters=attribute(root, "trustGuestRxFilters") == "yes",
        routers=tuple(dict.fromkeys((*_given(root, "route", "gateway"), *_options(root, ROUTER)))),
        resolvers=tuple(
            dict.fromkeys((*_given(root, "dns/forwarder", "addr"), *_options(root, RESOLVER)))
        ),
        reserved=tuple(
            (attribute(host, "ip"), attribute(host, "mac").lower())
            for host in nodes(root, "ip/dhcp/host")
            if attribute(host, "ip") and attribute(host, "mac")
        ),
    )


def unreadable_network(name: str, uuid: str, active: bool, why: str) -> Network:
    """A network whose XML was refused: it is there, and nothing else is known of it."""
    unknown = Unknown(Reason.UNREADABLE, why)
    return Network(name, uuid, active, True, unknown, NetworkMode.OTHER, "")


def _given(root: Element, path: str, name: str) -> list[str]:
    return [value for each in nodes(root, path) if (value := attribute(each, name))]


def _options(root: Element, names: frozenset[str]) -> list[str]:
    """Addresses that dnsmasq hands out by an option of its own: dhcp-option=NAME,ADDRESS,..."""
    found: list[str] = []
    for option in nodes(root, f"{{{DNSMASQ}}}options/{{{DNSMASQ}}}option"):
        word, _, value = attribute(option, "value").partition("=")
        name, *addresses = value.split(",")
        if word == "dhcp-option" and name in names:
            found += addresses[:16]
    return found


def _mode(forward: Element | None, root: Element) -> NetworkMode:
    if forward is None:
        return NetworkMode.ISOLATED
    mode = attribute(forward, "mode") or "nat"
    if mode == "bridge":
        return NetworkMode.BRIDGE if root.find("bridge") is not None else NetworkMode.MACVTAP
    if mode in _MACVTAP:
        return NetworkMode.MACVTAP
    return _PLAIN.get(mode, NetworkMode.OTHER)


def _devices(forward: Element | None) -> tuple[str, ...]:
    found = [attribute(forward, "dev"), at(forward, "pf", "dev")]
    found += [attribute(interface, "dev") for interface in nodes(forward, "interface")]
    return tuple(dict.fromkeys(name for name in found if name))


def _vlans(element: Element) -> tuple[int, ...]:
    return tuple(number(attribute(tag, "id")) for tag in nodes(element, "vlan/tag"))


def _cidr(ip: Element) -> str:
    address = attribute(ip, "address")
    prefix = attribute(ip, "prefix") or attribute(ip, "netmask")
    try:
        return str(ipaddress.ip_interface(f"{address}/{prefix}" if prefix else address))
    except ValueError:
        return address


def _port_group(group: Element) -> PortGroup:
    return PortGroup(
        name=attribute(group, "name"),
        vlans=_vlans(group),
        default=attribute(group, "default") == "yes",
    )
