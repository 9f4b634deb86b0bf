"""sVirt: is the machine's process confined, by whom, and will it be at the next start?"""

from core.facts import (
    Confinement,
    LabelKind,
    Reason,
    SecurityLabel,
    Unknown,
    confinement_of,
    mac_label,
    product_name,
)
from core.facts.label import MAC_MODELS, UNCONFINED_TYPES
from core.posture.model import Outcome
from core.posture.outcome import failed, not_applicable, passed, seen, unknown, warned
from core.posture.reading import host_os, labelled_by, not_running
from core.posture.subject import MachineSubject

LABEL_CALL = "virDomainGetSecurityLabelList"
STORED = "/domain/seclabel (stored)"
UNCLEAR = Unknown(Reason.UNREADABLE)
_TYPE_OF_DRIVER = {"kvm": "svirt_t", "qemu": "svirt_tcg_t"}


def confined(subject: MachineSubject) -> Outcome:
    """VM-SVIRT-001: a SELinux or AppArmor label is on the process. DAC alone never counts."""
    machine = subject.machine
    idle = not_running(machine)
    if idle is not None:
        return idle
    state = confinement_of(machine.labels, labelled_by(subject), True)
    if state is Confinement.NO_DRIVER:
        models = labelled_by(subject)
        shown = " ".join(models) if isinstance(models, tuple) else ""
        return failed("VM-SVIRT-001", "no-driver", seen("/capabilities/host/secmodel", shown))
    if isinstance(machine.labels, Unknown):
        return unknown(machine.labels, LABEL_CALL)
    label = mac_label(machine.labels)
    if state is Confinement.UNCONFINED:
        shown = label.text if label else " ".join(each.model for each in machine.labels)
        return failed("VM-SVIRT-001", "unconfined", seen(LABEL_CALL, shown))
    if label is None or not label.text:
        return unknown(state if isinstance(state, Unknown) else UNCLEAR, LABEL_CALL)
    return passed("VM-SVIRT-001", seen(LABEL_CALL, label.text), label=label.text)


def enforced(subject: MachineSubject) -> Outcome:
    """VM-SVIRT-002: the label blocks, it does not only stand there."""
    label = _running_label(subject)
    if isinstance(label, Outcome):
        return label
    if isinstance(label.enforcing, Unknown):
        return unknown(label.enforcing, f"{LABEL_CALL} enforcing")
    evidence = seen(f"{LABEL_CALL} enforcing", label.enforcing)
    if label.type in _excused(subject):
        evidence = seen("semanage permissive -l", label.type)
        return failed("VM-SVIRT-002", "permissive", evidence, model=product_name(label.model))
    if label.enforcing:
        return passed("VM-SVIRT-002", evidence, model=product_name(label.model))
    return failed("VM-SVIRT-002", "permissive", evidence, model=product_name(label.model))


def _excused(subject: MachineSubject) -> tuple[str, ...]:
    """Types the host excuses from SELinux; HOST-MAC-003 says when nobody could read them."""
    os = host_os(subject.host)
    types = os if isinstance(os, Unknown) else os.svirt_permissive_types
    return () if isinstance(types, Unknown) else types


def stays_confined(subject: MachineSubject) -> Outcome:
    """VM-SVIRT-003: what is stored does not switch confinement off."""
    stored, disks = subject.machine.stored_labels, subject.machine.disks
    if subject.machine.persistent is False:
        return not_applicable("transient")
    if isinstance(stored, Unknown):
        return unknown(stored, STORED)
    for label in stored:
        if label.kind is LabelKind.NONE and label.model != "dac":
            return failed("VM-SVIRT-003", "none", seen(STORED, f"{label.model} type=none"))
    for label in stored:
        if label.relabel is False and label.model in MAC_MODELS:
            return warned("VM-SVIRT-003", "no-relabel", seen(STORED, f"{label.model} relabel=no"))
    unsaid = _unsaid(stored)
    if unsaid is not None:
        return unknown(unsaid, STORED)
    if isinstance(disks, Unknown):
        return unknown(disks, "/domain/devices/disk")
    for disk in disks:
        if any(not each.relabel for each in disk.labels):
            place = f"/domain/devices/disk[{disk.target}]/source/seclabel"
            return warned("VM-SVIRT-003", "disk", seen(place, "relabel=no"), disk=disk.target)
    return passed("VM-SVIRT-003", seen(STORED, len(stored)))


