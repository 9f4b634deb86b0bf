"""What may be said of each mode, from what was observed alone; and that a memory is gone."""

import pytest
from msgspec import structs

from core.facts import Device, Machine, MachineState, NicKind
from core.hosts.helper.orders import BarrierSeen, Door
from core.incidents.hold import Hold
from core.incidents.model import Containment, Mode
from core.incidents.state import observed
from core.incidents.words import memory_text, mode_text, say_missing, state_text
from core.text import load_catalogue
from tests.unit.incidents.test_state import (
    BEHIND,
    DOWN,
    MAC_2,
    NOW,
    SEEN,
    UP,
    barrier,
    machine,
    nic,
)

DOOR = Door("192.0.2.9", 22)
FREEZE = structs.replace(BEHIND, mode=Mode.FREEZE, paused=True, ran=True, run=1)
FORENSIC = structs.replace(BEHIND, mode=Mode.FORENSIC, doors=(DOOR,))
OBSERVE = structs.replace(BEHIND, mode=Mode.OBSERVE)
PAUSED = machine(state=MachineState.PAUSED)


def said(hold: Hold, found: Machine, seen: BarrierSeen | None) -> tuple[str, ...]:
    quarantine = observed(hold, found, False, NOW, seen)
    assert quarantine is not None
    return (quarantine.state, *quarantine.missing)


def with_doors(*doors: Door) -> BarrierSeen:
    return structs.replace(barrier(), doors=doors)


def test_a_freeze_is_contained_while_it_stands_still() -> None:
    assert said(FREEZE, PAUSED, barrier()) == (Containment.CONTAINED,)


@pytest.mark.parametrize("state", [MachineState.RUNNING, MachineState.SUSPENDED])
def test_a_freeze_that_somebody_set_going_is_partial(state: MachineState) -> None:
    found = said(FREEZE, machine(state=state), barrier())
    assert found == (Containment.PARTIAL, "processors: running")


def test_a_running_freeze_with_nothing_around_it_is_not_contained() -> None:
    bare = structs.replace(barrier(), up=False, bridge=False, macs=())
    assert said(FREEZE, machine(UP), bare)[0] == Containment.NOT_CONTAINED


def test_a_card_stopped_by_the_pause_is_cut_and_a_host_device_is_not() -> None:
    stopped = machine((*DOWN, nic("52:54:00:00:00:03", up=True, kind=NicKind.VHOSTUSER)))
    paused = structs.replace(stopped, state=MachineState.PAUSED)
    assert said(FREEZE, paused, barrier()) == (Containment.CONTAINED,)
    passed = machine((*DOWN, nic("52:54:00:00:00:03", up=True, kind=NicKind.HOSTDEV)))
    still = structs.replace(passed, state=MachineState.PAUSED)
    assert said(FREEZE, still, barrier())[0] == Containment.PARTIAL


def test_forensic_is_contained_with_its_links_up_and_just_its_doors() -> None:
    assert said(FORENSIC, machine(UP, DOWN), with_doors(DOOR)) == (Containment.CONTAINED,)


@pytest.mark.parametrize("doors", [(), (DOOR, Door("192.0.2.66", 22)), (Door("192.0.2.9", 23),)])
def test_other_doors_than_were_ordered_are_partial(doors: tuple[Door, ...]) -> None:
    found = said(FORENSIC, machine(UP, DOWN), with_doors(*doors))
    assert found[0] == Containment.NOT_CONTAINED
    assert any(item.endswith(": door") for item in found[1:])


def test_links_up_without_the_barrier_are_not_contained() -> None:
    bare = structs.replace(barrier(), up=False, bridge=False, macs=())
    assert said(FORENSIC, machine(UP, DOWN), bare)[0] == Containment.NOT_CONTAINED


def test_observe_is_never_contained() -> None:
    watching = structs.replace(barrier(), observing=True)
    assert said(OBSERVE, machine(), watching) == (Containment.NOT_CONTAINED,)
    assert said(OBSERVE, machine(), barrier()) == (
        Containment.NOT_CONTAINED,
        "frames: not counted",
    )
    assert said(OBSERVE, machine(), None) == (Containment.UNKNOWN,)


def test_a_barrier_that_only_counts_holds_nothing() -> None:
    found = said(BEHIND, machine(UP), structs.replace(barrier(), observing=True))
    assert "frames: only counted" in found and found[0] == Containment.NOT_CONTAINED


def test_what_a_running_machine_shares_with_its_host_is_named() -> None:
    shares = (Device("filesystem", target="share"), Device("vsock"))
    found = said(BEHIND, machine(devices=shares), barrier())
    assert found == (Containment.PARTIAL, "filesystem share", "vsock")
    still = machine(devices=shares, state=MachineState.PAUSED)
    assert said(FREEZE, still, barrier()) == (Containment.CONTAINED,)


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ({}, False),
        ({"id": 2}, True),
        ({"state": MachineState.OFF, "id": -1}, True),
        ({"state": MachineState.UNKNOWN}, False),
    ],
)
def test_another_run_has_lost_the_memory(changes: dict[str, object], lost: bool) -> None:
    found = observed(FREEZE, structs.replace(PAUSED, **changes), False, NOW, barrier())
    assert found is not None
    assert (found.memory_lost == SEEN) is lost


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_word_of_the_modes_is_there(language: str) -> None:
    words = load_catalogue(language)
    held = observed(OBSERVE, machine(), False, NOW, structs.replace(barrier(), observing=True))
    gone = observed(FREEZE, structs.replace(PAUSED, id=2), False, NOW, barrier())
    assert held is not None and gone is not None
    memory = memory_text(gone)
    assert memory is not None and memory_text(held) is None
    texts = [state_text(held), memory, *(text for mode in Mode for text in mode_text(mode))]
    items = ("processors: running", "frames: not counted", "192.0.2.9:22: door", f"{MAC_2}: gone")
    for text in (*map(words.say, texts), *say_missing(items, words)):
        assert "‹" not in text and "{" not in text
