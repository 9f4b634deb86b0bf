"""For every check on a machine: one that passes, ones that do not, one that nobody can judge."""

from core.facts import MachineState
from tests.unit.posture.build import with_machine
from tests.unit.posture.cases_machine_inside import (
    BOOT_AND_DEVICES,
    CONFINEMENT,
    PROCESSOR_AND_MEMORY,
)
from tests.unit.posture.cases_machine_outside import CARDS, CONSOLES, DISKS, OWNERSHIP
from tests.unit.posture.variants import Case

MACHINE_CASES: dict[str, Case] = {
    **CONFINEMENT,
    **PROCESSOR_AND_MEMORY,
    **BOOT_AND_DEVICES,
    **OWNERSHIP,
    **CARDS,
    **DISKS,
    **CONSOLES,
}
OFF = with_machine(state=MachineState.OFF, id=-1, labels=())
UNTOLD = with_machine(state=MachineState.UNKNOWN)
