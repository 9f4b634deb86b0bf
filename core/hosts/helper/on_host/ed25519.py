"""Whether an Ed25519 signature (RFC 8032) is good: the standard library has no such thing.

Only public values are handled, so time may depend on them. Encodings that are not the one way to
write a number are refused, as is a key of small order, which signs anything.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)


class Point(NamedTuple):
    """On the curve, in extended coordinates: x = X/Z, y = Y/Z, T = XY/Z."""

    x: int
    y: int
    z: int
    t: int


_NEUTRAL = Point(0, 1, 1, 0)


def added(one: Point, two: Point) -> Point:
    a = (one.y - one.x) * (two.y - two.x) % _P
    b = (one.y + one.x) * (two.y + two.x) % _P
    c = 2 * one.t * two.t * _D % _P
    d = 2 * one.z * two.z % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return Point(e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def point_of(data: bytes) -> Point | None:
    """Decode 32 bytes; None when they are no point in its one encoding."""
    number = int.from_bytes(data, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    if len(data) != 32 or y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return Point(x, y, 1, x * y % _P)


def same_point(one: Point, two: Point) -> bool:
    return (one.x * two.z - two.x * one.z) % _P == 0 == (one.y * two.z - two.y * one.z) % _P


def signature_good(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` over `message` was made with the secret half of `key`."""
    public, commitment = point_of(key), point_of(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    base = point_of(bytes([0x58]) + bytes([0x66] * 31))
    if public is None or commitment is None or base is None or small_order(public):
        return False
    if len(signature) != 64 or scalar >= _ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    challenge = int.from_bytes(digest, "little") % _ORDER
    minus = Point(-public.x % _P, public.y, 1, -public.t % _P)
    return same_point(weighed(scalar, base, challenge, minus), commitment)


def small_order(point: Point) -> bool:
    for _ in range(3):
        point = added(point, point)
    return same_point(point, _NEUTRAL)


def weighed(left: int, one: Point, right: int, two: Point) -> Point:
    """`left` times `one` plus `right` times `two`, in one pass over both numbers' bits."""
    choices = (None, one, two, added(one, two))
    total = _NEUTRAL
    for place in range(max(left.bit_length(), right.bit_length()) - 1, -1, -1):
        total = added(total, total)
        choice = choices[(left >> place & 1) + 2 * (right >> place & 1)]
        total = total if choice is None else added(total, choice)
    return total
