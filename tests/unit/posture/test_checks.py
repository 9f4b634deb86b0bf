"""Every check of the catalogue has metadata, words in both languages, and cases that it decides."""

import re

import pytest

from core.posture.catalogue import load_catalogue
from core.posture.checks.registry import FLEET_CHECKS, HOST_CHECKS, MACHINE_CHECKS
from core.posture.engine import Judge
from core.posture.fleet_index import FleetIndex
from core.posture.model import Outcome, Scope, Verdict
from core.posture.subject import FleetSubject
from core.text import LANGUAGES
from core.text import load_catalogue as load_words
from tests.unit.posture.cases_fleet import FLEET_CASES
from tests.unit.posture.cases_host import HOST_CASES
from tests.unit.posture.cases_machine import MACHINE_CASES, OFF, UNTOLD

MACHINE, HOST, FLEET = dict(MACHINE_CHECKS), dict(HOST_CHECKS), dict(FLEET_CHECKS)
REGISTERED = (*MACHINE, *HOST, *FLEET)
WORDS = {language: load_words(language) for language in LANGUAGES}
FAILING = {Verdict.WARN, Verdict.FAIL}
LEFT_OPEN = re.compile(r"\{\w+\}")


def said(outcome: Outcome) -> None:
    """Words in both languages with every parameter filled, and evidence that says where."""
    for language in LANGUAGES:
        sentence = WORDS[language].say(outcome.message)
        assert "‹" not in sentence, sentence
        assert not LEFT_OPEN.search(sentence), sentence
    if outcome.verdict is not Verdict.NOT_APPLICABLE:
        assert outcome.evidence
        assert all(each.where for each in outcome.evidence)


def expect(outcome: Outcome, check: str, case: str) -> None:
    assert outcome.message.code == f"finding.{check}.{case}"
    assert outcome.verdict in FAILING
    said(outcome)


def test_registered_is_the_catalogue() -> None:
    assert sorted(REGISTERED) == sorted(load_catalogue())
    assert len(REGISTERED) == len(set(REGISTERED))


def test_scopes_are_those_of_the_lists() -> None:
    infos = load_catalogue()
    for checks, scope in ((MACHINE, Scope.MACHINE), (HOST, Scope.HOST), (FLEET, Scope.FLEET)):
        assert {infos[name].scope for name in checks} == {scope}


@pytest.mark.parametrize("name", REGISTERED)
def test_metadata_and_words(name: str) -> None:
    info = load_catalogue()[name]
    assert re.fullmatch(r"[A-Z]+(-[A-Z]+)+-\d{3}", name)
    assert info.sources and info.mappings and info.needs and 1 <= info.value <= 100
    for language in LANGUAGES:
        for part in ("title", "why", "fix"):
            assert WORDS[language].has(f"check.{name}.{part}"), (language, part)


def test_every_check_has_cases() -> None:
    assert set(MACHINE_CASES) == set(MACHINE)
    assert set(HOST_CASES) == set(HOST)
    assert set(FLEET_CASES) == set(FLEET)


def test_every_sentence_of_a_failure_is_reached() -> None:
    reached = {
        f"finding.{name}.{case}"
        for cases in (MACHINE_CASES, HOST_CASES, FLEET_CASES)
        for name, each in cases.items()
        for case in each.failing
    }
    own = {
        code
        for code in WORDS["en"].codes()
        if code.startswith("finding.") and code.split(".")[1] in REGISTERED
    }
    assert own - reached == {f"finding.{name}.pass" for name in REGISTERED}


@pytest.mark.parametrize("name", MACHINE_CASES)
def test_machine_check(name: str) -> None:
    check, cases = MACHINE[name], MACHINE_CASES[name]
    passing = check(cases.passing)
    assert passing.verdict is Verdict.PASS, passing
    said(passing)
    for case, subject in cases.failing.items():
        expect(check(subject), name, case)
    unknown = check(cases.unknown)
    assert unknown.verdict is Verdict.UNKNOWN, unknown
    said(unknown)


@pytest.mark.parametrize("name", HOST_CASES)
def test_host_check(name: str) -> None:
    check, cases = HOST[name], HOST_CASES[name]
    passing = check(cases.passing)
    assert passing.verdict is Verdict.PASS, passing
    said(passing)
    for case, subject in cases.failing.items():
        expect(check(subject), name, case)
    unknown = check(cases.unknown)
    assert unknown.verdict is Verdict.UNKNOWN, unknown
    said(unknown)


def fleet_outcome(name: str, subject: FleetSubject) -> Outcome:
    return FLEET[name](FleetIndex(subject))[0].outcome


@pytest.mark.parametrize("name", FLEET_CASES)
def test_fleet_check(name: str) -> None:
    cases = FLEET_CASES[name]
    passing = fleet_outcome(name, cases.passing)
    assert passing.verdict is Verdict.PASS, passing
    said(passing)
    for case, subject in cases.failing.items():
        answers = [each.outcome for each in FLEET[name](FleetIndex(subject))]
        codes = {each.message.code: each for each in answers}
        expect(codes[f"finding.{name}.{case}"], name, case)
    if cases.unknown is not None:
        unknown = fleet_outcome(name, cases.unknown)
        assert unknown.verdict is Verdict.UNKNOWN, unknown
        said(unknown)


def test_a_stopped_machine_is_not_accused_of_its_process() -> None:
    findings = {each.check: each.verdict for each in Judge().judge_machine(OFF)}
    for name in ("VM-SVIRT-001", "VM-SVIRT-002", "VM-DAC-001", "VM-TAINT-001", "VM-DRIFT-001"):
        assert findings[name] is Verdict.NOT_APPLICABLE, name


def test_a_machine_whose_state_was_not_told_is_unknown() -> None:
    findings = {each.check: each.verdict for each in Judge().judge_machine(UNTOLD)}
    assert findings["VM-SVIRT-001"] is Verdict.UNKNOWN


def test_secret_found_is_not_shown() -> None:
    outcome = MACHINE["VM-BOOT-002"](MACHINE_CASES["VM-BOOT-002"].failing["found"])
    assert "hunter2" not in repr(outcome)
