"""Playbooks: every step has words in both languages, a command that exists, and people to call."""

import shlex
from datetime import UTC, datetime

import click
import pytest

from core.cli.main import build
from core.incidents.cases.model import Case, CaseMachine, Mark, Person, Progress, Role, Status
from core.incidents.cases.playbooks import PLAYBOOKS, checklist, command_of, load_playbook
from core.incidents.model import Mode
from core.settings.model import ContactEntry
from core.settings.schema import ContactSpec
from core.text import RingfenceError, load_catalogue

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
MACHINE = CaseMachine("hv1", "u", "web", Mode.FREEZE, NOW, True, None, "", ())
CASE = Case(
    id="01a201b8-cea0-717e-8ddb-3d7fc56ae252",
    title="t",
    opened_at=NOW,
    opened_by="kim",
    status=Status.CONTAIN,
    machines=(MACHINE,),
    people=(Person("Bo", Role.LEAD, "desk"),),
    playbook="escape",
    progress=(Progress("lead", Mark.DONE, "kim", NOW, ""),),
)


@pytest.mark.parametrize("name", PLAYBOOKS)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_step_is_said(name: str, language: str) -> None:
    words, playbook = load_catalogue(language), load_playbook(name)
    assert words.has(playbook.title.code) and words.has(playbook.when.code)
    for step in playbook.steps:
        assert words.has(playbook.words(step).code), step.id
        assert words.has(f"cases.role.{step.role}")
    assert len({step.id for step in playbook.steps}) == len(playbook.steps)


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_every_command_is_one_of_ours(name: str) -> None:
    root: click.Command = build(load_catalogue("en"))
    for step in load_playbook(name).steps:
        if not step.command:
            continue
        found, command = shlex.split(step.command)[1:], root
        while isinstance(command, click.Group):
            command = command.commands[found.pop(0)]
        options = {flag for param in command.params for flag in param.opts}
        assert {word for word in found if word.startswith("--")} <= options, step.command


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_no_command_is_refused_for_what_it_leaves_out(name: str) -> None:
    """At three in the morning it is copied as it stands."""
    commands = [step.command.split() for step in load_playbook(name).steps if step.command]
    for words in commands:
        if words[1] in {"quarantine", "release"}:
            assert "--reason" in words
        assert ("rebuild" in words) == ("--template" in words)


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_the_first_step_contains_or_finds_and_the_last_learns(name: str) -> None:
    steps = load_playbook(name).steps
    assert steps[0].phase in {Status.CONTAIN, Status.DETECT}
    assert steps[-1].phase is Status.LEARN


def test_a_checklist_knows_what_is_done_and_whom_to_call() -> None:
    contacts = (ContactEntry("Anna", "lead", "+49"), ContactEntry("Net", "network", ""))
    lines = {line.step.id: line for line in checklist(load_playbook("escape"), CASE, contacts)}
    assert lines["lead"].mark is Mark.DONE
    assert [contact.name for contact in lines["lead"].contacts] == ["Bo", "Anna"]
    assert [contact.name for contact in lines["other-eyes"].contacts] == ["Net"]
    assert lines["credentials"].mark is Mark.OPEN


def test_a_command_names_the_case_and_the_machine() -> None:
    steps = {step.id: step for step in load_playbook("ransomware").steps}
    assert "hv1/web" in command_of(steps["cut"], CASE)
    assert CASE.short in command_of(steps["grade"], CASE)
    assert CASE.id in command_of(steps["keys-in-memory"], CASE)
    assert "HOST/NAME" in command_of(steps["cut"], None)


def test_a_playbook_nobody_wrote_is_an_error_and_no_path() -> None:
    for name in ("dance", "../catalogue/argv", ""):
        with pytest.raises(RingfenceError, match="playbook-unknown"):
            load_playbook(name)


def test_roles_of_contacts_are_those_of_cases() -> None:
    """fleet.toml refuses any other: a misspelt role would never be called."""
    told = ContactSpec.__annotations__["role"]
    assert set(getattr(told, "__args__", ())) == {role.value for role in Role}
