"""What a machine boots, what it boots from, and what its boot configuration gives away."""

import re

from core.facts import Firmware, Unknown
from core.posture.model import Outcome
from core.posture.outcome import failed, listed, not_applicable, passed, seen, unknown, warned
from core.posture.reading import not_qemu
from core.posture.subject import MachineSubject

OS = "/domain/os"
_SECRET = re.compile(r"(?i)\b(pass(?:word|wd|phrase)?|secret|token|api[-_]?key)\s*[=:]\s*\S")


def firmware_of(subject: MachineSubject) -> Firmware | Outcome:
    other = not_qemu(subject.machine)
    if other is not None:
        return other
    found = subject.machine.firmware
    return unknown(found, OS) if isinstance(found, Unknown) else found


def secure_boot(subject: MachineSubject) -> Outcome:
    """VM-FW-001: only signed code boots, by keys that are there."""
    firmware = firmware_of(subject)
    if isinstance(firmware, Outcome):
        return firmware
    if subject.machine.launch_security:
        return not_applicable("measured")
    if firmware.kind not in {"efi", "bios"}:
        return not_applicable("no-firmware")
    if isinstance(firmware.secure_boot, Unknown):
        return unknown(firmware.secure_boot, f"{OS}/firmware/feature[@name='secure-boot']")
    evidence = seen(OS, f"{firmware.kind}, secure boot {'on' if firmware.secure_boot else 'off'}")
    if not firmware.secure_boot:
        say = failed if subject.high else warned
        return say("VM-FW-001", "off", evidence, kind=firmware.kind)
    if isinstance(firmware.enrolled_keys, Unknown):
        return unknown(firmware.enrolled_keys, f"{OS}/firmware/feature[@name='enrolled-keys']")
    if not firmware.enrolled_keys:
        return warned("VM-FW-001", "no-keys", evidence)
    return passed("VM-FW-001", evidence)


def firmware_sealed(subject: MachineSubject) -> Outcome:
    """VM-FW-002: the guest cannot write the firmware image."""
    firmware = firmware_of(subject)
    if isinstance(firmware, Outcome):
        return firmware
    if firmware.kind != "efi":
        return not_applicable("no-firmware")
    where = f"{OS}/loader/@readonly"
    if not firmware.loader:  # libvirt chooses the image, and always one it maps read-only
        return passed("VM-FW-002", seen(f"{OS}/@firmware", "efi"))
    if isinstance(firmware.loader_read_only, Unknown):
        return unknown(firmware.loader_read_only, where)
    evidence = seen(where, firmware.loader_read_only)
    if firmware.loader_read_only:
        return passed("VM-FW-002", evidence)
    return failed("VM-FW-002", "writable", evidence)


def boots_from_disk(subject: MachineSubject) -> Outcome:
    """VM-BOOT-001: nobody on the wire or at the console chooses what boots."""
    firmware = firmware_of(subject)
    if isinstance(firmware, Outcome):
        return firmware
    evidence = seen(f"{OS}/boot", listed(firmware.boot_order) or "default")
    first = firmware.boot_order[0] if firmware.boot_order else ""
    if first in {"network", "interface"}:
        say = failed if subject.high else warned
        return say("VM-BOOT-001", "network", evidence)
    if first in {"cdrom", "fd"}:
        return warned("VM-BOOT-001", "removable", evidence, device=first)
    if firmware.boot_menu:
        return warned("VM-BOOT-001", "menu", seen(f"{OS}/bootmenu/@enable", True))
    return passed("VM-BOOT-001", evidence)


def no_secrets_in_definition(subject: MachineSubject) -> Outcome:
    """VM-BOOT-002: the definition, which many may read, holds no password. Only the name of
    what was found goes into the evidence."""
    firmware = firmware_of(subject)
    if isinstance(firmware, Outcome):
        return firmware
    places = {
        f"{OS}/cmdline": firmware.kernel_args,
        "/domain/title": subject.machine.title,
        "/domain/description": subject.machine.description,
        "/domain/qemu:commandline": " ".join(subject.machine.custom_arguments),
        "/domain/sysinfo": _sysinfo(subject),
    }
    for where, text in places.items():
        if "=" not in text and ":" not in text:
            continue  # the pattern needs one; looking for it is the dearest part of all checks
        match = _SECRET.search(text)
        if match is not None:
            return failed("VM-BOOT-002", "found", seen(where, f"{match[1]}=…"), where=where)
    return passed("VM-BOOT-002", seen("/domain", "no such words"))


def _sysinfo(subject: MachineSubject) -> str:
    devices = subject.machine.devices
    if isinstance(devices, Unknown):
        return ""
    found = (each.details for each in devices if each.kind == "sysinfo")
    return " ".join(f"{name}={value}" for details in found for name, value in details.items())


def has_tpm(subject: MachineSubject) -> Outcome:
    """VM-TPM-001: an emulated TPM 2.0 of its own; never the host's."""
    firmware = firmware_of(subject)
    if isinstance(firmware, Outcome):
        return firmware
    devices = subject.machine.devices
    if isinstance(devices, Unknown):
        return unknown(devices, "/domain/devices/tpm")
    tpm = next((each for each in devices if each.kind == "tpm"), None)
    if tpm is None and firmware.kind != "efi":
        return not_applicable("no-firmware")
    if tpm is None:
        return warned("VM-TPM-001", "none", seen("/domain/devices/tpm", "none"))
    version = tpm["backend.version"] or tpm["version"]
    evidence = seen("/domain/devices/tpm/backend", f"{tpm.type} {version}".strip())
    if tpm.type == "passthrough":
        return failed("VM-TPM-001", "host", evidence)
    if version and version != "2.0":
        return failed("VM-TPM-001", "old", evidence, version=version)
    return passed("VM-TPM-001", evidence)


CHECKS = (
    ("VM-FW-001", secure_boot),
    ("VM-FW-002", firmware_sealed),
    ("VM-BOOT-001", boots_from_disk),
    ("VM-BOOT-002", no_secrets_in_definition),
    ("VM-TPM-001", has_tpm),
)
