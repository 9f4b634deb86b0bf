"""What is accepted from outside, and how anything is refused."""

from __future__ import annotations

import re
import uuid as uuids
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TypeGuard

MAX_CARDS = 64
MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
DEVICE = re.compile(r"[A-Za-z0-9._-]{1,15}")


class Refused(Exception):
    """What was asked cannot be done; the code is in the product's catalogue."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


def checked_uuid(value: object) -> str:
    try:
        found = str(uuids.UUID(value)) if isinstance(value, str) else ""
    except ValueError:
        found = ""
    if not found or found != value:
        raise Refused("helper-value", "uuid")
    return found


def is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether it is what JSON calls an object: its keys are texts."""
    return isinstance(value, dict)


def checked_macs(value: object) -> tuple[str, ...]:
    if not is_list(value) or len(value) > MAX_CARDS:
        raise Refused("helper-value", "macs")
    for mac in value:
        if not isinstance(mac, str) or not MAC.fullmatch(mac) or int(mac[:2], 16) & 1:
            raise Refused("helper-value", "mac")
    return tuple(OrderedDict.fromkeys(value))


def table_of(uuid: str, purpose: str) -> str:
    return f"ringfence_{purpose}_{uuid.replace('-', '')}"
