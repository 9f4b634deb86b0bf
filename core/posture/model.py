"""The words of judgement: check, verdict, finding, score.

A finding carries the evidence it was judged on. `Verdict.UNKNOWN` is a verdict of its own: it
never counts as a pass and cannot improve a score; `NOT_APPLICABLE` cannot change one. What is made
by the ten thousand is out of the garbage collector (`gc=False`): it cannot be part of a cycle.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum, StrEnum

from msgspec import Struct

from core.text import Text


class Severity(IntEnum):
    """How bad a failure is; ordered, so that `>=` reads as "at least"."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Verdict(StrEnum):
    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"
    WAIVED = "waived"


class Scope(StrEnum):
    MACHINE = "machine"
    HOST = "host"
    FLEET = "fleet"


class FixTime(StrEnum):
    """When the fix takes effect."""

    LIVE = "live"
    RESTART = "restart"  # the machine's next full stop and start
    HOST = "host"  # host reboot, daemon restart or work in the guest


class CheckInfo(Struct, frozen=True):
    """A check's metadata, read from resources/catalogue. Its words are in the message catalogue:
    `check.<id>.title`, `check.<id>.why`, `check.<id>.fix`."""

    id: str
    scope: Scope
    severity: Severity
    value: int  # 1-100, order of usefulness
    needs: tuple[str, ...]  # xml, api, ssh, ssh_root, inventory
    live: FixTime
    family: str
    sources: tuple[str, ...] = ()
    mappings: dict[str, tuple[str, ...]] = {}
    never_lower: bool = False
    eased_alone: bool = False  # one step milder where every neighbour is of one tenant and zone


class Evidence(Struct, frozen=True, gc=False):
    """One observed value: where it was read and what it said (hostile text)."""

    where: str  # "/domain/seclabel", "virDomainGetSecurityLabelList", "/etc/ssh/sshd_config"
    value: str


class Outcome(Struct, frozen=True, gc=False):
    """What a check function returns. `message` says it in one sentence."""

    verdict: Verdict
    message: Text
    evidence: tuple[Evidence, ...] = ()
    severity: Severity | None = None  # when the case is worse or milder than the default


class Waiver(Struct, frozen=True):
    """A known and accepted failure: who, why, until when. Never hides, only marks."""

    check: str
    target: str  # "host/name", "host" or "*"
    reason: str
    by: str
    until: datetime | None = None


class Finding(Struct, frozen=True, gc=False):
    """A verdict on one target with everything needed to believe or act on it."""

    check: str
    target: str  # "host/name" for machines, "host" for hosts, "fleet"
    uuid: str  # of the machine; "" otherwise
    host: str
    verdict: Verdict
    severity: Severity
    message: Text
    evidence: tuple[Evidence, ...]
    judged_at: datetime
    observed_at: datetime | None = None
    waiver: Waiver | None = None
    concerns: tuple[tuple[str, str], ...] = ()  # fleet: (host, uuid) of the machines it is about


class Score(Struct, frozen=True, gc=False):
    """0 to 100 with what it is made of. `value` is None when nothing could be judged."""

    value: int | None
    grade: str  # A to F, "?" when unknown
    counts: Mapping[str, int]  # failing findings by severity name in lower case, and "unknown"
    worst: Severity | None
    weight: float = 1.0  # how much it counts in a combined score: protection of the zone
    capped: bool = False  # a critical check fails or is unknown: held at D
