"""For every check on the fleet: one that passes, ones that do not, one that nobody can judge."""

from typing import NamedTuple

from core.facts import MachineState
from core.posture.subject import FleetSubject
from core.tenants.model import Ownership
from tests.unit.posture.build import UNREAD, device, disk, fleet, host, neighbour, nic, selinux


class Case(NamedTuple):
    passing: FleetSubject
    failing: dict[str, FleetSubject]
    unknown: FleetSubject | None


BEE = Ownership("bee", "")
BASE = disk(source="/base.qcow2")
TOP = disk(source="/top.qcow2", chain=("/base.qcow2",), chain_formats=("qcow2",))
RAW = disk(source="/dev/cluster", format="raw", shareable=True)
GPU = device("hostdev", type="pci", source="0000:41:00:0")
SHARE = device("filesystem", source="/srv/exports")
SAME_MAC = (nic(mac="52:54:00:00:00:99"),)
OPEN = nic(mac="52:54:00:00:00:51", isolated=False)
UNFILTERED = nic(mac="52:54:00:00:00:52", filter="")

TWO = fleet(neighbour(1), neighbour(2))


def labels(*categories: str) -> tuple[object, ...]:
    return (selinux(categories),)


FLEET_CASES: dict[str, Case] = {
    "FLEET-DISK-001": Case(
        TWO,
        {
            "twice": fleet(neighbour(1, disks=(BASE,)), neighbour(2, disks=(BASE,))),
            "cluster": fleet(neighbour(1, disks=(RAW,)), neighbour(2, disks=(RAW,))),
            "backing": fleet(neighbour(1, disks=(BASE,)), neighbour(2, disks=(TOP,))),
        },
        fleet(neighbour(1, disks=UNREAD)),
    ),
    "FLEET-PT-001": Case(
        TWO,
        {"twice": fleet(neighbour(1, devices=(GPU,)), neighbour(2, devices=(GPU,)))},
        fleet(neighbour(1, devices=UNREAD)),
    ),
    "FLEET-FS-001": Case(
        TWO,
        {"joined": fleet(neighbour(1, devices=(SHARE,)), neighbour(2, devices=(SHARE,)))},
        fleet(neighbour(1, devices=UNREAD)),
    ),
    "FLEET-MCS-001": Case(
        TWO,
        {
            "same": fleet(
                neighbour(1, labels=labels("c1", "c2")), neighbour(2, labels=labels("c2", "c1"))
            ),
            "subset": fleet(
                neighbour(1, labels=labels("c1", "c2")), neighbour(2, labels=labels("c0.c1023"))
            ),
            "bare": fleet(
                neighbour(1, labels=labels()),
                neighbour(2, labels=labels("c1", "c2")),
                neighbour(3, labels=labels("c3", "c4")),
            ),
        },
        fleet(neighbour(1, labels=UNREAD)),
    ),
    "FLEET-CLONE-001": Case(
        TWO,
        {
            "running": fleet(neighbour(1, uuid="u"), neighbour(2, uuid="u", host=host(name="hv2"))),
            "stored": fleet(neighbour(1, uuid="u"), neighbour(2, uuid="u", state=MachineState.OFF)),
        },
        None,
    ),
    "FLEET-MAC-001": Case(
        TWO,
        {
            "running": fleet(neighbour(1, nics=SAME_MAC), neighbour(2, nics=SAME_MAC)),
            "stored": fleet(
                neighbour(1, nics=SAME_MAC),
                neighbour(2, nics=SAME_MAC, state=MachineState.OFF),
            ),
        },
        fleet(neighbour(1, nics=UNREAD)),
    ),
    "FLEET-NET-001": Case(
        TWO,
        {
            "mixed": fleet(neighbour(1, nics=(OPEN,)), neighbour(2, tenant=BEE)),
            "unfiltered": fleet(neighbour(1, nics=(UNFILTERED,)), neighbour(2, tenant=BEE)),
        },
        fleet(neighbour(1, nics=UNREAD)),
    ),
    "FLEET-VER-001": Case(
        TWO,
        {
            "differ": fleet(
                neighbour(1), neighbour(2, host=host(name="hv2", libvirt_version="10.5.0"))
            )
        },
        fleet(neighbour(1, host=host(libvirt_version=UNREAD))),
    ),
}
