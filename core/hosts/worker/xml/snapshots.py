"""`<domainsnapshot>` to facts."""

from datetime import UTC, datetime

from core.facts import Reason, Snapshot, Unknown
from core.hosts.worker.xml.document import Element, at, attribute, bounded, content, nodes, parse


def snapshot_of(text: str, current: str | None) -> Snapshot:
    """Read one snapshot; `current` is the name of the machine's current one.

    Raises:
        BadXml: the document was refused.
    """
    root = parse(text)
    name = content(root, "name", 1024)
    memory = at(root, "memory", "snapshot")
    return Snapshot(
        name=name,
        created_at=_created(root),
        state=bounded(content(root, "state"), 64),
        current=name == current,
        external=memory == "external"
        or any(attribute(d, "snapshot") == "external" for d in nodes(root, "disks/disk")),
        with_memory=memory in {"internal", "external"},
    )


def _created(root: Element) -> datetime | Unknown:
    text = content(root, "creationTime")
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return Unknown(Reason.UNREADABLE, bounded(text, 64))
