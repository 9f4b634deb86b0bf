"""Daemons and people: sshd, libvirt's files, listening ports, the libvirt group, QEMU's users."""

import re

from core.facts import Daemon, Reason, SshdSettings, Unknown
from core.hosts.hostfacts.sections import Sections, text_of

DAEMON_FILES = ("libvirtd.conf", "virtqemud.conf", "virtproxyd.conf", "qemu.conf", "virtlogd.conf")
MAX_VALUE = 2000

_ASSIGNMENT = re.compile(r"([A-Za-z0-9_]{1,64})\s*=\s*(.*)")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OPEN_TO_COMMENT = re.compile(r'\s*#[^"\]]*$')


def sshd(sections: Sections) -> SshdSettings | Unknown:
    """`sshd -T` where we may run it, else the files' own words up to the first Match."""
    effective = text_of(sections, "sshd")
    if not isinstance(effective, Unknown) and effective:
        return SshdSettings(_words(effective))
    files = text_of(sections, "sshd-files")
    if isinstance(files, Unknown):
        return Unknown(Reason.NOT_PERMITTED, files.detail)
    return SshdSettings(_words(files))


def _words(text: str) -> dict[str, str]:
    """sshd takes the first value of a key; what a Match says is not for everybody."""
    values: dict[str, str] = {}
    for line in text.splitlines():
        key, _, value = line.strip().replace("\t", " ").partition(" ")
        if not key or key.startswith("#"):
            continue
        if key.lower() == "match":
            break
        values.setdefault(key.lower()[:64], value.strip().strip('"').lower()[:MAX_VALUE])
    return values


def daemons(sections: Sections) -> tuple[Daemon, ...] | Unknown:
    """The files we could read. When there are some and none can be read, that is Unknown."""
    texts = {name: text_of(sections, f"/etc/libvirt/{name}") for name in DAEMON_FILES}
    read = tuple(
        Daemon(name, assignments(text)) for name, text in texts.items() if isinstance(text, str)
    )
    hidden = [text for text in texts.values() if isinstance(text, Unknown)]
    refused = [text for text in hidden if text.reason is Reason.NOT_PERMITTED]
    return refused[0] if refused and not read else read


def assignments(text: str) -> dict[str, str]:
    """Parse one of libvirt's files: name = number, "string" or [list], comments with #."""
    values: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        match = _ASSIGNMENT.fullmatch(line.strip())
        if match is None:
            continue
        name, value = match.group(1), _OPEN_TO_COMMENT.sub("", match.group(2)).strip()
        while value.startswith("[") and "]" not in value and len(value) < MAX_VALUE:
            more = next(lines, "]").strip()
            value += "" if more.startswith("#") else more
        values[name] = value.strip('"')[:MAX_VALUE] if value.startswith('"') else value[:MAX_VALUE]
    return values


def listening(sections: Sections) -> tuple[str, ...] | Unknown:
    text = text_of(sections, "listening")
    if isinstance(text, Unknown):
        return text
    columns = (line.split() for line in text.splitlines())
    return tuple(sorted({f"tcp {words[3][:100]}" for words in columns if len(words) >= 5}))


def libvirt_group(sections: Sections) -> tuple[str, ...] | Unknown:
    """The group's members; no such group has none."""
    text = text_of(sections, "libvirt-group")
    if isinstance(text, Unknown):
        return () if "exit status 2" in text.detail else text
    members = text.rpartition(":")[2].split(",")
    return tuple(sorted(member.strip()[:64] for member in members if member.strip()))


def machine_processes(sections: Sections) -> tuple[tuple[str, str], ...] | Unknown:
    text = text_of(sections, "machines")
    if isinstance(text, Unknown):
        return text
    pairs = (line.partition(" ") for line in text.splitlines())
    return tuple(sorted({(uuid, user[:64]) for uuid, _, user in pairs if _UUID.fullmatch(uuid)}))


def file_modes(sections: Sections) -> dict[str, str]:
    """Path -> "0711 root:root", for the fixed list of the script."""
    text = text_of(sections, "modes")
    modes: dict[str, str] = {}
    for line in "" if isinstance(text, Unknown) else text.splitlines():
        path, _, rest = line.partition(" ")
        mode, _, owner = rest.partition(" ")
        if mode.isdecimal():
            modes[path] = f"{mode:0>4} {owner[:100]}"
    return modes
