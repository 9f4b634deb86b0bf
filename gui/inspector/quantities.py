"""Sizes, durations and moments as people read them; the exact value belongs in the hover."""

from datetime import UTC, datetime

from core.text import Catalogue

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_MINUTE_S, _HOUR_S, _DAY_S = 60.0, 3600.0, 86400.0
_STEPS = ((_DAY_S, "days"), (_HOUR_S, "hours"), (_MINUTE_S, "minutes"))


def size(count: int) -> str:
    """Binary units, at most one decimal: 1.5 GiB."""
    value, unit = float(count), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    number = f"{value:.1f}".removesuffix(".0")
    return f"{number} {_UNITS[unit]}"


def moment(at: datetime) -> str:
    """The station's own clock, to the second."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def clock(at: datetime) -> str:
    """The station's own time of day, to the millisecond: 14:02:11.345."""
    return at.astimezone().strftime("%H:%M:%S.%f")[:-3]


def exact(at: datetime) -> str:
    """UTC to the millisecond, for hovers and copies."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def ago(t: Catalogue, at: datetime, now: datetime) -> str:
    """How long since, in the largest unit that fits."""
    seconds = max(0.0, (now - at).total_seconds())
    for unit_seconds, name in _STEPS:
        if seconds >= unit_seconds:
            return t(f"panels.ago.{name}", count=int(seconds / unit_seconds))
    return t("panels.ago.now")


def milliseconds(seconds: float) -> str:
    """A measured time: 0.4 ms, 38 ms, 1.24 s."""
    if seconds < 0.01:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s"


def rough_seconds(t: Catalogue, seconds: float) -> str:
    """An estimate, never finer than it can be known: about 40 s, about 3 min."""
    if seconds < _MINUTE_S:
        return t("panels.about.seconds", count=max(1, round(seconds)))
    if seconds < _HOUR_S:
        return t("panels.about.minutes", count=round(seconds / _MINUTE_S))
    return t("panels.about.hours", count=f"{seconds / _HOUR_S:.1f}")
