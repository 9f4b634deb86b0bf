"""Which other hosts of ours hear a suspect host's machines, and let them prove the silence.

Who shares a segment is not guessed from names: a host that hears a machine's frames before the cut
can say that they have ended. One that never heard them has nothing to say.
"""

import asyncio
from collections.abc import Iterable, Iterator

from msgspec import Struct, structs

from core.changes.hands import Hands
from core.changes.plan import Plan
from core.changes.steps import BarrierUp, CutLink
from core.changes.steps.neighbour import ProveFromNeighbour
from core.hosts.helper.observing import FramesHeard, ListenFor
from core.text import RingfenceError

LISTEN_S = 2.0
_ANSWER_S = 5.0
MOST_MACS = 64


class Witness(Struct, frozen=True):
    """A host that hears some of the addresses, and how many frames of them it heard."""

    host: str
    heard: dict[str, int]


async def witnesses(hands: Hands, hosts: Iterable[str], plan: Plan) -> tuple[Witness, ...]:
    """Listen from these hosts, side by side, for a moment before the cut."""
    macs = tuple(dict.fromkeys(mac for _, _, found in _cards(plan) for mac in found))[:MOST_MACS]
    if not macs:
        return ()
    found = await asyncio.gather(*(_listen(hands, host, macs) for host in hosts))
    return tuple(witness for witness in found if witness is not None and witness.heard)


def watched(plan: Plan, seen_by: Iterable[Witness]) -> Plan:
    """The same plan, proved at its end by every host that heard one of its machines."""
    stage = max((step.stage for step in plan.steps), default=0) + 1
    return structs.replace(plan, steps=(*plan.steps, *_steps(plan, tuple(seen_by), stage)))


def _steps(plan: Plan, seen_by: tuple[Witness, ...], stage: int) -> Iterator[ProveFromNeighbour]:
    hosts = {target.uuid: target for target in plan.targets}
    for uuid, machine, macs in _cards(plan):
        for witness in seen_by:
            heard = tuple(mac for mac in macs if witness.heard.get(mac))
            if heard:
                yield ProveFromNeighbour(
                    host=witness.host,
                    uuid=uuid,
                    machine=machine,
                    stage=stage,
                    suspect=hosts[uuid].host,
                    macs=heard,
                    before=sum(witness.heard[mac] for mac in heard),
                )


def _cards(plan: Plan) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The addresses of each machine, from the steps that cut it."""
    for target in plan.targets:
        macs: dict[str, None] = {}
        for step in plan.steps:
            if step.uuid == target.uuid and isinstance(step, BarrierUp):
                macs.update(dict.fromkeys(step.macs))
            elif step.uuid == target.uuid and isinstance(step, CutLink):
                macs[step.mac] = None
        yield target.uuid, target.name, tuple(mac.lower() for mac in macs)


async def _listen(hands: Hands, host: str, macs: tuple[str, ...]) -> Witness | None:
    """One that cannot be asked is no witness; nobody waits for it longer than for the others."""
    try:
        heard = await hands.order(host, ListenFor(0, macs, LISTEN_S), LISTEN_S + _ANSWER_S)
    except RingfenceError:
        return None
    if not isinstance(heard, FramesHeard):
        return None
    counts: dict[str, int] = {}
    for frames in heard.frames:
        mac = frames.mac.lower()
        counts[mac] = counts.get(mac, 0) + frames.count
    return Witness(host, {mac: count for mac, count in counts.items() if count})
