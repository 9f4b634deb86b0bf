"""A case as values: what is known of an incident, and who added what to it."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from core.incidents.model import Mode
from core.text import Text


class Status(StrEnum):
    """How far an incident has come."""

    DETECT = "detect"
    CONTAIN = "contain"
    ERADICATE = "eradicate"
    RECOVER = "recover"
    LEARN = "learn"
    CLOSED = "closed"


PHASES = (Status.DETECT, Status.CONTAIN, Status.ERADICATE, Status.RECOVER, Status.LEARN)


class Grade(StrEnum):
    NONE = "none"  # nobody has graded it
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Role(StrEnum):
    """Who does what in an incident; contacts and people of a case have one."""

    LEAD = "lead"
    OPERATOR = "operator"
    NETWORK = "network"
    FORENSICS = "forensics"
    OWNER = "owner"  # of the service on the machine
    PRIVACY = "privacy"
    LEGAL = "legal"
    COMMUNICATIONS = "communications"
    MANAGEMENT = "management"
    PROVIDER = "provider"


class Mark(StrEnum):
    """What became of one step of a playbook."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"  # does not apply here; the reason says why


class Source(StrEnum):
    """Who says that a moment was so."""

    JOURNAL = "journal"  # our own orders and what was read back
    AUDIT = "audit"  # a person wrote it down
    HOST = "host"  # ringfence-host noticed it while nobody looked


class Remark(Struct, frozen=True):
    """Something a person added. `altered`: the record it came from does not fit its hash."""

    number: int  # of the audit record
    at: datetime
    by: str
    text: str
    about: str = ""  # to whom, who, which machine: by the kind of remark
    kind: str = ""  # how it was told, which role
    altered: bool = False


class Person(Struct, frozen=True):
    name: str
    role: Role | None  # None: a word this version does not know
    how: str  # how to reach them


class CaseMachine(Struct, frozen=True):
    """One machine of a case, from its first cut on."""

    host: str
    uuid: str
    name: str
    mode: Mode
    since: datetime
    held: bool
    ended_at: datetime | None  # when it was released or the cut was rolled back
    ended: str  # "", released, rolled-back
    plans: tuple[str, ...]

    @property
    def target(self) -> str:
        return f"{self.host}/{self.name}"


class Progress(Struct, frozen=True):
    """One step of the playbook that somebody marked."""

    step: str
    mark: Mark
    by: str
    at: datetime
    text: str


class Case(Struct, frozen=True, kw_only=True):
    """One incident. `doubts`: what cannot be believed of its record."""

    id: str
    title: str
    opened_at: datetime
    opened_by: str
    status: Status
    grade: Grade = Grade.NONE
    drill: bool = False
    closed_at: datetime | None = None
    machines: tuple[CaseMachine, ...] = ()
    linked: tuple[Remark, ...] = ()
    hosts: tuple[str, ...] = ()  # hosts that were suspected in this case
    people: tuple[Person, ...] = ()
    notes: tuple[Remark, ...] = ()
    communications: tuple[Remark, ...] = ()
    lessons: tuple[Remark, ...] = ()
    playbook: str = ""
    progress: tuple[Progress, ...] = ()
    plans: tuple[str, ...] = ()
    doubts: tuple[Text, ...] = ()
    foreign: bool = False  # another station's: only what its host remembers is known

    @property
    def held(self) -> tuple[CaseMachine, ...]:
        return tuple(machine for machine in self.machines if machine.held)

    @property
    def short(self) -> str:
        """The end of the id: the beginning is a time that cases of one night share."""
        return self.id[-8:]

    @property
    def closed(self) -> bool:
        return self.status is Status.CLOSED


class Moment(Struct, frozen=True):
    """One line of a case's timeline. `ms` counts from the yes to the case's first cut."""

    at: datetime
    kind: str  # confirmed, cut, paused, proved, evidence, released, step, or the event's own name
    text: Text
    source: Source
    by: str = ""
    ms: float | None = None
    plan: str = ""
    state: str = ""  # of a step that is not as planned
    altered: bool = False
