"""The documents a prepared host keeps: what is held, and who asks for its release.

Canonical JSON (keys sorted, no spaces, UTF-8); the signature is over these bytes behind a domain
prefix. What comes back from a host is hostile: every field is checked again before it is shown
or used, and a text that is not in canonical form is none of ours.
"""

import ipaddress
import re
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec import Struct, structs

from core.changes.cards import parse
from core.hosts.helper.holds import HoldFile, Released, Signature
from core.hosts.helper.orders import Door
from core.incidents.model import How, Mode
from core.keys.operator import Operator, is_signed
from core.text import RingfenceError

HOLD_DOMAIN = b"ringfence-hold-v1\0"
RELEASE_DOMAIN = b"ringfence-release-v1\0"
FORMAT = 1
MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
MAX_CARDS = 64
MAX_WORDS = 1000
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_T = TypeVar("_T", bound=Struct)
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")


class HoldDocument(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One held machine as its host remembers it; enough to give it back from any station.

    `owner`, `station` and `since` are of the cut that began the case; `writer` and `written` of
    this generation.
    """

    format: int = FORMAT
    uuid: str
    name: str
    case: str
    mode: Mode
    owner: str
    station: str
    since: datetime
    reason: str
    generation: int
    macs: tuple[str, ...]
    doors: tuple[Door, ...]
    drill: bool
    ran: bool  # its processors were stopped while it ran
    autostart: bool | None  # None: it had no stored side
    raise_on_release: tuple[str, ...]  # addresses whose live link was up
    before_stored: str  # byte for byte, with its passwords
    before_live: str  # without them
    writer: str
    written: datetime


class ReleaseOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who wants a hold to end, and how; a host may want it signed by two."""

    format: int = FORMAT
    uuid: str
    case: str
    generation: int
    how: How
    reason: str
    asked_by: str
    station: str
    asked_at: datetime


class DocumentError(RingfenceError):
    """A host told a document that is none; `why` names the field."""

    def __init__(self, why: str) -> None:
        super().__init__("hold-document", why=why)


def canonical(document: HoldDocument | ReleaseOrder) -> bytes:
    """The bytes that are signed and kept."""
    return msgspec.json.encode(document, order="sorted")


def signed_hold(document: HoldDocument, operator: Operator) -> tuple[str, Signature]:
    body = canonical(document)
    return body.decode(), operator.sign(HOLD_DOMAIN, body)


def signed_release(order: str, operator: Operator) -> Signature:
    """Sign a release order as it lies there, word for word."""
    return operator.sign(RELEASE_DOMAIN, order.encode())


def read_hold(file: HoldFile) -> HoldDocument:
    """Check what a host told and return its document.

    Raises:
        DocumentError: signed by nobody the host was given, not canonical, or a field is not
            what it must be.
    """
    body = _bounded(file.document)
    if not file.valid or not is_signed(file.signature, HOLD_DOMAIN, body):
        raise DocumentError("signature")
    document = _decoded(body, HoldDocument)
    if canonical(document) != body:
        raise DocumentError("form")
    if document.uuid != file.uuid or document.generation != file.generation:
        raise DocumentError("generation")
    _check_hold(document)
    return document


def read_release(file: HoldFile) -> ReleaseOrder | None:
    """Return the release order that lies beside a document; None when there is none.

    Raises:
        DocumentError: it is not about this hold, or not in form.
    """
    if not file.release:
        return None
    body = _bounded(file.release)
    order = _decoded(body, ReleaseOrder)
    if canonical(order) != body:
        raise DocumentError("form")
    if order.uuid != file.uuid or order.generation != file.generation:
        raise DocumentError("generation")
    _check_words(order.reason, order.asked_by, order.station)
    _check_moment(order.asked_at)
    return order


def was_released(told: Released) -> bool:
    """Whether somebody signed an order to release exactly this hold."""
    return order_in(told) is not None and bool(signers_of(told))


def order_in(told: Released) -> ReleaseOrder | None:
    """The order by which a hold ended; None when it is not for exactly this hold."""
    try:
        order = _decoded(told.release.encode(errors="replace"), ReleaseOrder)
        _check_words(order.reason, order.asked_by, order.station)
        _check_moment(order.asked_at)
    except DocumentError:
        return None
    same = (order.uuid, order.case, order.generation) == (told.uuid, told.case, told.generation)
    return order if same else None


def signers_of(file: HoldFile | Released) -> frozenset[str]:
    """The keys that did sign the release order."""
    body = file.release.encode(errors="replace")
    return frozenset(
        each.key for each in file.release_signatures if is_signed(each, RELEASE_DOMAIN, body)
    )


def differences(ours: HoldDocument, theirs: HoldDocument) -> tuple[str, ...]:
    """Name the fields in which two documents of one machine differ, but for who wrote when."""
    beside = {"writer", "written", "format", "before_live"}
    names = (name for name in ours.__struct_fields__ if name not in beside)
    return tuple(name for name in names if getattr(ours, name) != getattr(theirs, name))


def next_generation(document: HoldDocument, writer: str, now: datetime) -> HoldDocument:
    return structs.replace(document, generation=document.generation + 1, writer=writer, written=now)


def _bounded(text: str) -> bytes:
    try:
        body = text.encode()
    except UnicodeEncodeError as error:  # a lone surrogate out of JSON
        raise DocumentError("text") from error
    if len(body) > MAX_DOCUMENT_BYTES:
        raise DocumentError("size")
    return body


def _decoded(body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise DocumentError("json") from error


def _check_hold(document: HoldDocument) -> None:
    if document.format != FORMAT:
        raise DocumentError("format")
    if not _UUID.fullmatch(document.uuid) or not _UUID.fullmatch(document.case):
        raise DocumentError("uuid")
    if document.generation < 1:
        raise DocumentError("generation")
    for macs in (document.macs, document.raise_on_release):
        if len(macs) > MAX_CARDS or not all(_MAC.fullmatch(mac) for mac in macs):
            raise DocumentError("macs")
    if len(document.doors) > MAX_CARDS or not all(map(_is_door, document.doors)):
        raise DocumentError("doors")
    _check_words(document.name, document.owner, document.station, document.writer, document.reason)
    _check_moment(document.since)
    _check_moment(document.written)
    _check_xml(document)


def _is_door(door: Door) -> bool:
    try:
        ipaddress.IPv4Address(door.station)
    except ValueError:
        return False
    return 0 < door.port < 65536


def _check_words(*words: str) -> None:
    if any(len(word) > MAX_WORDS for word in words):
        raise DocumentError("words")


def _check_moment(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise DocumentError("time")


def _check_xml(document: HoldDocument) -> None:
    """Both texts are of this machine: they may be written back to it."""
    for text in (document.before_stored, document.before_live):
        try:
            uuid = parse(text).findtext("uuid", "") if text else document.uuid
        except RingfenceError as error:
            raise DocumentError("xml") from error
        if uuid != document.uuid:
            raise DocumentError("xml")
