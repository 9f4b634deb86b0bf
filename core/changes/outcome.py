"""What became of a plan: per step and in all, with what was read back as proof."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from core.text import Text


class StepState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"  # intent written, result not yet: in doubt after a crash
    DONE = "done"
    ALREADY = "already"  # it was so before; nothing was changed
    REFUSED = "refused"  # the driver cannot do it; nothing was changed
    FAILED = "failed"
    UNANSWERED = "unanswered"  # the host did not answer: in doubt
    WAITS = "waits"  # for another person
    UNDOING = "undoing"
    UNDONE = "undone"
    UNDO_FAILED = "undo-failed"


class PlanState(StrEnum):
    DONE = "done"
    UNFINISHED = "unfinished"  # crashed, cancelled or not answered: resume or roll back
    ROLLED_BACK = "rolled-back"
    FAILED = "failed"  # stopped at a refusal: resume or roll back
    PARTIAL = "partial"  # all that can be done was done; `missing` names the rest


class Proof(Struct, frozen=True):
    """One thing read back from a host."""

    what: Text
    where: str
    at: datetime


class Done(Struct, frozen=True):
    """What a step reports. `notes` is what its undo needs besides the plan; never a secret."""

    proofs: tuple[Proof, ...] = ()
    missing: tuple[str, ...] = ()
    notes: dict[str, str] = {}
    already: bool = False


class StepOutcome(Struct, frozen=True):
    state: StepState
    done: Done = Done()
    problem: Text | None = None  # error.<code>.cause
    elapsed_ms: float = 0.0
    reached_ms: float | None = None  # from the person's yes to its end


class PlanOutcome(Struct, frozen=True):
    """`seconds_to_cut` runs from the confirmation to the last cutting step read back."""

    plan_id: str
    state: PlanState
    steps: tuple[StepOutcome, ...]
    missing: tuple[str, ...] = ()
    seconds_to_cut: float | None = None
    seconds: float = 0.0
    problem: Text | None = None
    cancelled: bool = False
    unrecorded: Text | None = None  # why the audit log lags behind; it catches up by itself

    @property
    def proofs(self) -> tuple[Proof, ...]:
        return tuple(proof for step in self.steps for proof in step.done.proofs)


class StepProgress(Struct, frozen=True):
    """One message to whoever watches a run."""

    plan_id: str
    index: int
    state: StepState
    text: Text
    elapsed_ms: float
    outcome: StepOutcome | None = None
    done_bytes: int = 0  # within one long step; of `total_bytes`, 0: not known
    total_bytes: int = 0
    bytes_per_s: float = 0.0
