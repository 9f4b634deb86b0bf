"""The script's output taken apart into named sections, each read or Unknown with its reason."""

import base64
import binascii

from core.facts import Reason, Unknown

MAX_OUTPUT_BYTES = 2 * 1024 * 1024
MAX_DETAIL = 200

Sections = dict[str, str | Unknown]


def take_apart(output: bytes) -> Sections:
    """Name -> its text, or why there is none. Lines that are no section are left out."""
    found: Sections = {}
    for line in output[:MAX_OUTPUT_BYTES].decode("ascii", "replace").splitlines():
        name, space, content = line.partition(" ")
        if space and name not in found:
            found[name] = _content(name, content)
    return found


def is_whole(sections: Sections) -> bool:
    """Whether the script ran to its last line."""
    return "end" in sections


def text_of(sections: Sections, name: str) -> str | Unknown:
    return sections.get(name, Unknown(Reason.NOT_READ))


def _content(name: str, encoded: str) -> str | Unknown:
    if encoded == "-":
        return Unknown(Reason.NOT_SUPPORTED, f"{name}: not there")
    if encoded == "?":
        return Unknown(Reason.NOT_PERMITTED, name)
    try:
        text = base64.b64decode(encoded, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return Unknown(Reason.UNREADABLE, name)
    body, _, status = text.rpartition("\n")
    if status == "0":
        return body.rstrip("\n")
    if not status.isdecimal():
        return Unknown(Reason.UNREADABLE, f"{name}: too long")
    if name.startswith("/"):
        return Unknown(Reason.NOT_PERMITTED, name)
    return Unknown(Reason.FAILED, f"{name}: exit status {status} {body[:MAX_DETAIL]}".strip())
