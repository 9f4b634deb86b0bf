"""All failure codes of the worker, found in its source so that none can be forgotten."""

import re
from pathlib import Path

import core.hosts.worker

_SOURCE = Path(core.hosts.worker.__file__).parent
_MADE = re.compile(r'(?<!\w)Failure\(\s*"([a-z0-9-]+)"')
_MAPPED = re.compile(r'(?:, |: )"([a-z]+(?:-[a-z]+)+|unreachable)"[,)]')


def _found() -> frozenset[str]:
    made = {code for path in _SOURCE.rglob("*.py") for code in _MADE.findall(path.read_text())}
    return frozenset(made | set(_MAPPED.findall((_SOURCE / "failures.py").read_text())))


WORKER_CODES = _found()
