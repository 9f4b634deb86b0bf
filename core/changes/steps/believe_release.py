"""A release by keys that this station does not know, believed by a person's yes: nothing is changed
on the host, and from then on these keys are known here."""

from typing import ClassVar

from core.changes.outcome import Done
from core.changes.step import Bench, Step
from core.changes.steps.host_hold import file_of, read_holds
from core.hosts.helper.holds import HoldsSeen, Released
from core.incidents.documents import signers_of
from core.text import RingfenceError


class BelieveRelease(Step, frozen=True, tag="believe-release"):
    """Look once more that the host tells the release that was shown, and no other."""

    required: ClassVar[bool] = True
    undo_orders: ClassVar[int] = 0

    case: str
    keys: tuple[str, ...]  # who signed it, as it was shown
    release: str  # the order, word for word

    async def apply(self, bench: Bench) -> Done:
        seen = await read_holds(bench)
        told = self._told(seen)
        if told is None or file_of(seen, self.uuid) is not None:
            raise RingfenceError("hold-gone", machine=self.machine, host=bench.host)
        names = ", ".join(key[:16] for key in self.keys)
        return Done((bench.proof("changes.proof.release-believed", keys=names),))

    def _told(self, seen: HoldsSeen) -> Released | None:
        for each in seen.released:
            same = (each.uuid, each.case, each.release) == (self.uuid, self.case, self.release)
            if same and signers_of(each) >= set(self.keys):
                return each
        return None

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        return Done()
