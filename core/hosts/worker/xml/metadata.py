"""What a machine's own metadata says of it: claims, and whose name spaces are used."""

from lxml import etree

from core.facts import MachineClaim
from core.facts.namespaces import HOLD_NAMESPACE, MACHINE_NAMESPACE
from core.hosts.worker.xml.document import Element, at, bounded, nodes

_MAX_NAMESPACES = 64


def claim_of(domain: Element) -> MachineClaim:
    machine = f"metadata/{{{MACHINE_NAMESPACE}}}machine"
    hold = f"metadata/{{{HOLD_NAMESPACE}}}hold"
    return MachineClaim(
        zone=at(domain, machine, "zone"),
        tenant=at(domain, machine, "tenant"),
        risk=at(domain, machine, "risk"),
        hold_case=at(domain, hold, "case"),
        hold_mode=at(domain, hold, "mode"),
        hold_since=at(domain, hold, "since"),
        hold_owner=at(domain, hold, "owner"),
    )


def namespaces_of(domain: Element) -> tuple[str, ...]:
    found = dict.fromkeys(
        bounded(etree.QName(child).namespace or "", 512) for child in nodes(domain, "metadata/*")
    )
    return tuple(found)[:_MAX_NAMESPACES]


def custom_arguments_of(domain: Element) -> tuple[str, ...]:
    """Everything handed to the hypervisor past libvirt: `qemu:commandline`, overrides, ..."""
    found: list[str] = []
    for child in nodes(domain, "*"):
        name = etree.QName(child)
        if name.namespace and name.localname != "metadata":
            found += [_argument(name.localname, item) for item in nodes(child, ".//*")]
    return tuple(found)


def _argument(section: str, item: Element) -> str:
    values = " ".join(f"{key!s}={value!s}" for key, value in item.attrib.items())
    return bounded(f"{section} {etree.QName(item).localname} {values}".strip(), 512)
