"""Plans of preparation: only what differs, never what is foreign, never while a hold stands."""

import pytest
from msgspec import structs

from core.hosts.helper.preparation import (
    DaemonOnHost,
    ItemOnHost,
    Operator,
    PlaceOnHost,
    PreparationSeen,
    WantedPreparation,
)
from core.hosts.preparation.model import (
    HostStatus,
    Wishes,
    merged,
    operator_name,
    parse_operator,
)
from core.hosts.preparation.planner import plan_prepare, plan_unprepare
from core.text import RingfenceError
from tests.unit.changes.station import NOW

OWN, OTHER = "ab" * 32, "cd" * 32
ANNA = WantedPreparation((Operator("anna@desk", OWN),))
ITEMS = ("folders", "program", "operators", "policy", "qemu-hook")
WHY = RingfenceError("helper-no-ssh", host="hv1").cause


def seen(**states: str) -> PreparationSeen:
    """A prepared host whose items are ours, but for these."""
    items = tuple(
        ItemOnHost(
            name,
            states.get(name.replace("-", "_"), "ours"),
            (PlaceOnHost(f"/{name}", states.get(name.replace("-", "_"), "ours"), "", "", "", ""),),
            (f"@ /{name}",),
        )
        for name in ITEMS
    )
    daemons = (DaemonOnHost("libvirtd", False, False),)
    return PreparationSeen(True, True, ANNA, "", items, daemons, True, "systemd", 0)


def status(found: PreparationSeen | None, network: str = "ours") -> HostStatus:
    return HostStatus("hv1", ANNA, found, network, None if found else WHY)


def tags(host: HostStatus) -> list[str]:
    return [step.tag for step in plan_prepare(host, "anna", NOW).steps]


def test_a_prepared_host_gets_a_look_and_nothing_else() -> None:
    whole = structs.replace(
        seen(), items=(*seen().items, *(_ours(name) for name in ("barrier-unit", "keep-unit")))
    )
    rest = tuple(_ours(name) for name in ("console-ports", "network-hook"))
    whole = structs.replace(whole, items=(*whole.items, *rest))
    assert status(whole).state == "prepared"
    assert tags(status(whole)) == ["prove-prepared"]


def _ours(name: str) -> ItemOnHost:
    return ItemOnHost(name, "ours", (), ())


def test_hooks_come_after_the_program_and_go_before_it() -> None:
    bare = status(seen(**dict.fromkeys(("program", "qemu_hook"), "absent")))
    coming = [getattr(step, "item", step.tag) for step in plan_prepare(bare, "anna", NOW).steps]
    assert coming.index("program") < coming.index("qemu-hook")
    going = plan_unprepare(status(seen()), (), "anna", NOW).steps
    names = [getattr(step, "item", step.tag) for step in going]
    assert names.index("qemu-hook") < names.index("program") < names.index("folders")
    assert names[0] == "leave-host" and names[-1] == "prove-prepared"


def test_each_step_shows_its_exact_lines() -> None:
    plan = plan_prepare(status(seen(policy="drifted")), "anna", NOW)
    assert ("@ /policy",) in [step.preview for step in plan.steps]


def test_something_foreign_ends_it_before_it_begins() -> None:
    with pytest.raises(RingfenceError, match="prepare-foreign") as caught:
        plan_prepare(status(seen(qemu_hook="foreign")), "anna", NOW)
    assert "/qemu-hook" in caught.value.detail
    with pytest.raises(RingfenceError, match="prepare-foreign"):
        plan_prepare(status(seen(), network="foreign"), "anna", NOW)


def test_through_sudo_nothing_is_replaced() -> None:
    through = status(structs.replace(seen(), sent=False))
    with pytest.raises(RingfenceError, match="prepare-needs-root"):
        plan_prepare(through, "anna", NOW)
    with pytest.raises(RingfenceError, match="prepare-needs-root"):
        plan_unprepare(through, (), "anna", NOW)


def test_nothing_is_taken_while_a_machine_is_held_here_or_there() -> None:
    with pytest.raises(RingfenceError, match="hold-stands"):
        plan_unprepare(status(seen()), ("uuid",), "anna", NOW)
    with pytest.raises(RingfenceError, match="hold-stands"):
        plan_unprepare(status(structs.replace(seen(), holds=1)), (), "anna", NOW)


def test_a_host_without_ssh_gets_the_network_and_the_reasons() -> None:
    plan = plan_prepare(status(None, network="absent"), "anna", NOW)
    assert [step.tag for step in plan.steps] == ["keep-network"]
    codes = [warning.code for warning in plan.warnings]
    assert codes == [WHY.code, "hosts.preparation.warn.degraded"]
    assert status(None).state == "unknown"
    with pytest.raises(RingfenceError, match="prepare-nothing"):
        plan_prepare(status(None), "anna", NOW)


def test_without_systemd_the_plan_says_how_it_runs_there() -> None:
    bare = structs.replace(seen(qemu_hook="absent"), systemd=False)
    codes = [warning.code for warning in plan_prepare(status(bare), "anna", NOW).warnings]
    assert codes == ["hosts.preparation.warn.no-systemd", "hosts.preparation.warn.by-hand"]


def test_this_station_is_always_an_operator_and_others_stay() -> None:
    fresh = merged(None, Wishes(), "anna@desk", OWN)
    assert fresh == ANNA
    both = merged(ANNA, Wishes((Operator("boris", OTHER),), True, "wheel"), "anna@desk", OWN)
    assert [each.name for each in both.operators] == ["anna@desk", "boris"]
    assert both.two_people and both.sudo == "%wheel"
    assert merged(both, Wishes(), "anna@desk", OWN) == both
    taken = merged(WantedPreparation((Operator("anna@desk", OTHER),)), Wishes(), "anna@desk", OWN)
    assert {each.key for each in taken.operators} == {OWN, OTHER}


def test_two_people_are_two_keys() -> None:
    twice = Wishes((Operator("me-too", OWN),), True)
    with pytest.raises(RingfenceError, match="prepare-one-person"):
        merged(None, twice, "anna", OWN)
    with pytest.raises(RingfenceError, match="prepare-group"):
        merged(None, Wishes(sudo_group="%wheel"), "anna", OWN)


@pytest.mark.parametrize("text", ["", "anna", f"../x={OWN}", "anna=xyz", f"={OWN}", f"a b={OWN}"])
def test_an_operator_is_a_name_and_a_key(text: str) -> None:
    with pytest.raises(RingfenceError, match="prepare-operator"):
        parse_operator(text)
    assert parse_operator(f"anna={OWN.upper()}") == Operator("anna", OWN)


def test_any_person_at_any_desk_is_a_files_name() -> None:
    assert operator_name("anna müller@büro 7") == "anna-m-ller@b-ro-7"
    assert operator_name("///") == "station"
