"""Start, talk to and end one child process of a host.

A child gets one inherited socket, an empty directory as HOME, a scrubbed environment and nothing
else of ours. It leads its own process group, so that ending it ends whatever it started. Nothing
here blocks the loop, and only features that both asyncio's and Qt's loop have are used.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from core.hosts.undisturbed import undisturbed

CODE_ROOT = Path(__file__).resolve().parents[2]
READ_AHEAD_BYTES = 1024 * 1024  # beyond it the kernel's buffer makes a flooding child wait
LOG_LINES_KEPT = 40
LOG_LINE_LIMIT = 400
KILL_PATIENCE_S = 5.0

Launch = Sequence[str]


def module_launch(module: str) -> Launch:
    """The command of one of our own child modules; the socket's number is appended."""
    return (sys.executable, "-P", "-m", module)


def child_environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Everything a child may know of the user's environment: nothing but a language."""
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "TMPDIR": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "MALLOC_ARENA_MAX": "2",  # else each of a worker's threads keeps freed memory to itself
        "PYTHONPATH": str(CODE_ROOT),
        **(extra or {}),
    }


class Child:
    """A running child: its two stream ends, its last words, its end."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        talk: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        words: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        log: Callable[[str], None],
    ) -> None:
        self.reader, self.writer = talk
        self.ended = asyncio.Event()
        self._process = process
        self._log = log
        self._last_lines: deque[str] = deque(maxlen=LOG_LINES_KEPT)
        stream, self._words_end = words
        self._logging = asyncio.ensure_future(self._keep_words(stream))
        self._pidfd = os.pidfd_open(process.pid)
        asyncio.get_running_loop().add_reader(self._pidfd, self._reap)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def last_words(self) -> str:
        """The end of what it wrote to its error stream: for the details, hostile."""
        return "\n".join(self._last_lines)

    @property
    def exit_status(self) -> int | None:
        return self._process.returncode

    def kill(self) -> None:
        """End it and all it started, at once. The group is ours alone: it was made for it."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def close(self, grace_s: float = 0.0) -> None:
        """End it, after `grace_s` seconds by force, and wait until it is gone."""
        await undisturbed(self._close(grace_s))

    async def _close(self, grace_s: float) -> None:
        self.writer.close()
        if grace_s:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), grace_s)
        self.kill()
        with suppress(TimeoutError):  # one the kernel cannot end (a dead disk) must not hold us
            await asyncio.wait_for(self.ended.wait(), KILL_PATIENCE_S)
        self._logging.cancel()
        await asyncio.gather(self._logging, return_exceptions=True)
        for end in (self.writer, self._words_end):
            end.transport.abort()
            with suppress(OSError):
                await end.wait_closed()

    async def _keep_words(self, stream: asyncio.StreamReader) -> None:
        """Keep its last lines; a line without end is cut, not collected."""
        with suppress(OSError):
            while chunk := await stream.read(4096):
                lines = chunk.decode("utf-8", "replace").splitlines()
                for line in lines[-LOG_LINES_KEPT:]:
                    self._last_lines.append(line[:LOG_LINE_LIMIT])
                    self._log(line[:LOG_LINE_LIMIT])

    def _reap(self) -> None:
        asyncio.get_running_loop().remove_reader(self._pidfd)
        os.close(self._pidfd)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)  # what it started goes with it
        self._process.wait()
        self.ended.set()


async def launch(
    command: Launch,
    home: Path,
    *,
    log: Callable[[str], None],
    extra_environment: Mapping[str, str] | None = None,
) -> Child:
    """Start a child with a socket whose number is its last argument.

    Raises:
        OSError: the program cannot be started.
    """
    ours, theirs = socket.socketpair()
    ours_log, theirs_log = socket.socketpair()
    try:
        process = subprocess.Popen(
            [*command, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=theirs_log.fileno(),
            stderr=theirs_log.fileno(),
            pass_fds=(theirs.fileno(),),
            cwd="/",
            env=child_environment(home, extra_environment),
            start_new_session=True,
        )
    except OSError:
        ours.close()
        ours_log.close()
        raise
    finally:
        theirs.close()
        theirs_log.close()
    return await _connected(process, ours, ours_log, log)


async def _connected(
    process: "subprocess.Popen[bytes]",
    talk: socket.socket,
    words: socket.socket,
    log: Callable[[str], None],
) -> Child:
    """Wrap both ends. The opening cannot be interrupted half-way: it does not wait for the
    child, and a caller that is cancelled meanwhile must not leave a process behind."""

    async def opened() -> Child:
        talking = await asyncio.open_connection(sock=talk, limit=READ_AHEAD_BYTES)
        return Child(process, talking, await asyncio.open_connection(sock=words), log)

    opening = asyncio.ensure_future(opened())
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        await (await opening).close()
        raise
