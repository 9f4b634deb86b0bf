"""What a worker says is validated like any input before anybody sees it.

The decoder has checked types; here it is checked that a report is about this worker's own host,
answers an order that was given, and names nothing of an impossible shape or number.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from core.facts import Host
from core.hosts.framing import ProtocolBreach
from core.hosts.protocol import (
    REPORT_DECODER,
    Answer,
    AnyReport,
    Gone,
    HostChanged,
    Machines,
    Opened,
    Rows,
)

MAX_MACHINES = 20_000
MAX_NAME_LENGTH = 4096
MAX_TEXT_LENGTH = 64 * 1024

_LONG_TEXT = b"\xdb"  # how a text of more than 65,535 bytes begins in msgpack: this, its length
_LENGTH_BYTES = 4

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def checked_report(body: bytes, host_name: str) -> AnyReport:
    """Decode one frame.

    Raises:
        ProtocolBreach: it does not decode, or speaks of what is not this worker's.
    """
    try:
        report: AnyReport = REPORT_DECODER.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:  # ValidationError is a DecodeError
        raise ProtocolBreach("worker-nonsense", str(error)) from error
    if not isinstance(report, Answer) and _may_hold_long_text(body):
        _check_texts(msgspec.msgpack.decode(body))
    match report:
        case Opened(host) | HostChanged(host):
            _check_host(host, host_name)
        case Rows(rows, _):
            _check_names((row.uuid, row.name) for row in rows)
        case Machines(machines):
            _check_names((machine.uuid, machine.name) for machine in machines)
        case Gone(uuids):
            _check_names((uuid, "") for uuid in uuids)
        case _:
            pass
    return report


def _may_hold_long_text(body: bytes) -> bool:
    """Whether a long text can begin anywhere: its mark, and a length that is long and fits.

    The mark alone is in most batches, as a part of some number; looking at all texts of those
    costs more than decoding them.
    """
    found = body.find(_LONG_TEXT)
    while found >= 0:
        start = found + 1 + _LENGTH_BYTES
        length = int.from_bytes(body[found + 1 : start], "big")
        if MAX_TEXT_LENGTH <= length <= len(body) - start:
            return True
        found = body.find(_LONG_TEXT, found + 1)
    return False


def _check_texts(message: Any) -> None:
    """No text but an answer's XML is long: a cell, a log line or a finding may have to show it."""
    left: list[Any] = [message]
    while left:
        part = left.pop()
        if isinstance(part, str) and len(part) > MAX_TEXT_LENGTH:
            raise ProtocolBreach("worker-oversize", f"a text of {len(part)} characters")
        if isinstance(part, dict | list):
            left += part
        if isinstance(part, dict):
            left += part.values()


def _check_host(host: Host, expected: str) -> None:
    if host.name != expected:
        raise ProtocolBreach("worker-nonsense", f"speaks of host {host.name[:80]!r}")
    if len(host.hostname) > MAX_NAME_LENGTH:
        raise ProtocolBreach("worker-nonsense", "host name too long")


def _check_names(machines: Iterable[tuple[str, str]]) -> None:
    for count, (uuid, name) in enumerate(machines, 1):
        if count > MAX_MACHINES:
            raise ProtocolBreach("worker-flooded", f"more than {MAX_MACHINES} machines")
        if not _UUID.fullmatch(uuid) or len(name) > MAX_NAME_LENGTH:
            raise ProtocolBreach("worker-nonsense", f"machine {uuid[:80]!r}")
