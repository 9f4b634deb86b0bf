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
from core.hosts.helper.preparation import (
    PreparationSeen,
    ReadPreparation,
    RemoveItem,
    RestartDaemons,
    StartKeep,
    StopKeep,
    WriteItem,
)

_BarrierOrder = ReadBarrier | RaiseBarrier | LowerBarrier | StartDrain | EndDrain
_HoldOrder = ReadHolds | WriteHold | AskRelease | ClearHold | WriteAnchor | ReadAnchors
_PrepareOrder = ReadPreparation | WriteItem | RemoveItem | RestartDaemons | StartKeep | StopKeep
AnyHelperOrder = _BarrierOrder | _HoldOrder | _PrepareOrder
AnyHelperResult = BarrierSeen | HoldsSeen | AnchorsSeen | PreparationSeen

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
    ReadPreparation: PreparationSeen,
    WriteItem: PreparationSeen,
    RemoveItem: PreparationSeen,
    RestartDaemons: PreparationSeen,
    StartKeep: PreparationSeen,
    StopKeep: PreparationSeen,
}
READINGS: tuple[type[HelperOrder], ...] = (
    ReadBarrier,
    ReadHolds,
    ReadAnchors,
    ReadPreparation,
)
