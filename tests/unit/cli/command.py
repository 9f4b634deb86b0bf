"""Run the command as a person does: a process of its own, with a home of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from msgspec import Struct

ROOT = Path(__file__).parents[3]


class Answer(Struct, frozen=True):
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        assert found["schema"] == 1
        return found


def ringfence(home: Path, *arguments: str, **environment: str) -> Answer:
    """Run `ringfence ARGUMENTS` without a display and without a terminal."""
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "core.cli.main", *arguments],
        env={**kept, "RINGFENCE_HOME": str(home), "HOME": str(home), **environment},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)
