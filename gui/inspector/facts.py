"""What a page of the inspector says, as values: widgets only lay them out.

Every value is plain text and may be hostile. A fact is never empty: what is absent says "none",
what could not be read says "unknown" and carries the reason for the hover.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple, TypeVar

from core.facts import Unknown
from core.text import Catalogue


class Tone(StrEnum):
    """How a value is drawn. Words carry the meaning; the tone only helps the eye."""

    PLAIN = "plain"
    QUIET = "quiet"
    UNKNOWN = "unknown"
    CLAIMED = "claimed"
    WRONG = "wrong"


class Fact(NamedTuple):
    """One line: what it is, what it says, and what more there is on hover."""

    label: str
    value: str
    hover: str = ""
    tone: Tone = Tone.PLAIN
    mono: bool = False


class Section(NamedTuple):
    """Facts under one heading; `note` explains in a sentence what they mean together."""

    title: str
    facts: tuple[Fact, ...]
    note: str = ""


Value = str | int | bool | Unknown
T = TypeVar("T")


class FactWriter:
    """Writes facts in the user's language; codes are `panels.fact.<name>`."""

    def __init__(self, t: Catalogue) -> None:
        self.t = t

    def __call__(
        self,
        name: str,
        value: Value,
        *,
        mono: bool = False,
        tone: Tone = Tone.PLAIN,
        hover: str = "",
    ) -> Fact:
        label = self.t(f"panels.fact.{name}")
        if isinstance(value, Unknown):
            return Fact(label, self.t("value.unknown"), self.why(value), Tone.UNKNOWN)
        words = self.words(value)
        if not words:
            return Fact(label, self.t("value.none"), hover, Tone.QUIET)
        return Fact(label, words, hover, tone, mono)

    def words(self, value: str | int | bool) -> str:
        if isinstance(value, bool):
            return self.t("value.yes" if value else "value.no")
        return str(value)

    def why(self, unknown: Unknown) -> str:
        """The reason of an unknown, with the host's own words if it gave any."""
        reason = self.t(f"unknown.{unknown.reason.value}")
        return f"{reason}\n{unknown.detail}" if unknown.detail else reason

    def section(self, name: str, *facts: Fact | None, note: str = "") -> Section:
        """Facts that do not apply are left out by passing None."""
        kept = tuple(fact for fact in facts if fact is not None)
        return Section(self.t(f"panels.section.{name}"), kept, note)


def mapped(value: T | Unknown, say: Callable[[T], Value]) -> Value:
    """Apply `say` to a known value; an unknown stays what it is."""
    return value if isinstance(value, Unknown) else say(value)
