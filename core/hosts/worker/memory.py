"""What a worker read of a thousand machines is gone when it was reported; its memory goes back.

Left to itself the C library keeps what was freed in small pieces, a third of what a worker takes.
"""

import ctypes

_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's; other C libraries have none


def give_back() -> None:
    """Return to the system what is free. Other threads of the interpreter run on meanwhile."""
    if _TRIM is not None:
        _TRIM(0)
