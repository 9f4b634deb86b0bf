"""Coroutines started by a panel: kept until they end, named, and never silent when they break."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Work:
    """Keeps its tasks alive; what breaks unexpectedly goes to the loop's handler."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> bool:
        return bool(self._tasks)

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        task.set_name(name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def cancel(self) -> None:
        """Stop everything that runs; what a host was already asked to do is not taken back."""
        for task in tuple(self._tasks):
            task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            task.get_loop().call_exception_handler(
                {"message": task.get_name(), "exception": error, "task": task}
            )
