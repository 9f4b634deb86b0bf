"""sVirt: which label confines a machine, and whether anything enforces it."""

from enum import StrEnum

from msgspec import Struct

from core.facts.unknown import Reason, Unknown


class LabelKind(StrEnum):
    """How libvirt chose the label (`<seclabel type=...>`)."""

    DYNAMIC = "dynamic"
    STATIC = "static"
    NONE = "none"


class SecurityLabel(Struct, frozen=True, gc=False):
    """One label of one security model on one machine.

    `live` says it was read from the running process; otherwise it is what the stored XML asks
    for at the next start. `enforcing` means nothing for DAC (libvirt never fills it there).
    `categories` is the MCS part of an SELinux level in the order the label has it.
    """

    model: str  # "selinux", "apparmor", "dac", or the driver's own name
    text: str  # the whole label; "" when the XML names only model and kind
    live: bool
    enforcing: bool | Unknown
    kind: LabelKind | Unknown
    relabel: bool | Unknown
    type: str = ""  # SELinux: svirt_t; AppArmor: the profile; DAC: ""
    level: str = ""  # SELinux: s0:c120,c207
    categories: tuple[str, ...] = ()  # ("c120", "c207")
    image_text: str = ""  # <imagelabel>


class Confinement(StrEnum):
    """What the label column shows; six different things that must never look alike."""

    ENFORCED = "enforced"
    PERMISSIVE = "permissive"  # labelled, and nothing is blocked
    UNCONFINED = "unconfined"  # the host has a driver, this machine runs without its label
    NO_DRIVER = "no-driver"  # the host has no SELinux or AppArmor driver in libvirt
    NOT_RUNNING = "not-running"  # nothing runs; the label comes at the next start
    UNKNOWN = "unknown"  # cannot be known over this driver or connection


MAC_MODELS = frozenset({"selinux", "apparmor"})
_PRODUCTS = {"selinux": "SELinux", "apparmor": "AppArmor", "dac": "DAC"}
UNCONFINED_TYPES = frozenset(
    {
        "initrc_t",
        "init_t",
        "kernel_t",
        "spc_t",
        "unconfined_service_t",
        "unconfined_t",
        "virtd_t",
        "virtqemud_t",
        # AppArmor: no profile, or the daemon's own in place of the machine's
        "unconfined",
        "libvirtd",
        "/usr/sbin/libvirtd",
        "virtqemud",
    }
)


def product_name(model: str) -> str:
    """How a sentence spells the model that libvirt writes in lower case."""
    return _PRODUCTS.get(model, model)


def mac_label(labels: tuple[SecurityLabel, ...]) -> SecurityLabel | None:
    """The live SELinux or AppArmor label, if the machine has one. DAC never counts."""
    return next((label for label in labels if label.live and label.model in MAC_MODELS), None)


def confinement_of(
    labels: tuple[SecurityLabel, ...] | Unknown,
    host_models: tuple[str, ...] | Unknown,
    running: bool,
    permissive_types: tuple[str, ...] | Unknown = (),
) -> Confinement | Unknown:
    """Judge nothing, only name the state; `Unknown` carries the reason it cannot be named.

    `permissive_types` are those the host excuses from SELinux although it enforces.
    """
    if not isinstance(host_models, Unknown) and not MAC_MODELS.intersection(host_models):
        return Confinement.NO_DRIVER
    if not running:
        return Confinement.NOT_RUNNING
    if isinstance(labels, Unknown):
        return labels
    label = mac_label(labels)
    if label is None:
        return host_models if isinstance(host_models, Unknown) else Confinement.UNCONFINED
    if label.kind is LabelKind.NONE or label.type in UNCONFINED_TYPES:
        return Confinement.UNCONFINED
    if isinstance(label.enforcing, Unknown):
        return label.enforcing
    if not label.text:
        return Unknown(Reason.UNREADABLE)
    excused = not isinstance(permissive_types, Unknown) and label.type in permissive_types
    return Confinement.ENFORCED if label.enforcing and not excused else Confinement.PERMISSIVE
