"""What is asked of a host when evidence is planned: how large the disks are, where libvirt alone
could put them, and what it knows of the machine's network and of its own rules at this moment."""

import asyncio
from typing import NamedTuple

from core.changes.hands import Hands
from core.facts import Unknown
from core.facts.machine import ACTIVE_STATES
from core.fleet.model import MachineView
from core.hosts.evidence import DiskSize, DiskSizes, MeasureDisks
from core.hosts.evidence_pool import FindVolumes, PoolSeen, PoolsSeen, ReadPools, VolumesSeen
from core.hosts.helper.observing import ReadVolatile, VolatileSeen
from core.incidents.evidence.kinds import EvidenceKind
from core.text import RingfenceError

MOST_TEXT = 512 * 1024  # of each section: it lies in the journal until it is sealed
VOLATILE_S = 4.0
RULES_SECTION = "rules"


class StateNow(NamedTuple):
    """Gathered at `at` by the host's clock, as one text; `kind` is a kind of evidence."""

    kind: str
    at: str
    text: str


OF_HOST = {EvidenceKind.NETWORK: False, EvidenceKind.RULES: True}  # kind -> is it the rules


async def state_now(
    hands: Hands, view: MachineView, kinds: tuple[EvidenceKind, ...]
) -> tuple[StateNow, ...]:
    """Nothing where nobody asks for it, or the host cannot say: a cut is never held up by it."""
    wanted = {kind: rules for kind, rules in OF_HOST.items() if kind in kinds}
    if not wanted:
        return ()
    nics = view.machine.nics if view.machine is not None else ()
    macs = () if isinstance(nics, Unknown) else tuple(nic.mac for nic in nics)
    try:
        seen = await hands.order(view.host, ReadVolatile(0, view.key.uuid, macs), VOLATILE_S)
    except RingfenceError:
        return ()
    if not isinstance(seen, VolatileSeen):
        return ()
    found = (StateNow(kind.value, seen.at, _text(seen, rules)) for kind, rules in wanted.items())
    return tuple(each for each in found if each.text)


def _text(seen: VolatileSeen, rules: bool) -> str:
    parts = (
        f"== {each.name}{' (cut short)' if each.cut_short else ''} ==\n"
        + (each.text[:MOST_TEXT] or f"(none: {each.missing})")
        for each in seen.sections
        if (each.name == RULES_SECTION) is rules
    )
    return "\n".join(parts)


class Measured(NamedTuple):
    """What a host said. `shell`: ringfence-host works there; where it does not, `pools` are the
    directories libvirt could write into, and `volumes` what it can read of a stopped machine;
    None for either: its host did not tell, which is not the same as having none."""

    shell: bool = True
    disks: tuple[DiskSize, ...] | None = None  # None: nobody asked
    pools: tuple[PoolSeen, ...] | None = ()
    volumes: VolumesSeen | None = None


async def measured(
    hands: Hands, view: MachineView, kinds: tuple[EvidenceKind, ...], shell: bool
) -> Measured:
    """Raises RingfenceError: the host cannot say how large the disks are."""
    wants_disks = EvidenceKind.DISKS in kinds
    volumes = wants_disks and not shell and view.row.state not in ACTIVE_STATES
    found = await asyncio.gather(
        _disks(hands, view) if wants_disks else _nothing(),
        _no_pools() if shell else _pools(hands, view.host),
        _volumes(hands, view) if volumes else _nothing(),
    )
    return Measured(shell, *found)


async def _nothing() -> None:
    return None


async def _no_pools() -> tuple[PoolSeen, ...]:
    return ()


async def _disks(hands: Hands, view: MachineView) -> tuple[DiskSize, ...] | None:
    found = await hands.order(view.host, MeasureDisks(0, view.key.uuid))
    return found.disks if isinstance(found, DiskSizes) else None


async def _pools(hands: Hands, host: str) -> tuple[PoolSeen, ...] | None:
    """A driver that knows no storage pools has none."""
    try:
        found = await hands.order(host, ReadPools(0))
    except RingfenceError as error:
        return () if error.code == "no-support" else None
    return found.pools if isinstance(found, PoolsSeen) else None


async def _volumes(hands: Hands, view: MachineView) -> VolumesSeen | None:
    try:
        found = await hands.order(view.host, FindVolumes(0, view.key.uuid))
    except RingfenceError:
        return None
    return found if isinstance(found, VolumesSeen) else None
