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
_PrepareOrder = ReadPreparation | WriteItem | RemoveItem | RestartDaemons | StartKeep | StopKeep
AnyHelperOrder = _BarrierOrder | _HoldOrder | _PrepareOrder | _EvidenceOrder
AnyHelperResult = BarrierSeen | HoldsSeen | AnchorsSeen | PreparationSeen | _EvidenceResult

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
)
