"""Everything ringfence-host may be asked, and what each answer is."""

from core.hosts.helper.holds import (
    AnchorsSeen,
    AskRelease,
    ClearHold,
    HoldsSeen,
    ReadAnchors,
    ReadHolds,
    WriteAnchor,
    WriteHold,
)
from core.hosts.helper.orders import (
    BarrierSeen,
    EndDrain,
    HelperOrder,
    LowerBarrier,
    RaiseBarrier,
    ReadBarrier,
    StartDrain,
)

_BarrierOrder = ReadBarrier | RaiseBarrier | LowerBarrier | StartDrain | EndDrain
_HoldOrder = ReadHolds | WriteHold | AskRelease | ClearHold | WriteAnchor | ReadAnchors
AnyHelperOrder = _BarrierOrder | _HoldOrder
AnyHelperResult = BarrierSeen | HoldsSeen | AnchorsSeen

# What an order is answered with.
ANSWERS: dict[type[HelperOrder], type[AnyHelperResult]] = {
    ReadBarrier: BarrierSeen,
    RaiseBarrier: BarrierSeen,
    LowerBarrier: BarrierSeen,
    StartDrain: BarrierSeen,
    EndDrain: BarrierSeen,
    ReadHolds: HoldsSeen,
    WriteHold: HoldsSeen,
    AskRelease: HoldsSeen,
    ClearHold: HoldsSeen,
    WriteAnchor: AnchorsSeen,
    ReadAnchors: AnchorsSeen,
}
READINGS: tuple[type[HelperOrder], ...] = (ReadBarrier, ReadHolds, ReadAnchors)
