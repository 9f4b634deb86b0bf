"""The few lines of shell that libvirt starts: they never take a hold for none."""

import subprocess
from pathlib import Path

import pytest

from core.hosts.helper.on_host.prepare_items import (
    NETWORK_HOOK,
    PROGRAM_FILE,
    QEMU_HOOK,
    Preparation,
    wanted_files,
)

NOBODY = Preparation((("ann", "ab" * 32),), False, "")
REFUSED_BY_PROGRAM = 7
BLIND_LS = '#!/bin/sh\n[ -d "$1" ]\n'  # sees directories alone, as SELinux may have it


@pytest.fixture
def holds(tmp_path: Path) -> Path:
    (tmp_path / "holds").mkdir()
    return tmp_path / "holds"


def asked(holds: Path, item: str, operation: str) -> int:
    [hook] = wanted_files(item, NOBODY, b"")
    room = holds.parent
    body = hook.body.decode().replace("/var/lib/ringfence/holds", str(holds))
    programs = {
        "hook": body.replace(PROGRAM_FILE, str(room / "program")),
        "program": f"#!/bin/sh\nexit {REFUSED_BY_PROGRAM}\n",
        "ls": BLIND_LS,
    }
    for name, text in programs.items():
        (room / name).write_text(text)
        (room / name).chmod(0o755)
    words = [str(room / "hook"), "g1", operation, "begin", "-"]
    return subprocess.run(words, env={"PATH": f"{room}:/usr/bin:/bin"}, check=False).returncode


@pytest.mark.parametrize("item", [QEMU_HOOK, NETWORK_HOOK])
def test_without_a_hold_nothing_is_asked(holds: Path, item: str) -> None:
    assert asked(holds, item, "prepare") == 0


def test_of_a_machine_that_comes_from_elsewhere_it_is_asked(holds: Path) -> None:
    assert asked(holds, QEMU_HOOK, "migrate") == REFUSED_BY_PROGRAM


@pytest.mark.parametrize(
    ("item", "operation"), [(QEMU_HOOK, "prepare"), (NETWORK_HOOK, "port-created")]
)
def test_a_hold_that_cannot_be_looked_at_is_one(holds: Path, item: str, operation: str) -> None:
    (holds / "46ba3357-673d-4369-83ac-9ee1a3cf2afb.json").write_text("{}")
    assert asked(holds, item, operation) == REFUSED_BY_PROGRAM


def test_what_runs_is_never_ended(holds: Path) -> None:
    (holds / "46ba3357-673d-4369-83ac-9ee1a3cf2afb.json").write_text("{}")
    assert asked(holds, QEMU_HOOK, "reconnect") == 0
