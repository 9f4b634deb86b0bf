"""Which kinds of evidence there are, and how a person names them.

The order of `EvidenceKind` is the order they are taken in: what is lost first comes first.
"""

from collections.abc import Iterable

from core.incidents.model import EvidenceKind
from core.text import RingfenceError, Text

__all__ = ["ALL_KINDS", "DEFAULT_KINDS", "EvidenceKind", "in_order", "parse_kinds", "words_of"]

ALL_KINDS = tuple(EvidenceKind)
# Everything but the disks: they stay where they are, and may take hours.
DEFAULT_KINDS = tuple(kind for kind in EvidenceKind if kind is not EvidenceKind.DISKS)
# What only libvirt's own connection tells: it can be had of a host that gives us no shell.
OF_LIBVIRT = frozenset({EvidenceKind.XML, EvidenceKind.SNAPSHOTS, EvidenceKind.SCREENSHOT})
# What libvirt alone can put into a storage pool, or read out of one.
BY_POOL = frozenset({EvidenceKind.MEMORY, EvidenceKind.DISKS})
# What only a running machine has.
OF_RUNNING = frozenset({EvidenceKind.MEMORY, EvidenceKind.PACKETS, EvidenceKind.SCREENSHOT})
_NONE, _ALL, _DEFAULT = "none", "all", "default"


def in_order(kinds: Iterable[EvidenceKind]) -> tuple[EvidenceKind, ...]:
    """Each kind once, in the order they are taken."""
    wanted = frozenset(kinds)
    return tuple(kind for kind in EvidenceKind if kind in wanted)


def parse_kinds(text: str) -> tuple[EvidenceKind, ...]:
    """Understand "memory,disks", "none", "all" or "default".

    Raises:
        RingfenceError: evidence-kind: a word that names none.
    """
    found: set[EvidenceKind] = set()
    for word in (part.strip().lower() for part in text.split(",")):
        if word == _ALL:
            found.update(ALL_KINDS)
        elif word == _DEFAULT:
            found.update(DEFAULT_KINDS)
        elif word in frozenset(EvidenceKind):
            found.add(EvidenceKind(word))
        elif word not in ("", _NONE):
            known = ", ".join((*EvidenceKind, _ALL, _DEFAULT, _NONE))
            raise RingfenceError("evidence-kind", given=word, known=known)
    return in_order(found)


def words_of(kind: EvidenceKind) -> Text:
    """What a person is shown for it."""
    return Text(f"evidence.kind.{kind.value}")
