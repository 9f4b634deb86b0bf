"""Plan what is taken of a held machine: its own plan, in the same case, after the cut.

One step a kind, in the order of what is lost first; each is alone, for libvirt has one job a
machine. What cannot be had is said before the yes, and stands in the manifest.
"""

from collections.abc import Iterator
from datetime import datetime

from core.changes.plan import EVIDENCE, Plan, PlanTarget, new_id
from core.changes.step import Where
from core.changes.steps import (
    AnyStep,
    KeepBefore,
    NotHad,
    OpenCollection,
    SealCollection,
    TakeDisks,
    TakeDisksByPool,
    TakeFromHost,
    TakeFromLibvirt,
    TakeMemory,
    TakeMemoryByPool,
    TakeVolumes,
)
from core.changes.steps.evidence import PLAIN_FILES, SAVED
from core.facts import Tuning
from core.facts.machine import ACTIVE_STATES
from core.fleet.model import MachineView
from core.incidents.evidence.estimates import (
    Estimate,
    estimates,
    in_pool_needed,
    room_needed,
    saved_of,
)
from core.incidents.evidence.kinds import BY_POOL, EvidenceKind, in_order
from core.incidents.evidence.measure import Measured, StateNow
from core.text import Text

HOST = "host"  # what the host itself says of its time and versions: always taken
MATERIALS_OF = {
    EvidenceKind.XML: ("live.xml", "stored.xml", "migratable.xml", "capabilities.xml"),
    EvidenceKind.SNAPSHOTS: ("snapshots.xml", "checkpoints.xml"),
    EvidenceKind.SCREENSHOT: ("screenshot",),
}
DOMAIN_CAPABILITIES = "domcapabilities.xml"
SAVED_XML = "saved.xml"


def plan_evidence(
    view: MachineView,
    case: str,
    kinds: tuple[EvidenceKind, ...],
    *,
    reason: str,
    operator: str,
    now: datetime,
    measured: Measured,
    before: tuple[StateNow, ...] = (),
    can_sign: bool = True,
) -> Plan:
    """Plan the collection. `measured`: what its host said just now; `before`: what the host knew
    of the machine's network and of its rules before the cut."""
    plan_id = new_id(now)
    found = estimates(view, kinds, measured)
    planner = _Planner(view, case, plan_id, found, measured, before)
    names = tuple(kind.value for kind in in_order(kinds))
    steps = (*planner.steps(), planner.seal(names, operator, reason))
    return Plan(
        id=plan_id,
        kind=EVIDENCE,
        created_at=now,
        operator=operator,
        reason=reason,
        targets=(PlanTarget(view.host, view.key.uuid, view.name),),
        steps=steps,
        case=case,
        keep_going=True,
        warnings=tuple(_warnings(found, measured, can_sign)),
    )


