"""A password is asked on the terminal unseen, and a question nobody answers holds up nothing."""

import os
import pty
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import suppress

import pytest

ECHO_FLAGS = 3  # its place in what tcgetattr returns


class Terminal:
    """The other end of a child's terminal."""

    def __init__(self, patience_s: float) -> None:
        self._ours, self.theirs = pty.openpty()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.unit.cli.asker", str(patience_s)],
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            start_new_session=True,
        )
        self.seen = ""

    def wait_for(self, text: str) -> None:
        while text not in self.seen:
            self.seen += os.read(self._ours, 4096).decode()

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def ended(self) -> int:
        return self._child.wait(timeout=10)

    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.theirs)[ECHO_FLAGS] & termios.ECHO)

    def close(self) -> None:
        with suppress(ProcessLookupError):
            self._child.kill()
        self._child.wait()
        os.close(self._ours)
        os.close(self.theirs)


@pytest.fixture
def patient() -> Iterator[Terminal]:
    terminal = Terminal(30)
    yield terminal
    terminal.close()


@pytest.fixture
def impatient() -> Iterator[Terminal]:
    terminal = Terminal(0.5)
    yield terminal
    terminal.close()


def test_a_password_is_typed_unseen(patient: Terminal) -> None:
    patient.wait_for("Password of ann")
    patient.type("s3cret\n")
    patient.wait_for("answer=")

    assert patient.ended() == 0
    patient.wait_for("answered=1")
    assert patient.seen.count("s3cret") == 1, "only where the child printed it"
    assert "answer=s3cret asking=0" in patient.seen


def test_nobody_answers_and_the_process_ends_all_the_same(impatient: Terminal) -> None:
    impatient.wait_for("answer=(given up) asking=0")

    assert impatient.ended() == 0
    assert impatient.echoes()


def test_the_end_of_input_is_no_answer(patient: Terminal) -> None:
    patient.wait_for("Password of ann")
    patient.type("\x04")
    patient.wait_for("answer=None")

    assert patient.ended() == 0
