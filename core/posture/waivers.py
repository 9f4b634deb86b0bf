"""Waivers: a failure that somebody accepted, with a name and an end. It is marked, never hidden."""

from collections.abc import Iterable
from datetime import datetime
from fnmatch import fnmatchcase

from core.posture.model import Verdict, Waiver

WAIVABLE = frozenset({Verdict.FAIL, Verdict.WARN})


class Waivers:
    """The declared waivers by check; targets are names or globs such as "hv1/*"."""

    def __init__(self, waivers: Iterable[Waiver] = ()) -> None:
        self._by_check: dict[str, list[Waiver]] = {}
        for waiver in waivers:
            self._by_check.setdefault(waiver.check, []).append(waiver)

    def find(self, check: str, targets: tuple[str, ...], now: datetime) -> Waiver | None:
        """The waiver in force that covers every one of the targets."""
        for waiver in self._by_check.get(check, ()):
            if waiver.until is not None and waiver.until <= now:
                continue
            if all(fnmatchcase(target, waiver.target) for target in targets):
                return waiver
        return None
