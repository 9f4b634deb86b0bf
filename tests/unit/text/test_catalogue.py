"""Words for codes: parameters are inserted, never interpreted; what is missing is visible."""

from pathlib import Path

import pytest

from core.text import LANGUAGES, Catalogue, RingfenceError, Text, load_catalogue, pick_language
from core.text.po import PoError, read_po
from tests.texts import problems


def test_a_parameter_is_never_interpreted() -> None:
    words = Catalogue("en", {"a": ("{name} and {other}",)})
    assert words("a", name="{other}{0}%s", other="x") == "{other}{0}%s and x"


def test_a_missing_parameter_and_a_missing_code_are_visible() -> None:
    words = Catalogue("en", {"a": ("{name} {", "x")})
    assert words("a") == "{name} {"
    assert words("no.such") == "‹no.such›"


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [("en", 1, "1 machine"), ("en", 2, "2 machines"), ("en", 0, "0 machines"), ("zh_CN", 2, "2")],
)
def test_count_chooses_the_plural(language: str, count: int, said: str) -> None:
    forms = ("{count} machine", "{count} machines") if language == "en" else ("{count}",)
    assert Catalogue(language, {"m": forms})("m", count=count) == said


def test_an_error_names_its_cause_and_its_step() -> None:
    error = RingfenceError("unknown-host", "words of libvirt", host="h1", known="h2")
    words = load_catalogue("en")
    assert error.cause == Text("error.unknown-host.cause", error.params, "words of libvirt")
    assert "h1" in words.say(error.cause)
    assert "h2" in words.say(error.step)


def test_a_broken_catalogue_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.po"
    path.write_text('msgid "a"\nmsgstr "b"\nmsgstr nonsense\n')
    with pytest.raises(PoError, match=r"x\.po:3"):
        read_po(path)


def test_a_code_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.po"
    path.write_text('msgid "a"\nmsgstr "b"\nmsgid "a"\nmsgstr "c"\n')
    with pytest.raises(PoError, match="twice"):
        read_po(path)


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("zh_CN.UTF-8", "zh_CN"), ("zh", "zh_CN"), ("de_DE", "en"), ("C", "en")],
)
def test_a_shipped_language_is_picked(wanted: str, language: str) -> None:
    assert pick_language(wanted) == language
    assert language in LANGUAGES


def test_no_text_is_dead_or_missing_in_any_language() -> None:
    assert list(problems()) == []
