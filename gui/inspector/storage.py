"""The storage page: every disk with its chain and what protects it."""

from datetime import datetime

from core.facts import Disk, Unknown
from core.fleet.model import MachineView
from core.text import Catalogue
from gui.inspector.facts import Fact, FactWriter, Section, Tone, mapped
from gui.inspector.quantities import moment


def storage_page(view: MachineView, t: Catalogue) -> tuple[Section, ...]:
    """One section a disk, then the snapshots."""
    write = FactWriter(t)
    machine = view.machine
    if machine is None:
        return (write.section("storage", note=t("panels.machine.reading")),)
    if isinstance(machine.disks, Unknown):
        disks = [write.section("storage", write("disks", machine.disks))]
    elif not machine.disks:
        disks = [write.section("storage", note=t("panels.disks.none"))]
    else:
        disks = [_disk(disk, write) for disk in machine.disks]
    return (*disks, _snapshots(view, write))


def _disk(disk: Disk, write: FactWriter) -> Section:
    t = write.t
    facts = (
        write("source", disk.source or t("panels.disk.empty"), mono=bool(disk.source)),
        write("format", disk.format or t("panels.disk.probed"), tone=_format_tone(disk)),
        _encryption(disk, write),
        *_chain(disk, write),
        write("read-only", disk.read_only),
        write("shareable", True, tone=Tone.WRONG) if disk.shareable else None,
        write("transient", True) if disk.transient else None,
        write("raw-io", True, tone=Tone.WRONG) if disk.raw_io else None,
        write("disk-hosts", ", ".join(disk.hosts), mono=True) if disk.hosts else None,
        write("network-tls", disk.network_tls) if disk.source_kind == "network" else None,
        write("cache", disk.cache) if disk.cache else None,
        write("limits", _limits(disk)) if disk.limits else None,
    )
    title = " · ".join(filter(None, (disk.target, disk.device, disk.bus, disk.source_kind)))
    return Section(title, tuple(fact for fact in facts if fact is not None))


def _format_tone(disk: Disk) -> Tone:
    """No declared format means QEMU guesses from content the guest can write."""
    return Tone.WRONG if disk.source and not disk.format else Tone.PLAIN


def _encryption(disk: Disk, write: FactWriter) -> Fact:
    words = mapped(disk.encryption, lambda kind: write.t(f"encryption.{kind.value}"))
    return write("encryption", words, hover=disk.secret)


def _chain(disk: Disk, write: FactWriter) -> list[Fact]:
    if isinstance(disk.chain, Unknown):
        return [write("chain", disk.chain)]
    formats = (*disk.chain_formats, *[""] * len(disk.chain))
    return [
        write("chain", f"{source}{f' ({kind})' if kind else ''}", mono=True)
        for source, kind in zip(disk.chain, formats, strict=False)
    ]


def _limits(disk: Disk) -> str:
    return ", ".join(f"{name} {value}" for name, value in disk.limits.items())


def _snapshots(view: MachineView, write: FactWriter) -> Section:
    t = write.t
    snapshots = view.machine.snapshots if view.machine else ()
    if isinstance(snapshots, Unknown):
        return write.section("snapshots", write("snapshots", snapshots))
    facts = [
        Fact(
            snapshot.name,
            f"{_created(snapshot.created_at, t)} · {snapshot.state}",
            t("panels.snapshot.external") if snapshot.external else "",
        )
        for snapshot in snapshots
    ]
    return write.section("snapshots", *facts, note="" if facts else t("panels.snapshots.none"))


def _created(at: datetime | Unknown, t: Catalogue) -> str:
    return t("value.unknown") if isinstance(at, Unknown) else moment(at)
