"""One line of the audit log, and what its hash is taken over."""

import hashlib
from datetime import datetime

import msgspec
from msgspec import Struct

FIRST = "0" * 64  # what the first record follows


class Entry(Struct, frozen=True):
    """What happened, as plain words and codes; never a secret.

    `journal_seq` and `journal_sha256` tie it to the journal row it records; 0 and "" otherwise.
    """

    event: str  # plan-begin, step-intent, step-result, plan-finish, chain-break, or a feature's own
    operator: str
    plan: str = ""
    case: str = ""
    kind: str = ""
    phase: str = ""
    targets: tuple[str, ...] = ()
    step: str = ""
    state: str = ""
    reason: str = ""
    detail: str = ""
    journal_seq: int = 0
    journal_sha256: str = ""


class Record(Struct, frozen=True):
    """A signed link of the chain. `sha256` covers everything but itself and the signature."""

    number: int
    at: datetime
    entry: Entry
    previous: str
    key: str
    sha256: str
    signature: str


def digest(number: int, at: datetime, entry: Entry, previous: str, key: str) -> str:
    """Hash one record in its canonical form: JSON, keys sorted, no spaces, UTF-8."""
    values = {
        "at": at.isoformat(),
        "entry": entry,
        "key": key,
        "number": number,
        "previous": previous,
    }
    return hashlib.sha256(msgspec.json.encode(values, order="sorted")).hexdigest()


def digest_of(record: Record) -> str:
    return digest(record.number, record.at, record.entry, record.previous, record.key)


class Problem(Struct, frozen=True):
    """One thing wrong with the log. `number` names the record; `code` is `audit.problem.<code>`."""

    number: int
    code: str
    detail: str = ""


class Verification(Struct, frozen=True):
    records: int
    problems: tuple[Problem, ...]

    @property
    def good(self) -> bool:
        return not self.problems
