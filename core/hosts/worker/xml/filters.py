"""`<filter>` (nwfilter) and `<pool>` to facts."""

from core.facts import Filter, Pool, Unknown
from core.hosts.worker.xml.document import attribute, content, nodes, parse, size_bytes


def filter_of(text: str) -> Filter:
    """Read one packet filter.

    Raises:
        BadXml: the document was refused.
    """
    root = parse(text)
    return Filter(
        name=attribute(root, "name"),
        uuid=content(root, "uuid", 64),
        references=tuple(attribute(ref, "filter") for ref in nodes(root, "filterref")),
        rules=sum(1 for _ in nodes(root, "rule")),
        chain=attribute(root, "chain"),
    )


def pool_of(text: str, active: bool, autostart: bool | Unknown) -> Pool:
    """Read one storage pool.

    Raises:
        BadXml: the document was refused.
    """
    root = parse(text)
    return Pool(
        name=content(root, "name", 1024),
        uuid=content(root, "uuid", 64),
        kind=attribute(root, "type"),
        active=active,
        target=content(root, "target/path"),
        autostart=autostart,
        capacity_bytes=size_bytes(root.find("capacity")),
        available_bytes=size_bytes(root.find("available")),
        mode=content(root, "target/permissions/mode", 16),
        owner=content(root, "target/permissions/owner", 64),
    )
