"""The journal's reader and writer off the loop, with threads of its own.

What else waits for a thread (evidence that is hashed, a keyring that asks) never holds up a cut.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

PENS = 4

Given = ParamSpec("Given")
Found = TypeVar("Found")


class Pen:
    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(PENS, "journal")

    async def do(
        self, work: Callable[Given, Found], *args: Given.args, **named: Given.kwargs
    ) -> Found:
        """Do it beside the loop and wait for it."""
        call = partial(work, *args, **named)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)
