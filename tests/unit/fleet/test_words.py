"""Every value a fact, a verdict or a filter can have is said in both languages."""

from collections.abc import Iterator
from enum import Enum, IntEnum

import pytest

from core.facts import (
    Confinement,
    ConsoleKind,
    EncryptionFormat,
    Exposure,
    LabelKind,
    MachineState,
    NetworkMode,
    NicCut,
    NicKind,
    Reason,
    Transport,
)
from core.fleet.query import FIELDS
from core.fleet.summary import Encrypted
from core.incidents.model import Containment, Mode
from core.posture.model import FixTime, Scope, Severity, Verdict
from core.settings.model import DataClass, Protection
from core.text import LANGUAGES, load_catalogue

PREFIX: dict[str, type[Enum]] = {
    "unknown": Reason,
    "state": MachineState,
    "exposure": Exposure,
    "console-kind": ConsoleKind,
    "confinement": Confinement,
    "label-kind": LabelKind,
    "encrypted": Encrypted,
    "encryption": EncryptionFormat,
    "nic-kind": NicKind,
    "nic-cut": NicCut,
    "network-mode": NetworkMode,
    "transport": Transport,
    "severity": Severity,
    "verdict": Verdict,
    "scope": Scope,
    "fixtime": FixTime,
    "containment": Containment,
    "mode": Mode,
    "protection": Protection,
    "data-class": DataClass,
}
ERRORS = (
    "place-not-ours",
    "place-not-made",
    "fleet-unreadable",
    "fleet-broken",
    "fleet-newer",
    "fleet-name-taken",
    "fleet-entry-refused",
    "fleet-no-such-entry",
    "fleet-changed-meanwhile",
    "fleet-ssh-target",
    "file-not-written",
    "keyring-failed",
    "query-too-long",
    "query-too-deep",
    "query-quote-open",
    "query-bracket-open",
    "query-bracket-extra",
    "query-nothing-after",
    "query-value-missing",
    "query-unknown-field",
    "query-operator",
    "query-number",
    "query-value-unknown",
    "too-many-machines",
)


def _codes() -> Iterator[str]:
    for prefix, enum in PREFIX.items():
        for member in enum:
            value = member.name.lower() if isinstance(member, IntEnum) else member.value
            yield f"{prefix}.{value}"
    yield from (f"health.{state}" for state in ("connecting", "reading", "connected"))
    yield from (f"health.{state}" for state in ("stale", "refused", "closed"))
    yield from (f"grade.{grade}" for grade in "ABCDEF?")
    yield from (f"query.field.{name}" for name in FIELDS)
    for error in ERRORS:
        yield f"error.{error}.cause"
        yield f"error.{error}.step"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_has_words(language: str) -> None:
    words = load_catalogue(language)
    assert [code for code in _codes() if not words.has(code)] == []
