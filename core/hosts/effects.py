"""Orders that may change something on a host: a read-only session refuses them itself."""

from core.hosts.evidence import AbortJob, EvidenceOrder
from core.hosts.evidence_pool import PoolEffect
from core.hosts.helper.orders import HelperOrder
from core.hosts.protocol import (
    AttachDevice,
    CloneVolume,
    DefineXml,
    Destroy,
    DetachDevice,
    DropClone,
    DropQuarantineNetwork,
    KeepQuarantineNetwork,
    MoveCard,
    Resume,
    SetAutostart,
    SetConsolePassword,
    SetHoldMark,
    SetLinkState,
    SetMedium,
    Start,
    Suspend,
)

EFFECTS = (
    SetLinkState,
    SetAutostart,
    DefineXml,
    SetHoldMark,
    Suspend,
    Resume,
    Destroy,
    Start,
    CloneVolume,
    DropClone,
    SetConsolePassword,
    DetachDevice,
    AttachDevice,
    SetMedium,
    MoveCard,
    EvidenceOrder,
    AbortJob,
    PoolEffect,
    KeepQuarantineNetwork,
    DropQuarantineNetwork,
    HelperOrder,
)
