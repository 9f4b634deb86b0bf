"""The demo adapter: recorded facts over the test driver, marked as demo in every value."""

from pathlib import Path

import msgspec

from core.facts import Confinement, HostOs, Machine, confinement_of
from core.hosts.evidence_pool import ReadPools
from core.hosts.protocol import (
    Applied,
    Closed,
    Destroy,
    Failure,
    FullRead,
    HostChanged,
    LinkReadBack,
    Machines,
    Opened,
    ReadXml,
    SetConsolePassword,
    SetLinkState,
    Start,
    XmlTexts,
)
from tests.unit.hosts.worker.child import WorkerChild, opening
from tests.unit.hosts.worker.conftest import FIXTURES, StartWorker
from tests.unit.hosts.worker.readings import known

WEB = "00000000-0000-4000-8000-000000000001"
OFF = "00000000-0000-4000-8000-000000000002"
MAC = "52:54:00:00:00:02"
LABEL = {
    "model": "selinux",
    "text": "system_u:system_r:svirt_t:s0:c1,c2",
    "live": True,
    "enforcing": True,
    "kind": "dynamic",
    "relabel": True,
}
FACTS = {
    "host": {
        "driver": "QEMU",
        "security_drivers": [{"model": "selinux"}, {"model": "dac"}],
        "filters": [{"name": "clean-traffic", "uuid": "x"}],
    },
    "machines": {
        WEB: {"driver": "kvm", "labels": [LABEL], "taints": ["custom-argv"]},
        OFF: {"labels": [LABEL]},
    },
}


def demo(start: StartWorker, tmp_path: Path, facts: object) -> WorkerChild:
    path = tmp_path / "facts.json"
    path.write_bytes(msgspec.json.encode(facts))
    return start(opening(f"test://{FIXTURES / 'node.xml'}", demo_facts=str(path)))


def machines(child: WorkerChild) -> dict[str, Machine]:
    child.wait_for(FullRead)
    return {m.uuid: m for r in child.said if isinstance(r, Machines) for m in r.machines}


def test_recorded_facts_replace_what_the_driver_cannot_tell(
    start: StartWorker, tmp_path: Path
) -> None:
    child = demo(start, tmp_path, FACTS)
    found = machines(child)
    host = child.wait_for(HostChanged).host
    web = found[WEB]

    assert (host.driver, host.security_models, known(host.filters)[0].name) == (
        "QEMU",
        ("selinux", "dac"),
        "clean-traffic",
    )
    assert (web.driver, web.taints) == ("kvm", ("custom-argv",))
    assert known(web.labels)[0].categories == ("c1", "c2")
    assert confinement_of(web.labels, host.security_models, True) is Confinement.ENFORCED


def test_a_demo_has_no_pool_to_write_evidence_into(start: StartWorker, tmp_path: Path) -> None:
    child = demo(start, tmp_path, FACTS)
    child.wait_for(FullRead)
    assert child.ask(ReadPools(child.number())).result == Failure("no-support")


def test_everything_is_marked_as_demo(start: StartWorker, tmp_path: Path) -> None:
    child = demo(start, tmp_path, FACTS)

    assert all(machine.demo for machine in machines(child).values())
    assert child.wait_for(Opened).host.demo


def test_a_live_label_is_not_shown_while_the_machine_is_off(
    start: StartWorker, tmp_path: Path
) -> None:
    assert machines(demo(start, tmp_path, FACTS))[OFF].labels == ()


def test_a_wrong_file_closes_with_its_place(start: StartWorker, tmp_path: Path) -> None:
    child = demo(start, tmp_path, {"machines": {WEB: {"lables": []}}})
    failure = child.wait_for(Closed).failure

    assert failure.code == "recorded-facts-bad"
    assert "lables" in failure.detail
    assert child.exit_status() == 0


def test_the_shipped_demo_fleet_is_readable(start: StartWorker) -> None:
    folder = Path(__file__).parents[4] / "resources" / "demo"
    for node in sorted(folder.glob("*.xml")):
        facts = str(node.with_suffix(".json"))
        child = start(opening(f"test://{node}", demo_facts=facts))
        found = machines(child)
        host = child.wait_for(Opened).host

        assert found
        assert not [machine.name for machine in found.values() if machine.partial]
        assert isinstance(host.os, HostOs) or host.os.reason


def test_what_is_changed_in_a_running_machine_lasts_until_it_is_switched_off(
    start: StartWorker, tmp_path: Path
) -> None:
    """The driver itself refuses; the stored side of the card is left as it is."""
    child = demo(start, tmp_path, {})
    order = SetLinkState(1, WEB, MAC, up=False, live=True, stored=False)
    assert child.ask(order).result == LinkReadBack(MAC, live_up=False, stored_up=None)

    def shows_it(report: Machines) -> bool:
        return any(
            not nic.link_up
            for machine in report.machines
            if machine.uuid == WEB
            for nic in known(machine.nics)
        )

    child.wait_for(Machines, shows_it)
    child.ask(Destroy(2, WEB))
    child.ask(Start(3, WEB))
    texts = child.ask(ReadXml(4, WEB)).result
    assert isinstance(texts, XmlTexts) and "state='down'" not in texts.live


def test_a_simulated_console_hides_its_password(start: StartWorker, tmp_path: Path) -> None:
    child = demo(start, tmp_path, {})
    assert child.ask(SetConsolePassword(1, WEB, "vnc", "secret")).result == Applied("set", True)
    bare, secure = (child.ask(ReadXml(2 + each, WEB, secure=each)).result for each in (False, True))
    assert isinstance(bare, XmlTexts) and "secret" not in bare.live
    assert isinstance(secure, XmlTexts) and "secret" in secure.live
