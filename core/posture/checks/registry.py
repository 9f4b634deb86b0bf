"""Every check there is, by name and in this order; nothing is found by looking around."""

from collections.abc import Callable

from core.posture.checks import (
    argv,
    console_other,
    console_vnc,
    cpu,
    dac,
    devices,
    disk,
    firmware,
    fleet_disk,
    fleet_label,
    fleet_net,
    host_api,
    host_cpu,
    host_files,
    host_mac,
    host_network,
    host_preparation,
    host_qemu,
    host_system,
    inventory,
    memory,
    net_card,
    net_filter,
    storage,
    svirt,
)
from core.posture.fleet_index import FleetAnswer, FleetIndex
from core.posture.model import Outcome
from core.posture.subject import HostSubject, MachineSubject

MachineCheck = Callable[[MachineSubject], Outcome]
HostCheck = Callable[[HostSubject], Outcome]
FleetCheck = Callable[[FleetIndex], FleetAnswer]

MACHINE_CHECKS: tuple[tuple[str, MachineCheck], ...] = (
    *svirt.CHECKS,
    *dac.CHECKS,
    *memory.CHECKS,
    *argv.CHECKS,
    *cpu.CHECKS,
    *firmware.CHECKS,
    *devices.CHECKS,
    *inventory.CHECKS,
    *net_filter.CHECKS,
    *net_card.CHECKS,
    *disk.CHECKS,
    *storage.CHECKS,
    *console_vnc.CHECKS,
    *console_other.CHECKS,
)
HOST_CHECKS: tuple[tuple[str, HostCheck], ...] = (
    *host_mac.CHECKS,
    *host_api.CHECKS,
    *host_cpu.CHECKS,
    *host_qemu.CHECKS,
    *host_system.CHECKS,
    *host_files.CHECKS,
    *host_network.CHECKS,
    *host_preparation.CHECKS,
)
FLEET_CHECKS: tuple[tuple[str, FleetCheck], ...] = (
    *fleet_disk.CHECKS,
    *fleet_label.CHECKS,
    *fleet_net.CHECKS,
)
