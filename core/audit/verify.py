"""Find what was done to an audit log: an edited record, a moved one, a cut tail, a lost journal."""

from collections.abc import Iterator, Sequence

from core.audit.head import Head
from core.audit.mirror import row_digest
from core.audit.record import FIRST, Problem, Record, digest_of
from core.audit.signing import Signer
from core.changes.journal import Journal

BREAK = "chain-break"


Chain = Sequence[Record | None]  # None: the line cannot be read


def problems_of(
    records: Chain, head: Head | None, signer: Signer, journal: Journal | None
) -> Iterator[Problem]:
    """Yield every problem with the number of the record it is at."""
    yield from _chain(records, signer)
    yield from _head(records, head, signer)
    if journal is not None:
        yield from _journal(records, journal)


def _chain(records: Chain, signer: Signer) -> Iterator[Problem]:
    previous = FIRST
    for position, record in enumerate(records, 1):
        if record is None:
            yield Problem(position, "unreadable")
            continue  # the next one is not linked, and says so
        if record.number != position:
            yield Problem(position, "missing-record", f"{record.number}")
            return  # everything after it is shifted and would only repeat this
        yield from _record(record, previous, signer)
        previous = record.sha256


def _record(record: Record, previous: str, signer: Signer) -> Iterator[Problem]:
    if digest_of(record) != record.sha256:
        yield Problem(record.number, "edited")
    elif code := signer.check(record.key, record.sha256, record.signature):
        yield Problem(record.number, code, record.key)
    if record.previous != previous:
        yield Problem(record.number, "not-linked")
    if record.entry.event == BREAK:
        yield Problem(record.number, BREAK, record.entry.detail)


def _head(records: Chain, head: Head | None, signer: Signer) -> Iterator[Problem]:
    last = len(records)
    if head is None:
        if records:
            yield Problem(last, "head-missing")
        return
    if code := signer.check(head.key, head.signed_text, head.signature):
        yield Problem(head.count, f"head-{code}", head.key)
    elif head.count > last:
        yield Problem(last + 1, "tail-cut", f"{head.count - last}")
    elif head.count and _sha256(records[head.count - 1]) != head.sha256:
        yield Problem(head.count, "head-differs")


def _sha256(record: Record | None) -> str:
    return "" if record is None else record.sha256


def _journal(records: Chain, journal: Journal) -> Iterator[Problem]:
    """Every recorded row must be in the journal as it was recorded."""
    rows = {event.seq: row_digest(event) for event in journal.events_after(0)}
    for record in records:
        if record is None or not record.entry.journal_seq:
            continue
        seq, sha256 = record.entry.journal_seq, record.entry.journal_sha256
        found = rows.get(seq)
        if found != sha256:
            code = "journal-row-missing" if found is None else "journal-row-differs"
            yield Problem(record.number, code, f"{seq}")
