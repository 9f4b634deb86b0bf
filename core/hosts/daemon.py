"""The user's own session daemon: its socket, and starting it when it does not run.

A confined worker cannot start anything, so what libvirt's client would do by itself for
`qemu:///session` is done here, with a fixed command and libvirt's own idle timeout.
"""

import asyncio
import os
import shutil
import subprocess
import time
from pathlib import Path

from core.text import RingfenceError

START_DEADLINE_S = 5.0
_DAEMONS = {"libvirtd": "libvirt-sock", "virtqemud": "virtqemud-sock"}


def runtime_folder() -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/"):
        return Path(runtime) / "libvirt"
    return Path.home() / ".cache" / "libvirt"


def existing_socket(folder: Path) -> Path | None:
    """The socket of a daemon that runs, whichever of the two this machine has."""
    for name in ("virtqemud-sock", "libvirt-sock"):
        if (folder / name).is_socket():
            return folder / name
    return None


async def session_socket(folder: Path | None = None) -> str:
    """Return the session daemon's socket, starting the daemon when needed.

    Raises:
        RingfenceError: session-daemon: it is not installed, or did not come up.
    """
    folder = folder or runtime_folder()
    found = existing_socket(folder)
    if found is None:
        await _start()
        found = await _awaited(folder)
    return str(found)


async def _start() -> None:
    if os.geteuid() == 0:  # root's daemon is the system's: never start that by the way
        raise RingfenceError("session-daemon", "root has no session daemon: use qemu:///system")
    program = next((path for name in _DAEMONS if (path := shutil.which(name))), None)
    if program is None:
        raise RingfenceError("session-daemon", "neither libvirtd nor virtqemud is installed")
    try:
        await asyncio.to_thread(_run, program)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RingfenceError("session-daemon", str(error)) from error


def _run(program: str) -> None:
    """The daemon's first process ends as soon as the daemon itself runs."""
    subprocess.run(
        [program, "--timeout=30", "--daemon"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        timeout=START_DEADLINE_S,
        check=False,
    )


async def _awaited(folder: Path) -> Path:
    ends_at = time.monotonic() + START_DEADLINE_S
    while time.monotonic() < ends_at:
        found = existing_socket(folder)
        if found is not None:
            return found
        await asyncio.sleep(0.05)
    raise RingfenceError("session-daemon", f"no socket in {folder}")
