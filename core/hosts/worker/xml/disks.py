"""`<disk>` to facts: where the bytes live, in which format, who else can write them."""

from core.facts import Disk, EncryptionFormat, ImageLabel, Reason, Unknown
from core.hosts.worker.xml.document import (
    Element,
    at,
    attribute,
    bounded,
    content,
    nodes,
    number,
    said_yes,
)

_MAX_CHAIN = 256


def disk_of(element: Element) -> Disk:
    source = element.find("source")
    driver = element.find("driver")
    chain, formats = _chain(element)
    encryption = _encryption_element(element)
    return Disk(
        target=at(element, "target", "dev"),
        device=attribute(element, "device") or "disk",
        bus=at(element, "target", "bus"),
        source_kind=attribute(element, "type"),
        source=source_text(source),
        format=attribute(driver, "type"),
        encryption=_encryption(encryption),
        read_only=element.find("readonly") is not None,
        shareable=element.find("shareable") is not None,
        transient=element.find("transient") is not None,
        chain=chain,
        chain_formats=formats,
        cache=attribute(driver, "cache"),
        io=attribute(driver, "io"),
        discard=attribute(driver, "discard"),
        error_policy=attribute(driver, "error_policy"),
        serial=content(element, "serial"),
        alias=at(element, "alias", "name"),
        secret=_secret(encryption, source),
        raw_io=attribute(element, "rawio") == "yes",
        sgio=attribute(element, "sgio"),
        hosts=tuple(_host(host) for host in nodes(source, "host")),
        network_tls=_network_tls(element, source),
        limits={
            bounded(str(limit.tag), 64): number(limit.text) for limit in nodes(element, "iotune/*")
        },
        labels=_image_labels(source),
    )


def source_text(source: Element | None) -> str:
    """One text for any kind of source: path, device, "pool/volume" or "protocol:name"."""
    if source is None:
        return ""
    for name in ("file", "dev", "dir"):
        if source.get(name):
            return attribute(source, name)
    if source.get("pool"):
        return f"{attribute(source, 'pool')}/{attribute(source, 'volume')}"
    if source.get("protocol"):
        return f"{attribute(source, 'protocol')}:{attribute(source, 'name')}"
    if source.get("type"):
        return f"{attribute(source, 'type')}:{_pci_address(source)}"
    return attribute(source, "path") or attribute(source, "name")


def _pci_address(source: Element) -> str:
    address = source.find("address")
    parts = [attribute(address, part) for part in ("domain", "bus", "slot", "function")]
    return ":".join(part.removeprefix("0x") for part in parts if part)


def _chain(disk: Element) -> tuple[tuple[str, ...] | Unknown, tuple[str, ...]]:
    """The backing files, nearest first. Without any `<backingStore>` libvirt has not looked."""
    sources: list[str] = []
    formats: list[str] = []
    level = disk.find("backingStore")
    if level is None:
        known = disk.find("source") is None or at(disk, "driver", "type") == "raw"
        return (() if known else Unknown(Reason.NOT_READ)), ()
    while level is not None and len(level) and len(sources) < _MAX_CHAIN:
        sources.append(source_text(level.find("source")))
        formats.append(at(level, "format", "type"))
        level = level.find("backingStore")
    return tuple(sources), tuple(formats)


def _encryption_element(disk: Element) -> Element | None:
    found = disk.find("source/encryption")
    return found if found is not None else disk.find("encryption")


def _encryption(element: Element | None) -> EncryptionFormat | Unknown:
    if element is None:
        return EncryptionFormat.NONE
    text = attribute(element, "format")
    try:
        return EncryptionFormat("qcow" if text == "default" else text)
    except ValueError:
        return Unknown(Reason.UNREADABLE, text)


def _secret(encryption: Element | None, source: Element | None) -> str:
    for element in (encryption, source.find("auth") if source is not None else None):
        secret = element.find("secret") if element is not None else None
        if secret is not None:
            return attribute(secret, "uuid") or attribute(secret, "usage")
    return ""


def _host(host: Element) -> str:
    if host.get("socket"):
        return attribute(host, "socket")
    name = attribute(host, "name")
    port = attribute(host, "port")
    return f"{name}:{port}" if port else name


def _network_tls(disk: Element, source: Element | None) -> bool | Unknown:
    """False where the XML says nothing: qemu.conf may decide, so that is unknown for a network."""
    if attribute(disk, "type") != "network":
        return False
    protocol = attribute(source, "protocol")
    if protocol in {"https", "ftps"}:
        return True
    tls = attribute(source, "tls")
    if tls:
        return said_yes(tls)
    return Unknown(Reason.NOT_KNOWN_TO_LIBVIRT) if protocol in {"nbd", "vxhs"} else False


def _image_labels(source: Element | None) -> tuple[ImageLabel, ...]:
    return tuple(
        ImageLabel(
            model=attribute(label, "model"),
            text=content(label, "label"),
            relabel=attribute(label, "relabel") != "no" and attribute(label, "labelskip") != "yes",
        )
        for label in nodes(source, "seclabel")
    )
