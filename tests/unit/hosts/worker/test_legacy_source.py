"""The polling source, on a link of the test driver: one document, older calls, honest gaps."""

import queue
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from core.facts import Machine, MachineRow, MachineState, Reason, Unknown
from core.hosts.protocol import Failure
from core.hosts.worker.dial import Dialer
from core.hosts.worker.legacy import LegacySource
from core.hosts.worker.link import FIRST, JobQueue, Link
from core.hosts.worker.listing import list_states
from core.hosts.worker.source import LibvirtSource, Snapshots
from core.hosts.worker.sources import source_for
from core.hosts.worker.xml.machine import Reading, machine_of
from core.posture.engine import Judge
from core.posture.model import Verdict
from core.posture.subject import NOBODY, MachineSubject
from tests.unit.hosts.worker.child import opening
from tests.unit.hosts.worker.conftest import FIXTURES
from tests.unit.hosts.worker.readings import known
from tests.unit.hosts.worker.vmware import VNC, vmware_xml

T = TypeVar("T")
NOT_SUPPORTED = Unknown(Reason.NOT_SUPPORTED)
UUID = "564d9bef-acd9-b4e0-c8f0-aea8b9103515"
TOLD = {  # what the driver's document and its calls do say, so that it may pass
    "VM-CLAIM-001",
    "VM-PERSIST-001",
    "VM-MEM-009",
    "NET-USER-001",
    "NET-TUN-001",
    "STO-SNAP-001",
    "STO-SNAP-002",
    "STO-CD-001",
}


def on_a_link(call: Callable[[Link], T]) -> T:
    """Run one job on a link of its own and return what it returned."""
    results: queue.Queue[T] = queue.Queue()
    errors: queue.Queue[BaseException] = queue.Queue()
    jobs = JobQueue()
    dial = Dialer(opening(f"test://{FIXTURES / 'node.xml'}"))
    Link("test", dial, jobs, lambda _, error: errors.put(error), errors.put).start()
    jobs.put(FIRST, lambda link: results.put(call(link)))
    return results.get(timeout=10)


def test_a_running_machine_has_one_document_and_no_labels() -> None:
    source = LegacySource()

    def read(link: Link) -> Reading:
        row = next(row for row in list_states(link) if row.name == "web")
        return source.read(link, row, Unknown(Reason.NOT_READ))

    reading = on_a_link(read)
    machine = source.finish(machine_of(reading, NOT_SUPPORTED, datetime.now(UTC)))

    assert machine.active
    assert len(known(machine.nics)) == len(known(machine.stored_nics)) == 2
    assert machine.labels == machine.taints == machine.differences == NOT_SUPPORTED


def test_snapshots_are_found_by_name() -> None:
    source = LegacySource()

    def snapshots(link: Link) -> Snapshots:
        uuid = next(row.uuid for row in list_states(link) if row.name == "web")
        return source.snapshots(link, uuid, Unknown(Reason.NOT_READ))

    assert [snapshot.name for snapshot in known(on_a_link(snapshots))] == ["before"]


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("esx://root@h/?no_verify=1", LegacySource),
        ("vpx://h/dc/c", LegacySource),
        ("qemu:///system", LibvirtSource),
        ("xen:///system", LibvirtSource),
    ],
)
def test_each_driver_has_its_source(uri: str, kind: type) -> None:
    assert type(source_for(opening(uri))) is kind


def test_recorded_facts_belong_to_the_test_driver_only() -> None:
    source = source_for(opening("qemu:///system", demo_facts="/x/facts.json"))

    assert isinstance(source, Failure)
    assert source.code == "recorded-facts-bad"


def vmware_machine(console: str = "") -> Machine:
    row = MachineRow(UUID, "web", MachineState.RUNNING, persistent=True, managed_save=False)
    reading = Reading(row, None, vmware_xml(console=console), snapshots=())
    return LegacySource().finish(machine_of(reading, NOT_SUPPORTED, datetime.now(UTC)))


def test_what_the_document_leaves_out_is_not_therefore_absent() -> None:
    machine = vmware_machine()
    (disk,), (card,) = known(machine.disks), known(machine.nics)

    assert machine.consoles == machine.devices == NOT_SUPPORTED
    assert disk.encryption == disk.chain == card.untold == NOT_SUPPORTED
    assert known(machine.firmware).secure_boot == NOT_SUPPORTED
    assert known(machine.tuning).vcpus == 2


def test_a_console_that_is_told_is_kept() -> None:
    (console,) = known(vmware_machine(VNC).consoles)

    assert console.port == 5901


def test_nothing_passes_on_what_was_not_told() -> None:
    subject = MachineSubject(None, vmware_machine(), (), NOBODY, datetime.now(UTC))
    findings = Judge().judge_machine(subject)

    passed = {finding.check for finding in findings if finding.verdict is Verdict.PASS}
    assert passed <= TOLD
    wrong = {finding.check for finding in findings if finding.verdict is Verdict.FAIL}
    assert wrong == {"VM-META-001"}, "what is not told is no failure either"
