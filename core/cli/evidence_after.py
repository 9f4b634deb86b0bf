"""Evidence in the same breath as a quarantine: shown before the one yes, taken after the cut.

A key or a place that is missing never keeps a machine from being cut off: it is said before, the
cut goes on, and the command ends as partly done.
"""

import time
from pathlib import Path
from typing import Any

from core.changes.outcome import PlanOutcome, PlanState
from core.changes.plan import Plan
from core.cli.passphrase import ensure_keys
from core.cli.plans import Watching, plan_row, show_plan
from core.cli.terminal import Terminal, find_machine
from core.incidents.model import EvidenceKind
from core.station import Station
from core.text import RingfenceError

_CUT = frozenset({PlanState.DONE, PlanState.PARTIAL})


class Taking:
    """What is to be taken of one machine, and whether it was."""

    def __init__(
        self,
        terminal: Terminal,
        target: str,
        kinds: tuple[EvidenceKind, ...],
        passphrase_file: Path | None,
    ) -> None:
        self.kinds = kinds
        self.failed = False
        self._terminal = terminal
        self._target = target
        self._passphrase_file = passphrase_file

    async def shown(self, station: Station, plan: Plan, plan_only: bool) -> dict[str, Any]:
        """Show what will be taken; with JSON it is returned for the one document."""
        if not self.kinds:
            return {}
        try:
            if not plan_only:
                ensure_keys(self._terminal, station, self._passphrase_file)
            made = await self._plan(station, plan)
        except RingfenceError as error:
            self._tell(error)
            return {}
        if not self._terminal.out.as_json:
            show_plan(self._terminal, made)
        return {"evidence": plan_row(self._terminal, made, None)}

    async def taken(
        self, station: Station, plan: Plan, outcome: PlanOutcome
    ) -> dict[str, dict[str, Any]]:
        """Take it after the cut; a host that fell silent is not asked again."""
        if not self.kinds or self.failed:
            return {}
        if outcome.state not in _CUT:
            self.failed = True
            return {}
        try:
            made = await self._plan(station, plan)
            found = await station.incidents.run(made, Watching(self._terminal), time.monotonic())
        except RingfenceError as error:
            self._tell(error)
            return {}
        self.failed = found.state is not PlanState.DONE
        where = station.places.cases_dir / made.case / made.id
        self._terminal.say("cli.case.collected", "dim", path=str(where))
        return {"evidence": plan_row(self._terminal, made, found)}

    async def _plan(self, station: Station, plan: Plan) -> Plan:
        machine = find_machine(station.fleet.view, self._target)
        return await station.incidents.plan_evidence(machine, plan.case, self.kinds, plan.reason)

    def _tell(self, error: RingfenceError) -> None:
        self.failed = True
        self._terminal.error(error.cause, error.step, error.detail)
