"""One reversible change of one machine, and what it may use to make it.

A step is a frozen value that goes into the journal as it is. `apply` and `undo` may be given
again after a crash: both look before they change, or give orders that change nothing twice.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, NamedTuple, TypedDict

from msgspec import Struct, structs

from core.changes.busy import explained
from core.changes.case_room import CaseRoom
from core.changes.hands import Hands, Result
from core.changes.killpoints import KillPoints
from core.changes.outcome import Done, Proof
from core.changes.vault import Vault
from core.hosts.protocol import Order, ReadXml, XmlTexts
from core.keys.operator import Operator, OperatorOpened, no_operator
from core.text import RingfenceError, Text
from core.text.message import Parameter

Clock = Callable[[], datetime]


def _silent(_done: int, _total: int, _rate: float) -> None:
    """Nobody watches."""


def _never() -> bool:
    return False


class Extent(NamedTuple):
    """What only long steps need: a place for evidence, who is told how far, whether to stop."""

    cases: CaseRoom | None = None
    tell: Callable[[int, int, float], None] = _silent
    stopped: Callable[[], bool] = _never


class Bench:
    """What one step of one run works with."""

    def __init__(
        self,
        host: str,
        hands: Hands,
        vault: Vault,
        clock: Clock,
        points: KillPoints,
        label: str,
        operator: OperatorOpened = no_operator,
        extent: "Extent | None" = None,
    ) -> None:
        self.host = host
        self.vault = vault
        self._hands = hands
        self._clock = clock
        self._points = points
        self._label = label
        self._operator = operator
        self._extent = extent or Extent()
        self._orders = 0

    @property
    def cases(self) -> CaseRoom:
        """Where evidence is put on this station.

        Raises:
            RingfenceError: evidence-no-place: this run has none.
        """
        if self._extent.cases is None:
            raise RingfenceError("evidence-no-place")
        return self._extent.cases

    @property
    def stopped(self) -> bool:
        """Whether somebody asked for the plan to stop."""
        return self._extent.stopped()

    def tell(self, done_bytes: int, total_bytes: int, bytes_per_s: float) -> None:
        """Say how far a long step is."""
        self._extent.tell(done_bytes, total_bytes, bytes_per_s)

    async def look(self, order: Order, deadline_s: float = 10.0) -> Result:
        """Read something that changes nothing, as often as needed: no instant to die at."""
        return await self._hands.order(self.host, order, deadline_s)

    async def order(self, order: Order, deadline_s: float = 10.0) -> Result:
        """Give one order; the instants before and after it are kill points."""
        self._orders += 1
        name = f"{self._label}:order-{self._orders}"
        self._points.reach(f"{name}:before")
        try:
            result = await self._hands.order(self.host, order, deadline_s)
        except RingfenceError as error:
            raise await explained(self._hands, self.host, order, error) from error
        self._points.reach(f"{name}:after")
        return result

    async def read_xml(self, uuid: str, secure: bool = False) -> XmlTexts:
        """Read a machine's XML texts as they are now."""
        result = await self.order(ReadXml(number=0, uuid=uuid, secure=secure))
        if not isinstance(result, XmlTexts):
            raise RingfenceError("answer-of-another-kind", order="read-xml")
        return result

    async def operator(self) -> Operator:
        """The key to sign with; its keyring may ask a person, beside the loop."""
        return await asyncio.to_thread(self._operator)

    def now(self) -> datetime:
        return self._clock()

    def proof(self, code: str, **params: str | int | float) -> Proof:
        return Proof(Text(code, dict(params)), self.host, self._clock())


class Where(TypedDict):
    """The fields all steps begin with, for planners to pass on."""

    host: str
    uuid: str
    machine: str
    stage: int
    preview: tuple[str, ...]


class Step(Struct, frozen=True, kw_only=True, tag_field="step"):
    """Base of the closed set in core.changes.steps. `preview` holds exact lines, redacted."""

    order_first: ClassVar[bool] = False  # changes nothing twice: do not lose time by looking
    required: ClassVar[bool] = False  # without it no later stage may begin
    undo_required: ClassVar[bool] = False  # without its undo nothing before it is undone
    deadline_s: ClassVar[float] = 60.0
    apply_orders: ClassVar[int] = 1  # orders a plain first run gives; kill points count them
    undo_orders: ClassVar[int] = 1

    host: str
    uuid: str
    machine: str  # its name when planned, for words only
    stage: int  # steps of one stage run side by side
    preview: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        return str(self.__struct_config__.tag)

    @property
    def missing_name(self) -> str:
        """What is not as planned when it fails."""
        return self.tag

    @property
    def cuts(self) -> bool:
        """Whether the time to the cut ends with this step."""
        return False

    def orders_in(self, phase: str) -> int:
        """How many orders a plain first run gives."""
        return self.apply_orders if phase == "apply" else self.undo_orders

    def describe(self) -> Text:
        """Say what the step does; `changes.step.<tag>` with all plain fields."""
        params: dict[str, Parameter] = {
            name: value
            for name, value in structs.asdict(self).items()
            if isinstance(value, str | int) and name != "seen_live"
        }
        return Text(f"changes.step.{self.tag}", params)

    async def verify(self, bench: Bench) -> Done | None:
        """Return the proof when it is already so; None when it is not, or cannot be told."""
        return None

    async def apply(self, bench: Bench) -> Done:
        raise NotImplementedError

    async def undo(self, bench: Bench, notes: dict[str, str]) -> Done:
        raise NotImplementedError
