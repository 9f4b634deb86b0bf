"""Where a run puts secrets it will need for undo: sealed, in the journal, bound to the plan."""

import asyncio
from typing import Protocol

import msgspec
from msgspec import Struct

from core.changes.killpoints import KillPoints
from core.changes.seal import Sealer
from core.text import RingfenceError


class Shelf(Protocol):
    """The journal's place for sealed values."""

    def keep(self, plan_id: str, name: str, blob: bytes) -> None: ...

    def kept(self, plan_id: str, name: str) -> bytes | None: ...


class Saved(Struct, frozen=True):
    """A machine's XML before the first change: `stored` with its passwords, `live` without."""

    stored: str
    live: str


class Vault:
    """The sealed values of one plan, and by name those of others."""

    def __init__(self, shelf: Shelf, sealer: Sealer, plan_id: str, points: KillPoints) -> None:
        self._shelf = shelf
        self._sealer = sealer
        self._plan_id = plan_id
        self._points = points

    @property
    def plan_id(self) -> str:
        return self._plan_id

    async def keep(self, name: str, saved: Saved) -> None:
        """Seal a value and write it; the first one under a name stays."""
        text = msgspec.json.encode(saved).decode()
        blob = await asyncio.to_thread(self._sealer.seal, text, _binding(self._plan_id, name))
        self._points.reach(f"seal:{name}:before")
        await asyncio.to_thread(self._shelf.keep, self._plan_id, name, blob)
        self._points.reach(f"seal:{name}:after")

    async def fetch(self, name: str, plan_id: str = "") -> Saved | None:
        return await asyncio.to_thread(
            read_saved, self._shelf, self._sealer, plan_id or self._plan_id, name
        )

    async def need(self, name: str, plan_id: str = "") -> Saved:
        """Fetch a value that must be there.

        Raises:
            RingfenceError: it is not there, or sealed with another key.
        """
        found = await self.fetch(name, plan_id)
        if found is None:
            raise RingfenceError("before-state-missing", plan=plan_id or self._plan_id)
        return found


def read_saved(shelf: Shelf, sealer: Sealer, plan_id: str, name: str) -> Saved | None:
    """Open what a plan kept under a name."""
    blob = shelf.kept(plan_id, name)
    if blob is None:
        return None
    return msgspec.json.decode(sealer.unseal(blob, _binding(plan_id, name)), type=Saved)


def _binding(plan_id: str, name: str) -> str:
    return f"{plan_id}/{name}"
