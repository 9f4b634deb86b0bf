"""Short ways to say a machine with one thing different, for the tables of cases."""

from datetime import timedelta
from typing import NamedTuple

from core.facts import (
    Ksm,
    LabelKind,
    SecurityDriver,
    SecurityLabel,
    Snapshot,
)
from core.posture.subject import MachineSubject, Sharing
from core.settings.model import DataClass
from tests.unit.posture.build import (
    NOW,
    UNREAD,
    device,
    disk,
    firmware,
    host,
    host_os,
    machine,
    nic,
    selinux,
    subject,
    tuning,
    with_machine,
    zone,
)


class Case(NamedTuple):
    passing: MachineSubject
    failing: dict[str, MachineSubject]  # by the case the finding names
    unknown: MachineSubject


GOOD = subject()
SECRET = (zone(data_class=DataClass.SECRET),)
NO_DRIVER = (SecurityDriver("none"), SecurityDriver("dac"))
NO_NICS = with_machine(nics=UNREAD)
NO_DISKS = with_machine(disks=UNREAD)
NO_DEVICES = with_machine(devices=UNREAD)
NO_CONSOLES = with_machine(consoles=UNREAD)
NO_TUNING = with_machine(tuning=UNREAD)
NO_FIRMWARE = with_machine(firmware=UNREAD)
NO_LABELS = with_machine(labels=UNREAD)
PCI = device("hostdev", type="pci", source="0000:41:00:0")


def tuned(**fields: object) -> MachineSubject:
    return with_machine(tuning=tuning(**fields))


def booted(**fields: object) -> MachineSubject:
    return with_machine(firmware=firmware(**fields))


def stored(**fields: object) -> MachineSubject:
    return with_machine(disks=(disk(**fields),))


def wired(**fields: object) -> MachineSubject:
    return with_machine(nics=(nic(**fields),))


def fitted(*devices: object) -> MachineSubject:
    return with_machine(devices=devices)


def shown(*consoles: object) -> MachineSubject:
    return with_machine(consoles=consoles)


def label(kind: LabelKind, relabel: bool = True) -> SecurityLabel:
    return selinux(kind=kind, live=False, relabel=relabel)


def aged(days: int, with_memory: bool = False) -> MachineSubject:
    taken = Snapshot("before", NOW - timedelta(days=days), "off", True, with_memory=with_memory)
    return with_machine(snapshots=(taken,))


def merging(run: int, pages: int = 9) -> MachineSubject:
    facts = machine(tuning=tuning(no_shared_pages=False))
    return subject(facts, host=host(os=host_os(ksm=Ksm(run, pages))))


def mixed(subject_: MachineSubject) -> MachineSubject:
    return subject(subject_.machine, sharing=Sharing(frozenset({"acme", "bee"}), frozenset({"z"})))
