"""The closed set of steps. A plan in the journal decodes to these and to nothing else."""

from core.changes.steps.autostart import AutostartOff, RestoreAutostart
from core.changes.steps.barrier import BarrierDown, BarrierUp, DrainFlows, ProveBarrier
from core.changes.steps.believe_release import BelieveRelease
from core.changes.steps.consoles import LetConsoles, ShutConsoles
from core.changes.steps.evidence import (
    KeepBefore,
    OpenCollection,
    SealCollection,
    TakeDisks,
    TakeFromHost,
    TakeFromLibvirt,
    TakeMemory,
)
from core.changes.steps.evidence_pool import (
    NotHad,
    TakeDisksByPool,
    TakeMemoryByPool,
    TakeVolumes,
)
from core.changes.steps.gap import NoteGap
from core.changes.steps.hold_document import KeepHold
from core.changes.steps.hold_release import FetchBefore, ForgetHold, OrderRelease
from core.changes.steps.links import CutLink, RestoreLink, Side
from core.changes.steps.mark import MarkHeld, Unmark
from core.changes.steps.modes import PauseMachine, RaiseBehind, ResumeMachine
from core.changes.steps.neighbour import ProveFromNeighbour
from core.changes.steps.power import StartAgain, SwitchOff
from core.changes.steps.preparation import (
    DropNetwork,
    KeepHost,
    KeepNetwork,
    LeaveHost,
    ProvePrepared,
    RemoveHostItem,
    StartDaemonsAnew,
    WriteHostItem,
)
from core.changes.steps.prove_cut import ProveCut
from core.changes.steps.prove_release import ProveRelease
from core.changes.steps.rebuild import CloneDisk, RebuildStored
from core.changes.steps.stored import RestoreStored, SaveBefore
from core.changes.steps.ways import (
    CloseConsole,
    Eject,
    Insert,
    IsolateCard,
    OpenConsole,
    PlugIn,
    ReturnCard,
    Unplug,
)

AnyStep = (
    SaveBefore
    | CutLink
    | ProveCut
    | AutostartOff
    | MarkHeld
    | RestoreStored
    | RestoreAutostart
    | Unmark
    | RestoreLink
    | ProveRelease
    | BarrierUp
    | ProveBarrier
    | DrainFlows
    | BarrierDown
    | KeepHold
    | OrderRelease
    | BelieveRelease
    | FetchBefore
    | ForgetHold
    | NoteGap
    | PauseMachine
    | ResumeMachine
    | RaiseBehind
    | SwitchOff
    | StartAgain
    | CloneDisk
    | RebuildStored
    | CloseConsole
    | OpenConsole
    | Unplug
    | PlugIn
    | Eject
    | Insert
    | IsolateCard
    | ReturnCard
    | ShutConsoles
    | LetConsoles
    | OpenCollection
    | KeepBefore
    | TakeMemory
    | TakeDisks
    | TakeFromHost
    | TakeFromLibvirt
    | TakeMemoryByPool
    | TakeDisksByPool
    | TakeVolumes
    | NotHad
    | SealCollection
    | WriteHostItem
    | RemoveHostItem
    | KeepNetwork
    | DropNetwork
    | KeepHost
    | LeaveHost
    | StartDaemonsAnew
    | ProvePrepared
    | ProveFromNeighbour
)

__all__ = [
    "AnyStep",
    "AutostartOff",
    "BarrierDown",
    "BarrierUp",
    "BelieveRelease",
    "CloneDisk",
    "CloseConsole",
    "CutLink",
    "DrainFlows",
    "DropNetwork",
    "Eject",
    "FetchBefore",
    "ForgetHold",
    "Insert",
    "IsolateCard",
    "KeepBefore",
    "KeepHold",
    "KeepHost",
    "KeepNetwork",
    "LeaveHost",
    "LetConsoles",
    "MarkHeld",
    "NotHad",
    "NoteGap",
    "OpenCollection",
    "OpenConsole",
    "OrderRelease",
    "PauseMachine",
    "PlugIn",
    "ProveBarrier",
    "ProveCut",
    "ProveFromNeighbour",
    "ProvePrepared",
    "ProveRelease",
    "RaiseBehind",
    "RebuildStored",
    "RemoveHostItem",
    "RestoreAutostart",
    "RestoreLink",
    "RestoreStored",
    "ResumeMachine",
    "ReturnCard",
    "SaveBefore",
    "SealCollection",
    "ShutConsoles",
    "Side",
    "StartAgain",
    "StartDaemonsAnew",
    "SwitchOff",
    "TakeDisks",
    "TakeDisksByPool",
    "TakeFromHost",
    "TakeFromLibvirt",
    "TakeMemory",
    "TakeMemoryByPool",
    "TakeVolumes",
    "Unmark",
    "Unplug",
    "WriteHostItem",
]
