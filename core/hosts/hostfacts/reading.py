"""Run the fixed scripts through whatever runs a shell, and make facts of the answer."""

import time
from collections.abc import Callable

from core.facts import Reason, Unknown
from core.hosts.hostfacts.assemble import host_os, identity, readable
from core.hosts.hostfacts.script import CLOCK_SCRIPT, HOST_SCRIPT
from core.hosts.hostfacts.sections import MAX_OUTPUT_BYTES, take_apart
from core.hosts.protocol import Failure
from core.hosts.ssh.protocol import Facts, Failed

READ_DEADLINE_S = 30.0
CLOCK_BYTES = 4096

RunShell = Callable[[bytes, int, float], bytes]  # script, most bytes, deadline -> output


def read_host(run: RunShell, host: str, how: str) -> Facts | Failed:
    """One reading. `run` raises OSError when the shell cannot be run."""
    try:
        offset = clock_offset(run)
        sections = take_apart(run(HOST_SCRIPT, MAX_OUTPUT_BYTES, READ_DEADLINE_S))
    except OSError as error:
        return Failed(Failure("host-facts", {"host": host}, str(error)), fatal=False)
    if not readable(sections):
        return Failed(Failure("host-facts", {"host": host}, "no shell we know"), fatal=False)
    return Facts(host_os(sections, offset), identity(sections, how))


def clock_offset(run: RunShell) -> float | Unknown:
    """How far the host's clock is ahead of ours, taken at the middle of the way there and back."""
    began, ticked = time.time(), time.monotonic()
    text = run(CLOCK_SCRIPT, CLOCK_BYTES, READ_DEADLINE_S).decode("ascii", "replace")
    way = time.monotonic() - ticked
    try:  # a login shell may greet before it runs anything
        return round(float(text.split()[-1]) - (began + way / 2), 3)
    except (ValueError, IndexError):
        return Unknown(Reason.UNREADABLE, text[:40])
