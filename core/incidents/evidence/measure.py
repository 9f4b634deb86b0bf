"""How large a machine's disks are, asked of its host when they are wanted as evidence."""

from core.changes.hands import Hands
from core.fleet.model import MachineView
from core.hosts.protocol import DiskSize, DiskSizes, MeasureDisks
from core.incidents.evidence.kinds import EvidenceKind


async def disks_of(
    hands: Hands, view: MachineView, kinds: tuple[EvidenceKind, ...]
) -> tuple[DiskSize, ...] | None:
    """None where nobody asks for disks.

    Raises:
        RingfenceError: the host cannot say.
    """
    if EvidenceKind.DISKS not in kinds:
        return None
    found = await hands.order(view.host, MeasureDisks(0, view.key.uuid))
    return found.disks if isinstance(found, DiskSizes) else None
