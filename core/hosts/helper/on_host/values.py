"""What is accepted from outside, and how anything is refused."""

from __future__ import annotations

import ipaddress
import re
import uuid as uuids
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TypeGuard

MAX_CARDS = 64
MAX_DOORS = 16
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


def checked_doors(value: object) -> tuple[tuple[str, int], ...]:
    """Doors of a barrier: a station's IPv4 address and a port of the guest."""
    if not is_list(value) or len(value) > MAX_DOORS:
        raise Refused("helper-value", "doors")
    return tuple(OrderedDict.fromkeys(checked_door(door) for door in value))


def checked_door(door: object) -> tuple[str, int]:
    found = dict(door) if is_object(door) else {}
    station, port = found.get("station"), checked_count(found.get("port"))
    if found.keys() != {"station", "port"} or not isinstance(station, str):
        raise Refused("helper-value", "door")
    try:
        address = ipaddress.IPv4Address(station)
    except ValueError as error:
        raise Refused("helper-value", "door") from error
    if str(address) != station or address.is_multicast or address.is_unspecified:
        raise Refused("helper-value", "door")
    if not 0 < port < 65536 or address == ipaddress.IPv4Address("255.255.255.255"):
        raise Refused("helper-value", "door")
    return station, port


def checked_count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise Refused("helper-value", "count")
    return value


def checked_text(value: object, pattern: re.Pattern[str], what: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Refused("helper-value", what)
    return value


def checked_bool(value: object, what: str) -> bool:
    if not isinstance(value, bool):
        raise Refused("helper-value", what)
    return value


def table_of(uuid: str, purpose: str) -> str:
    return f"ringfence_{purpose}_{uuid.replace('-', '')}"
