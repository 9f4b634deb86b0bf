"""Every check there is, by name and in this order; nothing is found by looking around."""

from collections.abc import Callable

from core.posture.checks import console_vnc, dac, fleet_label, host_api, host_mac, svirt
from core.posture.fleet_index import FleetAnswer, FleetIndex
from core.posture.model import Outcome
from core.posture.subject import HostSubject, MachineSubject

MachineCheck = Callable[[MachineSubject], Outcome]
HostCheck = Callable[[HostSubject], Outcome]
FleetCheck = Callable[[FleetIndex], FleetAnswer]

MACHINE_CHECKS: tuple[tuple[str, MachineCheck], ...] = (
    *svirt.CHECKS,
    *dac.CHECKS,
    *console_vnc.CHECKS,
)
HOST_CHECKS: tuple[tuple[str, HostCheck], ...] = (
    *host_mac.CHECKS,
    *host_api.CHECKS,
)
FLEET_CHECKS: tuple[tuple[str, FleetCheck], ...] = (*fleet_label.CHECKS,)
