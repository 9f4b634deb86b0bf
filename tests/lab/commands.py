"""Running the tools the lab is made of: always a deadline, and a failure carries their words."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

Completed = subprocess.CompletedProcess[str]

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class CommandFailed(RuntimeError):
    """A tool ended with an error; its own words are the message."""

    def __init__(self, completed: Completed) -> None:
        argv: Sequence[str] = completed.args
        said = (completed.stderr or completed.stdout).strip()[-4000:]
        super().__init__(f"{' '.join(argv)} ended with {completed.returncode}: {said}")
        self.completed = completed


def run(
    argv: Sequence[str],
    *,
    input_text: str | None = None,
    check: bool = True,
    timeout_seconds: float = 60,
    variables: Mapping[str, str] | None = None,
) -> Completed:
    """Run a tool to its end and return what it said; the environment is plain English."""
    completed = subprocess.run(
        list(argv),
        input=input_text,
        stdin=subprocess.DEVNULL if input_text is None else None,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=timeout_seconds,
        env=plain_environment(variables),
        check=False,
    )
    if check and completed.returncode != 0:
        raise CommandFailed(completed)
    return completed


def launch(argv: Sequence[str], log: Path) -> None:
    """Start something that outlives us, in a session of its own, with its words in a log."""
    with log.open("wb") as handle:
        subprocess.run(
            ["setsid", "--fork", *argv],
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=handle,
            cwd="/",
            env=plain_environment(),
            check=True,
        )


def plain_environment(variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment of our own, so that nothing of the caller's desktop or language leaks in."""
    environment = {"PATH": SYSTEM_PATH, "LC_ALL": "C.UTF-8", "HOME": "/root", "USER": "root"}
    proxies = {name: value for name, value in os.environ.items() if name.endswith("_proxy")}
    return {**environment, **proxies, **(variables or {})}
