"""The head of the audit log, left on the hosts: what tells a log that was made anew from ours.

A log is a file of whoever may write here. How long it was and what its last record's hash is also
lies on every prepared host, signed, under this station's key; nothing said there is taken back.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from core.audit.head import Head
from core.audit.record import FIRST, Problem, Record
from core.hosts.helper.holds import Anchor, WriteAnchor
from core.keys.operator import Operator, is_signed
from core.text import Text

DOMAIN = b"ringfence-anchor-v1\0"


class HostAnchors(Struct, frozen=True):
    """What one host remembers. `why`: it could not be asked."""

    host: str
    anchors: tuple[Anchor, ...] = ()
    why: Text | None = None

    def ours(self, key: str) -> tuple[Anchor, ...]:
        """Those of a key that it did sign, the shortest log first."""
        good = (each for each in self.anchors if each.signature.key == key and is_good(each))
        return tuple(sorted(good, key=lambda anchor: anchor.count))


def anchor_of(head: Head, operator: Operator) -> WriteAnchor:
    """The order that leaves a head on a host."""
    signature = operator.sign(DOMAIN, _said(head.count, head.sha256))
    return WriteAnchor(0, head.count, head.sha256, signature)


def is_good(anchor: Anchor) -> bool:
    return is_signed(anchor.signature, DOMAIN, _said(anchor.count, anchor.sha256))


def anchor_problems(
    records: Sequence[Record | None], told: Sequence[HostAnchors], key: str
) -> Iterator[Problem]:
    """Compare a log with what the hosts saw of it; one problem a host."""
    for host in told:
        if host.why is None:
            yield from _of_host(records, host, key)


def _of_host(records: Sequence[Record | None], host: HostAnchors, key: str) -> Iterator[Problem]:
    ours = host.ours(key)
    fits = [anchor for anchor in ours if _fits(records, anchor)]
    wrong = [anchor for anchor in ours if anchor.count <= len(records) and anchor not in fits]
    if wrong:
        said = any(anchor.count for anchor in fits)
        code = "anchor-differs" if said else "anchor-rebuilt"
        yield Problem(wrong[0].count, code, f"{host.host} {wrong[0].at}")
    elif ours and ours[-1].count > len(records):
        last = ours[-1]
        yield Problem(len(records) + 1, "anchor-tail-cut", f"{host.host} {last.count} {last.at}")


def _fits(records: Sequence[Record | None], anchor: Anchor) -> bool:
    if anchor.count > len(records):
        return False
    record = records[anchor.count - 1] if anchor.count else None
    found = FIRST if not anchor.count else record.sha256 if record is not None else ""
    return found == anchor.sha256


def _said(count: int, sha256: str) -> bytes:
    return f"{count} {sha256}".encode()
