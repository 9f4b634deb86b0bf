"""A host's questions: shown, asked, answered once; only the host that asks waits."""

import asyncio
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.settings.secrets import Secrets
from core.text import Catalogue
from gui.hosts.prompts import WindowPrompts
from gui.hosts.question import CredentialQuestion, HostKeyQuestion
from gui.inspector.fact_list import FactList
from gui.theme import Theme
from tests.ui.fleets import HOSTILE

PRINT = "SHA256:uNiVztksCsDhcc0u9e8BrqQXVUpKZIzTMczCvj3tD2s"


class MemoryStore:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.kept.pop(username, None)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def prompts(
    t: Catalogue,
    theme: Theme,
    store: MemoryStore,
    qtbot: QtBot,
    loop: asyncio.AbstractEventLoop,
) -> WindowPrompts:
    window = QWidget()
    qtbot.addWidget(window)
    secrets = Secrets(store)
    return WindowPrompts(
        words=lambda: t, theme=lambda: theme, secrets=lambda: secrets, over=lambda: window
    )


def key_question(prompts: WindowPrompts, qtbot: QtBot) -> HostKeyQuestion:
    qtbot.waitUntil(lambda: prompts.question is not None)
    question = prompts.question
    assert isinstance(question, HostKeyQuestion)
    return question


def secret_question(prompts: WindowPrompts, qtbot: QtBot) -> CredentialQuestion:
    qtbot.waitUntil(lambda: prompts.question is not None)
    question = prompts.question
    assert isinstance(question, CredentialQuestion)
    return question


def is_past(prompts: WindowPrompts, question: CredentialQuestion) -> bool:
    return prompts.question is not question


def ask_key(prompts: WindowPrompts, address: str = "hv1") -> asyncio.Task[bool]:
    asked = prompts.trust_host_key("hv1", address, "ssh-ed25519", PRINT, None)
    return asyncio.ensure_future(asked)


def ask_secret(prompts: WindowPrompts, host: str = "hv1") -> asyncio.Task[str | None]:
    return asyncio.ensure_future(prompts.credential(host, "ssh-password admin", True))


def test_a_first_key_is_shown_and_trusted(prompts: WindowPrompts, qtbot: QtBot) -> None:
    task = ask_key(prompts, HOSTILE)
    question = key_question(prompts, qtbot)
    facts = question.findChild(FactList)
    assert facts is not None
    assert {PRINT, HOSTILE} <= {fact.value for fact in facts.facts()}
    assert not question.isModal()
    question.yes.click()
    qtbot.waitUntil(task.done)
    assert task.result() is True


def test_enter_and_escape_refuse_a_key(prompts: WindowPrompts, qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        task = ask_key(prompts)
        QTest.keyClick(key_question(prompts, qtbot), key)
        qtbot.waitUntil(task.done)
        assert task.result() is False


def test_a_changed_key_is_never_asked_about(prompts: WindowPrompts, qtbot: QtBot) -> None:
    asked = prompts.trust_host_key("hv1", "hv1", "ssh-ed25519", PRINT, "SHA256:other")
    task = asyncio.ensure_future(asked)
    qtbot.waitUntil(task.done)
    assert task.result() is False


def test_a_password_is_hidden_and_kept_when_wanted(
    prompts: WindowPrompts, store: MemoryStore, qtbot: QtBot
) -> None:
    task = ask_secret(prompts)
    question = secret_question(prompts, qtbot)
    assert question.edit.echoMode() is question.edit.EchoMode.Password
    QTest.keyClicks(question.edit, "hunter2")
    question.keep.setChecked(True)
    question.yes.click()
    qtbot.waitUntil(task.done)
    assert task.result() == "hunter2"
    assert list(store.kept.values()) == ["hunter2"]


def test_a_kept_password_is_used_once_then_asked_anew(
    prompts: WindowPrompts, store: MemoryStore, qtbot: QtBot
) -> None:
    store.kept["hv1/ssh-password admin"] = "old"
    first = ask_secret(prompts)
    qtbot.waitUntil(first.done)
    assert first.result() == "old"
    second = ask_secret(prompts)
    secret_question(prompts, qtbot).no.click()
    qtbot.waitUntil(second.done)
    assert second.result() is None


def test_questions_of_two_hosts_wait_for_each_other(prompts: WindowPrompts, qtbot: QtBot) -> None:
    tasks = [ask_secret(prompts, "hv1"), ask_secret(prompts, "hv2")]
    asked: set[str] = set()
    for _ in tasks:
        question = secret_question(prompts, qtbot)
        asked.add(question.title.text())
        question.no.click()
        qtbot.waitUntil(partial(is_past, prompts, question))
    qtbot.waitUntil(lambda: all(task.done() for task in tasks))
    assert asked == {"hv1 asks for a login", "hv2 asks for a login"}


def test_a_host_that_went_away_withdraws_its_question(prompts: WindowPrompts, qtbot: QtBot) -> None:
    task = ask_key(prompts)
    hidden = key_question(prompts, qtbot).finished
    with qtbot.waitSignal(hidden):
        task.cancel()
    qtbot.waitUntil(lambda: task.done() and prompts.question is None)