class _Planner:
    def __init__(
        self,
        view: MachineView,
        case: str,
        collection: str,
        found: tuple[Estimate, ...],
        measured: Measured,
        before: tuple[StateNow, ...],
    ) -> None:
        self._before = before
        self._view = view
        self._of = {"case": case, "collection": collection}
        self._found = found
        self._disks = measured.disks or ()
        self._volumes = measured.volumes
        self._shell = measured.shell
        self._pool = next((each.pool for each in found if each.pool), "")
        self._running = view.row.state in ACTIVE_STATES
        self._stage = 0

    def steps(self) -> Iterator[AnyStep]:
        needed = room_needed(self._found)
        yield OpenCollection(
            **self._where(), **self._of, on_host=self._shell, needed=needed, pool=self._pool
        )
        for kind, at, text in self._before:
            yield KeepBefore(**self._where(), **self._of, at=at, text=text, kind=kind)
        for estimate in self._found:
            if estimate.possible:
                yield from self._step(estimate)
            elif estimate.note is not None:
                kind = estimate.kind.value
                yield NotHad(**self._where(), **self._of, kind=kind, why=estimate.note)
        if self._shell:
            yield self._from_host(HOST, HOST)

    def seal(self, kinds: tuple[str, ...], operator: str, reason: str) -> AnyStep:
        about = {"operator": operator, "reason": reason}
        return SealCollection(
            **self._where(),
            **self._of,
            **about,
            on_host=self._shell,
            kinds=kinds,
            pool=self._pool,
        )

    def _step(self, estimate: Estimate) -> Iterator[AnyStep]:
        kind = estimate.kind
        if kind is EvidenceKind.MEMORY:
            yield self._memory_step(estimate.pool)
        elif kind is EvidenceKind.DISKS and self._running:
            yield from self._live_disks(estimate.pool)
        elif kind is EvidenceKind.DISKS and not self._shell:
            yield TakeVolumes(**self._where(), **self._of, disks=self._readable())
        elif kind is EvidenceKind.DISKS:
            count = max(1, len(self._disks))
            yield self._from_host(kind.value, "stopped-disks", count)
        elif kind in MATERIALS_OF:
            yield self._from_libvirt(kind)
        else:
            yield self._from_host(kind.value, kind.value, PLAIN_FILES[kind.value])

    def _memory_step(self, pool: str) -> AnyStep:
        kind = EvidenceKind.MEMORY.value
        if saved_of(self._view):
            return self._from_host(kind, SAVED)
        if not pool:
            return TakeMemory(**self._where(), **self._of, bytes=self._memory())
        room = in_pool_needed(self._memory())
        return TakeMemoryByPool(**self._where(), **self._of, pool=pool, bytes=room)

    def _readable(self) -> tuple[str, ...]:
        """The disks of which at least the uppermost file can be read."""
        files = self._volumes.files if self._volumes is not None else ()
        return tuple(dict.fromkeys(file.name.split(".")[0].removeprefix("disk-") for file in files))

    def _live_disks(self, pool: str) -> Iterator[AnyStep]:
        """An encrypted disk whose copy would be plain is left out."""
        kept = tuple(disk for disk in self._disks if not disk.only_plain)
        if kept:
            size = sum(disk.allocation for disk in kept)
            names = tuple(disk.target for disk in kept)
            out = tuple(disk.target for disk in self._disks if disk.only_plain)
            if pool:
                yield TakeDisksByPool(
                    **self._where(),
                    **self._of,
                    pool=pool,
                    disks=names,
                    bytes=in_pool_needed(size),
                    left_out=out,
                )
            else:
                yield TakeDisks(**self._where(), **self._of, disks=names, bytes=size, left_out=out)

    def _from_libvirt(self, kind: EvidenceKind) -> AnyStep:
        materials = MATERIALS_OF[kind]
        if kind is EvidenceKind.XML:
            materials = (*materials, DOMAIN_CAPABILITIES)
            if not self._running:
                materials = tuple(name for name in materials if name != "live.xml")
            elif self._view.row.persistent is False:
                materials = tuple(name for name in materials if name != "stored.xml")
            if saved_of(self._view):
                materials = (*materials, SAVED_XML)
        return TakeFromLibvirt(**self._where(), **self._of, kind=kind.value, materials=materials)

    def _from_host(self, kind: str, collect: str, files: int = 1) -> AnyStep:
        return TakeFromHost(**self._where(), **self._of, kind=kind, collect=collect, files=files)

    def _memory(self) -> int:
        tuning = self._view.machine.tuning if self._view.machine is not None else None
        return tuning.memory_bytes if isinstance(tuning, Tuning) else 0

    def _where(self) -> Where:
        """Each step has a stage of its own."""
        self._stage += 1
        return Where(
            host=self._view.host,
            uuid=self._view.key.uuid,
            machine=self._view.name,
            stage=self._stage,
            preview=(),
        )


def _warnings(found: tuple[Estimate, ...], measured: Measured, can_sign: bool) -> Iterator[Text]:
    """What cannot be had is a step of its own, and not told twice."""
    for estimate in found:
        if estimate.note is not None and estimate.possible:
            yield estimate.note
    by_pool = [each for each in found if each.possible and each.kind in BY_POOL]
    if by_pool and not measured.shell:
        yield Text("evidence.note.session")
    used = {each.pool for each in found}
    pool = next((each for each in measured.pools or () if each.name in used), None)
    if pool is not None:
        place = {"pool": pool.name, "path": pool.path}
        yield Text("evidence.note.pool", {**place, "free": pool.available})
    if not can_sign:
        yield Text("evidence.warning.unsigned")
