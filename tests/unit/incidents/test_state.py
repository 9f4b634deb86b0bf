"""The screen says what was observed: metadata alone never shows contained."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from core.facts import (
    Device,
    Machine,
    MachineClaim,
    MachineState,
    Nic,
    NicKind,
    Reason,
    Unknown,
)
from core.hosts.helper.orders import BarrierCard, BarrierSeen
from core.incidents.holds import Hold
from core.incidents.model import Containment, Mode
from core.incidents.state import CLAIMED, observed
from core.incidents.words import missing_text

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
SEEN = datetime(2026, 11, 22, 1, 59, 58, tzinfo=UTC)
MAC_1, MAC_2 = "52:54:00:00:00:01", "52:54:00:00:00:02"
HOLD = Hold(
    case="c1",
    host="hv1",
    uuid="u",
    name="web",
    mode=Mode.STRICT,
    owner="alice",
    since=SEEN,
    reason="test",
    cards=(MAC_1, MAC_2),
    raise_on_release=(MAC_1, MAC_2),
    refused_live=(),
    plans=("p1",),
    finished=True,
)


def nic(mac: str, up: bool = False, kind: NicKind = NicKind.NETWORK) -> Nic:
    return Nic(mac=mac, kind=kind, source="dmz", link_up=up)


DOWN = (nic(MAC_1), nic(MAC_2))
UP = (nic(MAC_1, up=True), nic(MAC_2, up=True))
UNREAD = Unknown(Reason.UNREADABLE)


def machine(
    live: tuple[Nic, ...] | Unknown = DOWN,
    stored: tuple[Nic, ...] | Unknown = DOWN,
    state: MachineState = MachineState.RUNNING,
    devices: tuple[Device, ...] | Unknown = (),
    claim: str = "",
    arguments: tuple[str, ...] = (),
) -> Machine:
    return Machine(
        uuid="u",
        name="web",
        state=state,
        observed_at=SEEN,
        id=1,
        persistent=True,
        autostart=False,
        managed_save=False,
        title="",
        description="",
        driver="kvm",
        machine_type="",
        arch="",
        emulator="",
        os_type="",
        firmware=UNREAD,
        tuning=UNREAD,
        disks=(),
        nics=live,
        consoles=(),
        devices=devices,
        labels=(),
        stored_labels=(),
        launch_security="",
        taints=(),
        snapshots=(),
        claim=MachineClaim(hold_case=claim),
        differences=(),
        stored_nics=stored,
        custom_arguments=arguments,
    )


def state_of(found: Machine, hold: Hold | None = HOLD, stale: bool = False) -> tuple[str, ...]:
    quarantine = observed(hold, found, stale, NOW)
    assert quarantine is not None
    return (quarantine.state.value, *quarantine.missing)


def test_all_links_down_on_both_sides_is_contained() -> None:
    quarantine = observed(HOLD, machine(), False, NOW)
    assert quarantine is not None
    assert quarantine.state is Containment.CONTAINED
    assert (quarantine.case, quarantine.owner, quarantine.reason) == ("c1", "alice", "test")
    assert (quarantine.since, quarantine.observed_at) == (SEEN, SEEN)


def test_a_machine_without_cards_is_contained() -> None:
    assert state_of(machine((), ())) == ("contained",)


def test_one_link_up_is_partial_and_named() -> None:
    live = (nic(MAC_1), nic(MAC_2, up=True))
    assert state_of(machine(live)) == ("partial", f"{MAC_2}: live")


def test_all_links_up_is_not_contained() -> None:
    assert state_of(machine(UP))[0] == "not-contained"


def test_a_stored_link_up_is_partial() -> None:
    assert state_of(machine(stored=UP)) == ("partial", f"{MAC_1}: stored", f"{MAC_2}: stored")


def test_a_card_no_link_cuts_is_partial_and_named() -> None:
    live = (*DOWN, nic("52:54:00:00:00:09", kind=NicKind.HOSTDEV))
    assert state_of(machine(live)) == ("partial", "52:54:00:00:00:09: hostdev")


def test_only_cards_no_link_cuts_is_not_contained() -> None:
    live = (nic(MAC_1, kind=NicKind.VHOSTUSER),)
    assert state_of(machine(live, live))[0] == "not-contained"


def test_a_driver_that_refuses_live_changes_does_not_contain() -> None:
    hold = structs.replace(HOLD, refused_live=(MAC_1, MAC_2))
    assert state_of(machine(UP), hold) == ("not-contained", f"{MAC_1}: live", f"{MAC_2}: live")


def test_a_passed_through_device_may_be_a_card() -> None:
    found = machine(devices=(Device("hostdev", "pci", source="0000:03:00.0"),))
    assert state_of(found) == ("partial", "hostdev pci 0000:03:00.0")


def test_a_machine_that_is_off_and_stays_cut_is_contained() -> None:
    assert state_of(machine(state=MachineState.OFF)) == ("contained",)


def test_a_machine_that_is_off_and_would_open_again_is_partial() -> None:
    found = machine(UP, UP, state=MachineState.OFF)
    assert state_of(found) == ("partial", f"{MAC_1}: stored", f"{MAC_2}: stored")


@pytest.mark.parametrize("nics", [UNREAD])
def test_cards_nobody_could_read_are_unknown(nics: Unknown) -> None:
    assert state_of(machine(nics)) == ("unknown",)


def test_a_configuration_nobody_could_read_is_not_a_pass() -> None:
    assert state_of(machine(stored=UNREAD)) == ("partial", "stored: unread")


def test_a_stale_host_is_unknown() -> None:
    assert state_of(machine(), stale=True) == ("unknown",)


def test_a_machine_that_is_gone_is_unknown() -> None:
    quarantine = observed(HOLD, None, False, NOW)
    assert quarantine is not None and quarantine.state is Containment.UNKNOWN


def test_a_claim_without_our_record_is_never_contained() -> None:
    quarantine = observed(None, machine(claim="c9"), False, NOW)
    assert quarantine is not None
    assert (quarantine.state, quarantine.reason) == (Containment.UNKNOWN, CLAIMED)
    assert quarantine.case == "c9"


def test_nobody_says_anything() -> None:
    assert observed(None, machine(), False, NOW) is None


@pytest.mark.parametrize("seconds", [25, 3600, -3600])
def test_what_was_seen_long_ago_or_in_the_future_proves_nothing(seconds: int) -> None:
    found = structs.replace(machine(), observed_at=NOW - timedelta(seconds=seconds))
    assert state_of(found) == ("unknown",)


def test_a_stale_observation_keeps_its_own_time() -> None:
    quarantine = observed(HOLD, machine(), True, NOW)
    assert quarantine is not None and quarantine.observed_at == SEEN


def test_devices_nobody_could_read_are_unknown() -> None:
    assert state_of(machine(devices=UNREAD)) == ("unknown",)


def test_a_state_nobody_could_read_is_unknown() -> None:
    assert state_of(machine(state=MachineState.UNKNOWN)) == ("unknown",)


@pytest.mark.parametrize("value", ["-netdev", "--nic", "vfio-pci,host=3:0.0", "-net"])
def test_an_emulator_argument_may_open_a_card(value: str) -> None:
    found = machine(arguments=(f"commandline arg value={value}",))
    assert state_of(found) == ("partial", f"emulator argument {value}")


def test_a_harmless_emulator_argument_is_contained() -> None:
    assert state_of(machine(arguments=("commandline arg value=-snapshot",))) == ("contained",)


def test_a_device_a_start_would_pass_through_is_partial() -> None:
    found = machine(
        state=MachineState.OFF, devices=(Device("hostdev", "pci", source="0000:03:00.0"),)
    )
    assert state_of(found) == ("partial", "hostdev pci 0000:03:00.0")


def test_a_machine_with_nothing_but_a_passed_through_device_is_not_contained() -> None:
    found = machine((), (), devices=(Device("hostdev", "pci", source="0000:03:00.0"),))
    assert state_of(found) == ("not-contained", "hostdev pci 0000:03:00.0")


def test_a_crashed_machine_kept_with_its_cards_up_is_not_contained() -> None:
    assert state_of(machine(UP, DOWN, state=MachineState.CRASHED))[0] == "not-contained"


def test_a_start_from_a_saved_state_would_bring_the_links_back() -> None:
    off = structs.replace(machine(state=MachineState.OFF), managed_save=True)
    assert state_of(off) == ("partial", "managed save image")
    assert missing_text("managed save image").code == "incidents.missing.managed-save"
    running = structs.replace(machine(), managed_save=True)
    assert state_of(running) == ("contained",)


def barrier(held: bool = True, macs: tuple[str, ...] = (MAC_1, MAC_2)) -> BarrierSeen:
    cards = tuple(
        BarrierCard(f"vnet{place}", place, mac, "tap", True, held, held, "br0", True)
        for place, mac in enumerate((MAC_1, MAC_2))
    )
    return BarrierSeen(True, True, True, macs, cards, 3, 4, False)


BEHIND = structs.replace(HOLD, barrier=(MAC_1, MAC_2))


def behind(found: Machine, seen: BarrierSeen | None) -> tuple[str, ...]:
    quarantine = observed(BEHIND, found, False, NOW, seen)
    assert quarantine is not None
    return (quarantine.state, *quarantine.missing)


def test_a_barrier_and_cut_links_are_contained() -> None:
    assert behind(machine(), barrier()) == ("contained",)


def test_a_barrier_nobody_could_read_is_unknown() -> None:
    assert behind(machine(), None) == ("unknown",)


def test_a_card_beside_the_barrier_is_named() -> None:
    lost = (f"{MAC_1}: barrier", f"{MAC_2}: barrier")
    assert behind(machine(), barrier(held=False)) == ("partial", *lost)


def test_a_raised_link_behind_the_barrier_is_partial_not_open() -> None:
    assert behind(machine(UP), barrier()) == ("partial", f"{MAC_1}: live", f"{MAC_2}: live")


def test_no_link_cut_and_no_barrier_is_not_contained() -> None:
    assert behind(machine(UP), barrier(held=False))[0] == "not-contained"


def test_a_running_card_whose_device_nobody_found_is_not_behind_the_barrier() -> None:
    """Its address is blocked, but no frame that bears another's is."""
    lost = (f"{MAC_1}: barrier", f"{MAC_2}: barrier")
    none = structs.replace(barrier(), cards=())
    assert behind(machine(), none) == ("partial", *lost)
    assert behind(machine(UP), none)[0] == "not-contained"
    one = structs.replace(barrier(), cards=barrier().cards[:1])
    assert behind(machine(), one) == ("partial", f"{MAC_2}: barrier")
    assert behind(machine(state=MachineState.OFF), none) == ("contained",)