def pair_of_categories(subject: MachineSubject) -> Outcome:
    """VM-SVIRT-004: two different MCS categories; one or none, and a neighbour may read."""
    label = _running_label(subject)
    if isinstance(label, Outcome):
        return label
    if label.model != "selinux":
        return not_applicable("not-selinux")
    evidence = seen(LABEL_CALL, label.text)
    if any("." in each for each in label.categories):
        return failed("VM-SVIRT-004", "range", evidence, level=label.level)
    if len(set(label.categories)) != 2:
        return failed("VM-SVIRT-004", "not-two", evidence, level=label.level)
    return passed("VM-SVIRT-004", evidence, level=label.level)


def chosen_by_libvirt(subject: MachineSubject) -> Outcome:
    """VM-SVIRT-005: a fixed label is somebody's promise that no other machine has it."""
    stored, live = subject.machine.stored_labels, subject.machine.labels
    labels = (*_known(stored), *_known(live))
    static = [e for e in labels if e.kind is LabelKind.STATIC and e.model in MAC_MODELS]
    if static:
        return warned("VM-SVIRT-005", "static", seen("/domain/seclabel", static[0].text))
    if isinstance(stored, Unknown):
        return unknown(stored, STORED)
    if isinstance(live, Unknown) and subject.machine.active:
        return unknown(live, LABEL_CALL)
    unread = next((e.kind for e in labels if isinstance(e.kind, Unknown) and _confines(e)), None)
    if unread is not None:
        return unknown(unread, "/domain/seclabel/@type")
    return passed("VM-SVIRT-005", seen("/domain/seclabel", "dynamic"))


def type_fits(subject: MachineSubject) -> Outcome:
    """VM-SVIRT-007: svirt_t for KVM, svirt_tcg_t for emulation; the latter may do more."""
    label = _running_label(subject)
    if isinstance(label, Outcome):
        return label
    wanted = _TYPE_OF_DRIVER.get(subject.machine.driver)
    if label.model != "selinux" or wanted is None:
        return not_applicable("not-selinux" if wanted else "other-hypervisor")
    evidence = seen(LABEL_CALL, label.type)
    if label.type in UNCONFINED_TYPES:
        return failed("VM-SVIRT-007", "unconfined", evidence, type=label.type)
    if label.type == wanted:
        return passed("VM-SVIRT-007", evidence, type=label.type)
    return warned("VM-SVIRT-007", "other", evidence, type=label.type, wanted=wanted)


def _running_label(subject: MachineSubject) -> SecurityLabel | Outcome:
    """The live MAC label, or the answer when there is none; VM-SVIRT-001 says that as a fault."""
    machine = subject.machine
    idle = not_running(machine)
    if idle is not None:
        return idle
    if isinstance(machine.labels, Unknown):
        return unknown(machine.labels, LABEL_CALL)
    label = mac_label(machine.labels)
    return not_applicable("no-label") if label is None or not label.text else label


def _unsaid(labels: tuple[SecurityLabel, ...]) -> Unknown | None:
    """What nobody could read of the labels that would confine."""
    said = [part for each in labels if _confines(each) for part in (each.kind, each.relabel)]
    return next((part for part in said if isinstance(part, Unknown)), None)


def _confines(label: SecurityLabel) -> bool:
    """One without a model speaks for all of them."""
    return label.model in MAC_MODELS or not label.model


def _known(labels: tuple[SecurityLabel, ...] | Unknown) -> tuple[SecurityLabel, ...]:
    return () if isinstance(labels, Unknown) else labels


CHECKS = (
    ("VM-SVIRT-001", confined),
    ("VM-SVIRT-002", enforced),
    ("VM-SVIRT-003", stays_confined),
    ("VM-SVIRT-004", pair_of_categories),
    ("VM-SVIRT-005", chosen_by_libvirt),
    ("VM-SVIRT-007", type_fits),
)
