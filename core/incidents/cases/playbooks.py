"""Playbooks: which steps an incident of a kind needs, in which order, and whose they are.

The steps are data (resources/playbooks), their words are in the catalogue:
`playbook.<id>.title`, `playbook.<id>.when`, `playbook.<id>.<step>`.
"""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from core.incidents.cases.model import Case, Mark, Progress, Role, Status
from core.settings.model import ContactEntry
from core.text import RingfenceError, Text


class PlaybookStep(Struct, frozen=True, forbid_unknown_fields=True):
    """`command`: what to type, with HOST, NAME and CASE to fill in; "" for what people do."""

    id: str
    phase: Status
    role: Role
    command: str = ""


class Playbook(Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    steps: tuple[PlaybookStep, ...]

    @property
    def title(self) -> Text:
        return Text(f"playbook.{self.id}.title")

    @property
    def when(self) -> Text:
        return Text(f"playbook.{self.id}.when")

    def words(self, step: PlaybookStep) -> Text:
        return Text(f"playbook.{self.id}.step.{step.id}")

    def need(self, step_id: str) -> PlaybookStep:
        """Return a step.

        Raises:
            RingfenceError: the playbook has none of that name.
        """
        for step in self.steps:
            if step.id == step_id:
                return step
        raise RingfenceError(
            "playbook-no-step", step=step_id, known=", ".join(step.id for step in self.steps)
        )

    def roles(self) -> tuple[Role, ...]:
        return tuple(dict.fromkeys(step.role for step in self.steps))


class Line(Struct, frozen=True):
    """One step as a checklist shows it."""

    step: PlaybookStep
    words: Text
    mark: Mark
    progress: Progress | None
    contacts: tuple[ContactEntry, ...]


PLAYBOOKS = ("ransomware", "escape", "flood", "console-abuse")


def load_playbook(name: str) -> Playbook:
    """Read a playbook that ships with the product.

    Raises:
        RingfenceError: there is none of that name.
    """
    if name not in PLAYBOOKS:
        raise RingfenceError("playbook-unknown", name=name, known=", ".join(PLAYBOOKS))
    return _read(name)


@cache
def _read(name: str) -> Playbook:
    text = files("resources").joinpath(f"playbooks/{name}.json").read_bytes()
    return msgspec.json.decode(text, type=Playbook)


def checklist(
    playbook: Playbook, case: Case | None, contacts: Iterable[ContactEntry]
) -> tuple[Line, ...]:
    """Every step with how far it is in this case, and whom to call for it."""
    known = {} if case is None else {each.step: each for each in case.progress}
    people = () if case is None else case.people
    named = tuple(
        ContactEntry(person.name, person.role, person.how) for person in people if person.role
    )
    listed = (*named, *contacts)
    return tuple(
        Line(
            step,
            playbook.words(step),
            known[step.id].mark if step.id in known else Mark.OPEN,
            known.get(step.id),
            tuple(each for each in listed if each.role == step.role),
        )
        for step in playbook.steps
    )


def command_of(step: PlaybookStep, case: Case | None) -> str:
    """The step's command for this case; what the case does not tell stays in capitals."""
    if case is None or not step.command:
        return step.command
    machine = case.machines[0] if case.machines else None
    whole = " verify " in step.command  # a directory has the whole id as its name
    words = {"CASE": case.id if whole else case.short}
    if case.hosts or machine is not None:
        words["HOST"] = case.hosts[0] if case.hosts else machine.host if machine else "HOST"
    if machine is not None:
        words["NAME"] = machine.name
    text = step.command
    for capital, value in words.items():
        text = text.replace(capital, value)
    return text
