"""Autostart: off while a machine is held, given back as it was."""

from core.changes.outcome import Done
from core.changes.step import Bench, Step
from core.hosts.protocol import Applied, SetAutostart
from core.text import RingfenceError


async def set_autostart(bench: Bench, uuid: str, on: bool) -> Done:
    """Set autostart; the worker reads it back and says on or off."""
    result = await bench.order(SetAutostart(number=0, uuid=uuid, on=on))
    if not isinstance(result, Applied):
        raise RingfenceError("answer-of-another-kind", order="set-autostart")
    return Done((bench.proof(f"changes.proof.autostart-{'on' if on else 'off'}"),))


class AutostartOff(Step, frozen=True, tag="autostart-off"):
    was_on: bool

    async def apply(self, bench: Bench) -> Done:
        done = await set_autostart(bench, self.uuid, on=False)
        return Done(done.proofs, already=not self.was_on)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return await set_autostart(bench, self.uuid, self.was_on)


class RestoreAutostart(Step, frozen=True, tag="restore-autostart"):
    on: bool

    async def apply(self, bench: Bench) -> Done:
        return await set_autostart(bench, self.uuid, self.on)

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return await set_autostart(bench, self.uuid, on=False)
