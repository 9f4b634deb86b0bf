"""Where the running machine is not what is stored, leaving out what libvirt adds at run time.

Both documents are flattened to "path -> value" with devices keyed by what names them (a disk's
target, a card's MAC), so that order does not matter; then run-time additions are dropped.
"""

import re
from collections.abc import Iterator

from core.facts import Difference
from core.hosts.worker.xml.devices import flatten
from core.hosts.worker.xml.document import Element, at, attribute, bounded, nodes

MAX_DIFFERENCES = 64
_MAX_SHOWN = 512

_KEYS = {
    "disk": ("target", "dev"),
    "interface": ("mac", "address"),
    "channel": ("target", "name"),
    "filesystem": ("target", "dir"),
    "redirdev": ("address", "port"),
}

# Written by libvirt when a machine starts, or changing while it runs.
_RUN_TIME = re.compile(
    r"(?:^|/)(?:"
    r"alias(?:\..*)?|address(?:\..*)?|backingStore.*|mirror.*|source\.index|source\.portid|"
    r"target\.state|tty|source\.privateData.*|privateData.*"
    r")$"
)
_LIVE_ONLY = re.compile(
    r"os/(?:loader|nvram|firmware|\.firmware).*|resource/.*|vcpu/\.?current|cpu/.*|"
    r"devices/interface\[.*\]/(?:target\.dev|source\.bridge|backend.*|actual.*)|"
    r"devices/[^/]*/(?:source\.path|source\.mode|source\.tls|log.*|driver.*|codec.*|model.*)|"
    r"devices/graphics\[.*\]/(?:listen.*|port|tlsPort|websocket|socket)|"
    r"devices/[^/]*/source(?:\..*)?|devices/disk\[.*\]/source\..*|seclabel.*|iothreadids.*|"
    r"sysinfo.*|launchSecurity.*|features/.*|currentMemory.*"
)
_FILLED_IN = frozenset({("cpu", "check"), ("cpu", "match")})  # by libvirt, at every start
_NEVER = frozenset({"currentMemory", "name", "uuid"})


def differences_of(live: Element, stored: Element) -> tuple[Difference, ...]:
    """At most `MAX_DIFFERENCES`, in the order of the stored document."""
    now, later = _flat(live), _flat(stored)
    _forget_choices(now, later)
    found: list[Difference] = []
    for path in dict.fromkeys((*later, *now)):
        left, right = now.get(path), later.get(path)
        if left == right or (right is None and _LIVE_ONLY.fullmatch(path)):
            continue
        found.append(Difference(path, bounded(left, _MAX_SHOWN), bounded(right, _MAX_SHOWN)))
    return tuple(_without_parts(found))[:MAX_DIFFERENCES]


def _flat(domain: Element) -> dict[str, str]:
    into: dict[str, str] = {}
    for section in nodes(domain, "*"):
        name = str(section.tag)
        if name in _NEVER:
            continue
        if name == "devices":
            for path, device in _devices(section):
                into[path] = "present"
                _add(device, path, into)
        elif name == "seclabel":
            _seclabel(section, into)
        else:
            _add(section, name, into)
    return into


def _add(element: Element, path: str, into: dict[str, str]) -> None:
    parts: dict[str, str] = {}
    flatten(element, "", parts)
    text = (element.text or "").strip()
    if text:
        into[path] = bounded(text)
    for name, value in parts.items():
        if not _RUN_TIME.search(name) and (path, name) not in _FILLED_IN:
            into[f"{path}/{name}"] = value


def _devices(devices: Element) -> Iterator[tuple[str, Element]]:
    counts: dict[str, int] = {}
    for device in nodes(devices, "*"):
        kind = str(device.tag)
        if kind == "emulator":
            continue
        child, name = _KEYS.get(kind, ("", ""))
        key = at(device, child, name) if child else _own_key(device)
        stem = f"{kind}[{key}]"
        counts[stem] = counts.get(stem, 0) + 1
        again = f"#{counts[stem]}" if counts[stem] > 1 else ""
        yield f"devices/{stem}{again}", device


def _own_key(device: Element) -> str:
    return ",".join(
        text for text in (attribute(device, "type"), attribute(device, "index")) if text
    )


def _seclabel(element: Element, into: dict[str, str]) -> None:
    """A dynamic label's text is chosen at every start; only a static one is comparable."""
    kind = attribute(element, "type")
    path = f"seclabel[{attribute(element, 'model')}]"
    into[f"{path}/type"] = kind
    if element.get("relabel"):
        into[f"{path}/relabel"] = attribute(element, "relabel")
    if kind == "static":
        into[f"{path}/label"] = bounded(element.findtext("label"))


def _forget_choices(now: dict[str, str], later: dict[str, str]) -> None:
    """What the stored configuration leaves to libvirt is no difference once it is chosen."""
    if later.get("cpu/mode") in {"host-model", "host-passthrough", "maximum"}:
        for path in [p for p in (*now, *later) if p.startswith("cpu/")]:
            now.pop(path, None)
            later.pop(path, None)
    for path in [p for p in later if p.startswith("devices/graphics[")]:
        stem = path.split("]")[0] + "]"
        automatic = later.get(f"{stem}/autoport") == "yes"
        if automatic and path in {f"{stem}/port", f"{stem}/tlsPort", f"{stem}/websocket"}:
            now.pop(path, None)
            later.pop(path, None)
    for path in [p for p in later if p.endswith("/target.dev") and "/interface[" in f"/{p}"]:
        now.pop(path, None)  # the host's name of the tap is chosen at every start
        later.pop(path, None)


def _without_parts(found: list[Difference]) -> Iterator[Difference]:
    """A device that is only on one side is one difference, not one a line."""
    one_sided = {
        d.path for d in found if "present" in (d.live, d.stored) and not (d.live and d.stored)
    }
    for difference in found:
        if difference.path.rpartition("/")[0] not in one_sided:
            yield difference
