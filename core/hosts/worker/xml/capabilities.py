"""What we need of a host's capabilities: security models in order, IOMMU, CPU model."""

from msgspec import Struct

from core.facts import Reason, SecurityDriver, Unknown
from core.hosts.worker.xml.document import BadXml, Element, at, attribute, content, nodes, parse


class Capabilities(Struct, frozen=True):
    """Parts of `<capabilities><host>`."""

    security_drivers: tuple[SecurityDriver, ...] | Unknown
    cpu_model: str | Unknown
    iommu: bool | Unknown


def unknown_capabilities(why: Unknown) -> Capabilities:
    return Capabilities(why, why, why)


def capabilities_of(text: str) -> Capabilities:
    try:
        host = parse(text).find("host")
    except BadXml as error:
        return unknown_capabilities(Unknown(Reason.UNREADABLE, str(error)))
    iommu = at(host, "iommu", "support")
    return Capabilities(
        security_drivers=tuple(_driver(element) for element in nodes(host, "secmodel")),
        cpu_model=content(host, "cpu/model")
        or content(host, "cpu/arch")
        or Unknown(Reason.NOT_KNOWN_TO_LIBVIRT),
        iommu=iommu == "yes" if iommu else Unknown(Reason.NOT_KNOWN_TO_LIBVIRT),
    )


def _driver(element: Element) -> SecurityDriver:
    return SecurityDriver(
        model=content(element, "model", 64),
        doi=content(element, "doi", 64),
        base_labels={
            attribute(label, "type"): content(label) for label in nodes(element, "baselabel")
        },
    )
