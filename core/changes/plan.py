"""A plan: what will be changed, where, why and by whom, before anything is.

Frozen, written to the journal whole, decoded from it to the closed set of steps. Its id sorts by
the time it was made.
"""

import os
from collections.abc import Iterator
from datetime import datetime

import msgspec
from msgspec import Struct

from core.changes.steps import AnyStep
from core.text import Text

EVIDENCE = "evidence"


class PlanTarget(Struct, frozen=True):
    host: str
    uuid: str
    name: str

    @property
    def label(self) -> str:
        """A plan about a host itself has no machine."""
        return f"{self.host}/{self.name}" if self.name else self.host


class Plan(Struct, frozen=True, kw_only=True):
    """Steps of one stage run side by side; stages run one after another.

    `keep_going`: a step that is refused or fails does not stop the stages after it, because more
    done is better (a cut); otherwise the first failure stops (a release: stay contained).
    """

    id: str
    kind: str  # quarantine, release, evidence
    created_at: datetime
    operator: str
    reason: str
    targets: tuple[PlanTarget, ...]
    steps: tuple[AnyStep, ...]
    case: str = ""
    mode: str = ""
    keep_going: bool = False
    warnings: tuple[Text, ...] = ()
    planned_after: int | None = None  # the journal's last row before the host was read for it
    drill: bool = False  # an exercise, marked as one wherever it is shown
    needs: tuple[str, ...] = ()  # yes's that were not given: it does not run without them

    @property
    def changes_machines(self) -> bool:
        """Taking evidence changes nothing that another plan could find changed."""
        return self.kind != EVIDENCE

    def describe(self) -> Text:
        names = ", ".join(target.label for target in self.targets)
        return Text(f"changes.plan.{self.kind}", {"targets": names, "reason": self.reason})

    def stages(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield each stage's number with the indexes of its steps, in order."""
        for stage in sorted({step.stage for step in self.steps}):
            indexes = [index for index, step in enumerate(self.steps) if step.stage == stage]
            yield stage, tuple(indexes)


class StepPreview(Struct, frozen=True):
    """One step as it can be printed before it runs: words, and exact lines with +, - and space."""

    index: int
    text: Text
    lines: tuple[str, ...]


def preview(plan: Plan) -> tuple[StepPreview, ...]:
    """Everything the plan will do, secrets hidden."""
    return tuple(
        StepPreview(index, step.describe(), step.preview) for index, step in enumerate(plan.steps)
    )


def new_id(now: datetime) -> str:
    """Make a version 7 UUID: 48 bits of milliseconds, then chance."""
    head = int(now.timestamp() * 1000).to_bytes(6, "big")
    tail = bytearray(os.urandom(10))
    tail[0] = tail[0] & 0x0F | 0x70
    tail[2] = tail[2] & 0x3F | 0x80
    text = (head + tail).hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def encode_plan(plan: Plan) -> str:
    return msgspec.json.encode(plan).decode()


def decode_plan(text: str) -> Plan:
    return msgspec.json.decode(text, type=Plan)
