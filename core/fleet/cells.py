"""How a cell sorts and says what every column may have to: text, numbers, truth, not known."""

from core.facts import Unknown
from core.text import Catalogue

SortKey = tuple[float, str]
LAST = 1e9  # unknown sorts after everything


def by_text(text: str) -> SortKey:
    return (0.0, text.casefold()) if text else (LAST, "")


def by_number(number: float | None) -> SortKey:
    return (LAST, "") if number is None else (float(number), "")


def unknown(words: Catalogue) -> str:
    return words("value.unknown")


def truth(value: bool | Unknown, words: Catalogue) -> str:
    if isinstance(value, Unknown):
        return unknown(words)
    return words("value.yes" if value else "value.no")
