"""A plan says which disks of a machine can be deleted while it is held."""

import pytest
from msgspec import structs

from core.changes.plan import Plan
from core.facts import Disk, EncryptionFormat, Unknown
from core.facts.unknown import Reason
from core.hosts.protocol import XmlTexts
from core.incidents.host_memory import HostMemory
from core.incidents.quarantine import plan_quarantine
from core.incidents.reach import Reach
from tests.unit.changes.simulator import UUID, machine_xml
from tests.unit.changes.station import now, view
from tests.unit.incidents.test_state import machine

CODE = "incidents.warning.disks-not-kept"
PREPARED = HostMemory(asked=True, prepared=True, keeping=True)


def disk(target: str, kind: str, device: str = "disk", source: str = "x") -> Disk:
    return Disk(target, device, "virtio", kind, source, "raw", EncryptionFormat.NONE, False, False)


def planned(disks: tuple[Disk, ...] | Unknown, memory: HostMemory = PREPARED) -> Plan:
    texts = XmlTexts(UUID, machine_xml(running=True), machine_xml(running=False))
    seen = structs.replace(view(), machine=structs.replace(machine(), disks=disks))
    return plan_quarantine(
        seen, texts, "test", "ann", now(), reach=Reach(barrier=True), memory=memory
    )


def named(plan: Plan) -> list[object]:
    return [each.params["disks"] for each in plan.warnings if each.code == CODE]


def test_what_is_no_file_is_named() -> None:
    disks = (
        disk("vda", "file"),
        disk("vdb", "block"),
        disk("sda", "network"),
        disk("vdc", "volume"),
    )
    assert named(planned((*disks, disk("hdc", "block", "cdrom")))) == ["vdb (block), sda (network)"]


@pytest.mark.parametrize("disks", [(), (disk("vda", "file"),), (disk("vda", "block", source=""),)])
def test_files_are_kept(disks: tuple[Disk, ...]) -> None:
    assert named(planned(disks)) == []


def test_disks_that_could_not_be_read_are_not_taken_for_kept() -> None:
    assert named(planned(Unknown(Reason.UNREADABLE))) == ["?"]


def test_where_nothing_is_kept_that_is_said_of_the_host() -> None:
    found = planned((disk("vda", "block"),), HostMemory(asked=True))
    assert named(found) == []
    assert "incidents.warning.not-prepared" in {each.code for each in found.warnings}
