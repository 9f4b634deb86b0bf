"""Everything ringfence-host may be asked, and what each answer is."""

from core.hosts.helper.evidence import (
    BeginEvidence,
    CollectEvidence,
    DropEvidence,
    EvidenceFetched,
    EvidenceGone,
    EvidenceLying,
    EvidenceRoom,
    EvidenceTaken,
    FetchEvidence,
    ReadEvidence,
)
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
from core.hosts.helper.observing import (
    ConsolesSeen,
    FramesHeard,
    KickConsoles,
    ListenFor,
    OpenConsoles,
    ReadConsoles,
    ReadVolatile,
    StartWatch,
    VolatileSeen,
    WatchBegun,
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
_EvidenceOrder = BeginEvidence | CollectEvidence | FetchEvidence | ReadEvidence | DropEvidence
_EvidenceResult = EvidenceRoom | EvidenceTaken | EvidenceFetched | EvidenceLying | EvidenceGone
_ObserveOrder = KickConsoles | OpenConsoles | ReadConsoles | ReadVolatile | ListenFor | StartWatch
_ObserveResult = ConsolesSeen | VolatileSeen | FramesHeard | WatchBegun
_PrepareOrder = ReadPreparation | WriteItem | RemoveItem | RestartDaemons | StartKeep | StopKeep
AnyHelperOrder = _BarrierOrder | _HoldOrder | _PrepareOrder | _EvidenceOrder | _ObserveOrder
_BarrierResult = BarrierSeen | HoldsSeen | AnchorsSeen
AnyHelperResult = _BarrierResult | PreparationSeen | _EvidenceResult | _ObserveResult

# What an order is answered with.
ANSWERS: dict[type[HelperOrder], type[AnyHelperResult]] = {
    ReadBarrier: BarrierSeen,
    RaiseBarrier: BarrierSeen,
    LowerBarrier: BarrierSeen,
    StartDrain: BarrierSeen,
    EndDrain: BarrierSeen,
    KickConsoles: ConsolesSeen,
    OpenConsoles: ConsolesSeen,
    ReadConsoles: ConsolesSeen,
    ReadVolatile: VolatileSeen,
    ListenFor: FramesHeard,
    StartWatch: WatchBegun,
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
    BeginEvidence: EvidenceRoom,
    CollectEvidence: EvidenceTaken,
    FetchEvidence: EvidenceFetched,
    ReadEvidence: EvidenceLying,
    DropEvidence: EvidenceGone,
}
READINGS: tuple[type[HelperOrder], ...] = (
    ReadBarrier,
    ReadHolds,
    ReadAnchors,
    ReadPreparation,
    ReadEvidence,
    ReadConsoles,
    ReadVolatile,
    ListenFor,
)

# What takes seconds by its nature: tools are run, daemons restarted, frames waited for.
TAKE_SECONDS: tuple[type[HelperOrder], ...] = (
    ReadVolatile,
    ListenFor,
    ReadPreparation,
    WriteItem,
    RemoveItem,
    RestartDaemons,
    StartKeep,
    StopKeep,
)
