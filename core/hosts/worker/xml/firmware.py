"""How a machine boots: BIOS or UEFI, Secure Boot, boot order, direct kernel."""

from core.facts import Firmware, Reason, Unknown
from core.hosts.worker.xml.document import Element, at, attribute, content, nodes, number, said_yes

_CHOSEN_AT_START = Unknown(Reason.AMBIGUOUS, "libvirt chooses the firmware at the next start")


def firmware_of(domain: Element) -> Firmware:
    os = domain.find("os")
    loader = os.find("loader") if os is not None else None
    kind = _kind(os, loader)
    features = {
        attribute(feature, "name"): said_yes(attribute(feature, "enabled"))
        for feature in nodes(os, "firmware/feature")
    }
    return Firmware(
        kind=kind,
        secure_boot=_secure_boot(kind, loader, features),
        enrolled_keys=_enrolled_keys(kind, os, features),
        loader=content(loader),
        loader_read_only=_loader_read_only(loader),
        nvram=content(os, "nvram") or at(os, "nvram/source", "file"),
        boot_menu=at(os, "bootmenu", "enable") == "yes",
        boot_order=_boot_order(domain, os),
        kernel=content(os, "kernel"),
        kernel_args=content(os, "cmdline"),
        smm=at(domain, "features/smm", "state") != "off"
        and domain.find("features/smm") is not None,
    )


def _kind(os: Element | None, loader: Element | None) -> str:
    if content(os, "type") == "exe":
        return "container"
    if attribute(os, "firmware") == "efi" or attribute(loader, "type") == "pflash":
        return "efi"
    return "direct-kernel" if content(os, "kernel") else "bios"


def _secure_boot(kind: str, loader: Element | None, features: dict[str, bool]) -> bool | Unknown:
    if kind != "efi":
        return False
    if "secure-boot" in features:
        return features["secure-boot"]
    if loader is not None:
        return attribute(loader, "secure") == "yes"
    return _CHOSEN_AT_START


def _enrolled_keys(kind: str, os: Element | None, features: dict[str, bool]) -> bool | Unknown:
    if kind != "efi":
        return False
    if "enrolled-keys" in features:
        return features["enrolled-keys"]
    template = at(os, "nvram", "template")
    if ".ms." in template or "enrolled" in template:
        return True
    return Unknown(Reason.NOT_KNOWN_TO_LIBVIRT, template)


def _loader_read_only(loader: Element | None) -> bool | Unknown:
    if loader is None:
        return Unknown(Reason.NOT_KNOWN_TO_LIBVIRT)
    return attribute(loader, "readonly") == "yes"


def _boot_order(domain: Element, os: Element | None) -> tuple[str, ...]:
    """The devices in the order in which they are tried: `<boot dev>` or each device's own."""
    old = tuple(attribute(boot, "dev") for boot in nodes(os, "boot"))
    if old:
        return old
    ordered: list[tuple[int, str]] = []
    for boot in nodes(domain, "devices/*/boot"):
        device = boot.getparent()
        if device is not None:
            name = at(device, "target", "dev") or str(device.tag)
            ordered.append((number(attribute(boot, "order")), name))
    return tuple(name for _, name in sorted(ordered))
