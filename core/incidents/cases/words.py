"""Sentences about cases that window, terminal and report share."""

from datetime import datetime

from core.incidents.cases.model import CaseMachine, Moment, Person
from core.text import Catalogue


def moment_words(moment: Moment, words: Catalogue) -> str:
    """What happened; a state or a doubt that belongs to it stands in front."""
    text = words(moment.text.code, **{**moment.text.params, **_words_in(moment, words)})
    if moment.state:
        text = f"{words(f'changes.step-state.{moment.state}')}: {text}"
    return f"{words('cases.altered')} {text}" if moment.altered else text


def _words_in(moment: Moment, words: Catalogue) -> dict[str, str]:
    """Words for the codes that a record holds; a code of another version stays as it is."""
    params = {name: str(value) for name, value in moment.text.params.items()}
    state, kind, step = (params.get(name, "") for name in ("state", "kind", "step"))
    found: dict[str, str] = {}
    code = f"{_CODES.get(moment.kind, '')}{state}"
    if moment.kind in _CODES and words.has(code):
        found["state"] = words(code)
    event = f"incidents.happened.{params.get('event', '')}"
    if words.has(event):
        found["event"] = words(event)
    title = f"playbook.{kind}.step.{step}" if step else f"playbook.{kind}.title"
    if kind and params.get("text") in {kind, step} and words.has(title):
        found["text"] = words(title)
    return found


_CODES = {
    "case-grade": "cases.grade.",
    "case-status": "cases.status.",
    "case-playbook-step": "cases.mark.",
}


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
