"""Clean-up that a cancelled caller still waits for, so that no process or socket is left."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

Value = TypeVar("Value")


async def undisturbed(work: Coroutine[None, None, Value]) -> Value:
    """Run to the end even when the caller is cancelled meanwhile; the cancellation comes after."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,))
        raise
