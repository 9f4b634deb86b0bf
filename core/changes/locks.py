"""Who runs a plan, and who changes a machine: one process at a time, on this station.

File locks of the kernel: they end with the process that holds them, however it ends.
"""

import fcntl
import hashlib
import os
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from core.changes.plan import Plan
from core.text import RingfenceError


class Locks:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def held(self, plan: Plan) -> Generator[None]:
        """Hold the plan and all its machines.

        Raises:
            RingfenceError: another run holds one of them, or the disk takes no lock file.
        """
        changes = "" if plan.changes_machines else "evidence "  # a cut never waits for a copy
        names = {f"plan {plan.id}"} | {
            f"{changes}{target.host} {target.uuid}" for target in plan.targets
        }
        with ExitStack() as stack:
            for name in sorted(names):
                handle = self._opened(name)
                stack.callback(os.close, handle)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    targets = ", ".join(target.label for target in plan.targets)
                    raise RingfenceError("change-running", targets=targets) from error
            yield

    def _opened(self, name: str) -> int:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(self._path(name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            path = str(self._folder)
            raise RingfenceError("database-not-written", str(error), path=path) from error

    def _path(self, name: str) -> Path:
        """Names come from hosts: no path is built from one."""
        return self._folder / hashlib.sha256(name.encode()).hexdigest()[:32]
