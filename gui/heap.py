"""Keeps the collector of cycles from stopping the window.

Modules, functions and the window itself are there until the end. Walking them with every full
collection took 50 ms of the window's thread at any size of the fleet.
"""

import gc


def set_aside() -> None:
    """What was made so far stays for good; what is made later is still collected."""
    if not gc.get_freeze_count():
        gc.freeze()
