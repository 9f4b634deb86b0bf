"""Whom this host believes: the operators' public keys, laid down when it was prepared."""

from __future__ import annotations

import re
from typing import Any

from core.hosts.helper.on_host.ed25519 import signature_good
from core.hosts.helper.on_host.files import object_in, taken
from core.hosts.helper.on_host.places import Places
from core.hosts.helper.on_host.values import Refused, checked_text, is_list, is_object

HOLD_PREFIX = b"ringfence-hold-v1\0"
RELEASE_PREFIX = b"ringfence-release-v1\0"
ANCHOR_PREFIX = b"ringfence-anchor-v1\0"
KEY = re.compile(r"[0-9a-f]{64}")
SIGNATURE = re.compile(r"[0-9a-f]{128}")
MAX_OPERATORS = 64
MAX_KEY_BYTES = 1024


def operators(here: Places) -> frozenset[str]:
    """The keys in hex; a file that is no key, or that others may write, is none."""
    found: set[str] = set()
    files = sorted(here.operators.glob("*.pub")) if here.operators.is_dir() else []
    for file in files[:MAX_OPERATORS]:
        try:
            text = taken(file, MAX_KEY_BYTES).decode("ascii", "replace").strip()
        except Refused:
            continue
        if KEY.fullmatch(text):
            found.add(text)
    return frozenset(found)


def must_be_prepared(here: Places) -> frozenset[str]:
    known = operators(here)
    if not known:
        raise Refused("host-unprepared")
    return known


def people_needed(here: Places) -> int:
    """Two where the policy says so, and where it cannot be read."""
    if not here.policy.exists() and not here.policy.is_symlink():
        return 1
    try:
        return 1 if object_in(taken(here.policy, MAX_KEY_BYTES)).get("two_people") is False else 2
    except Refused:
        return 2


def checked_signature(value: object) -> tuple[str, str]:
    found = dict(value) if is_object(value) else {}
    if found.keys() != {"key", "value"}:
        raise Refused("helper-value", "signature")
    key = checked_text(found["key"], KEY, "signature")
    return key, checked_text(found["value"], SIGNATURE, "signature")


def signed_by_operator(
    known: frozenset[str], signature: object, prefix: bytes, body: bytes
) -> tuple[str, str]:
    """Take a signature of one of them over these bytes.

    Raises:
        Refused: hold-unsigned.
    """
    key, value = checked_signature(signature)
    if key not in known or not signature_good(
        bytes.fromhex(key), prefix + body, bytes.fromhex(value)
    ):
        raise Refused("hold-unsigned", key)
    return key, value


def good_keys(known: frozenset[str], found: object, prefix: bytes, body: bytes) -> frozenset[str]:
    """Which operators signed this; a bad signature counts for nothing."""
    good: set[str] = set()
    for signature in found[:MAX_OPERATORS] if is_list(found) else ():
        try:
            good.add(signed_by_operator(known, signature, prefix, body)[0])
        except Refused:
            continue
    return frozenset(good)


def as_signature(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "value": value}
