"""What a child of ours gives up before it talks to anybody.

No new privileges (a setuid program it starts gains nothing), not dumpable or traceable by other
processes of the user, and it ends when its parent does.
"""

import ctypes
import resource
import signal

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38


def lower_privileges() -> None:
    """Raises OSError when the kernel refuses; a child that cannot be lowered must not run."""
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in (
        (_PR_SET_NO_NEW_PRIVS, 1),
        (_PR_SET_DUMPABLE, 0),
        (_PR_SET_PDEATHSIG, signal.SIGKILL),
    ):
        if libc.prctl(option, value, 0, 0, 0):
            raise OSError(ctypes.get_errno(), f"prctl {option}")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
