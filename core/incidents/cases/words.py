"""Sentences about cases that window, terminal and report share."""

from datetime import datetime

from core.incidents.cases.model import CaseMachine, Moment, Person
from core.text import Catalogue


def moment_words(moment: Moment, words: Catalogue) -> str:
    """What happened; a state or a doubt that belongs to it stands in front."""
    text = words.say(moment.text)
    if moment.state:
        text = f"{words(f'changes.step-state.{moment.state}')}: {text}"
    return f"{words('cases.altered')} {text}" if moment.altered else text


def ms_words(ms: float | None) -> str:
    """Milliseconds from the yes as a person reads them; "" where nobody measured."""
    if ms is None:
        return ""
    if abs(ms) < 10_000:
        return f"{ms:.0f} ms"
    seconds = ms / 1000
    if abs(seconds) < 600:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if abs(seconds) < 36_000 else f"{seconds / 3600:.1f} h"


def clock_words(at: datetime) -> str:
    """A time that can be compared with other logs: UTC, to the millisecond."""
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} UTC"


def machine_words(machine: CaseMachine, words: Catalogue) -> str:
    """Whether a machine of a case is held still."""
    if machine.held:
        return words("cases.machine.held")
    return words(f"cases.machine.{machine.ended or 'not-held'}")


def person_words(person: Person, words: Catalogue) -> str:
    role = "unknown" if person.role is None else person.role.value
    text = f"{person.name}, {words(f'cases.role.{role}')}"
    return f"{text}: {person.how}" if person.how else text
