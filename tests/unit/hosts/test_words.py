"""Every code this room can say has words in both languages."""

import re
from pathlib import Path

import pytest

from core.hosts.ends import REFUSALS
from core.text import LANGUAGES, load_catalogue

HOSTS = Path(__file__).parents[3] / "core" / "hosts"
ERROR = re.compile(
    r"(?:RingfenceError|SshProblem|Failure|ProtocolBreach|_bad)\(\s*\"([a-z][a-z0-9-]*)\""
)
WORDS = re.compile(r"(?:Text|_good)\(\s*\"([a-z][a-z0-9.-]*)\"")
PAIRED = re.compile(r"^    \(\"[^\"]+\", \"((?:ssh|name|timed|unreach)[a-z-]*)\"\),$", re.MULTILINE)
ASKED = re.compile(r"(?:ask|_value)\(f?\"([a-z-]+)")


def sources() -> str:
    rooms = (HOSTS, HOSTS / "ssh", HOSTS / "hostfacts")
    files = [file for room in rooms for file in room.glob("*.py")]
    return "\n".join(file.read_text("utf-8") for file in files)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_a_cause_and_a_step(language: str) -> None:
    catalogue = load_catalogue(language)
    codes = {*ERROR.findall(sources()), *PAIRED.findall(sources()), *REFUSALS}
    assert len(codes) > 60
    wanted = {f"error.{code}.{part}" for code in codes for part in ("cause", "step")}
    assert sorted(wanted - catalogue.codes()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_and_question_has_words(language: str) -> None:
    catalogue = load_catalogue(language)
    wanted = {code for code in WORDS.findall(sources()) if "." in code}
    wanted |= {f"credential.{kind}" for kind in ASKED.findall(sources())}
    assert {"doctor.uri", "credential.key-passphrase", "credential.user"} <= wanted
    assert sorted(wanted - catalogue.codes()) == []
