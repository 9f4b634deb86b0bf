"""The quarantine section says what was observed, card by card, nothing that was only ordered."""

from datetime import timedelta

from msgspec import structs

from core.changes.outcome import PlanState
from core.fleet.columns import COLUMNS
from core.fleet.query import parse_query
from core.hosts.helper.orders import BarrierCard, BarrierSeen, Door
from core.incidents.hold import Hold
from core.incidents.model import Containment, Gap, Mode, Quarantine
from core.text import Catalogue
from gui.fleet.cells import held_icon
from gui.inspector.facts import Fact, Tone
from gui.inspector.quarantine import quarantine_section
from tests.ui.fleets import NOW, quarantine, view

MAC = "52:54:00:00:00:03"
DOOR = Door("192.0.2.9", 22)
HOLD = Hold(
    case="RF-20261122-1",
    host="hv1",
    uuid="u",
    name="web-03",
    mode=Mode.FORENSIC,
    owner="admin",
    since=NOW,
    reason="r",
    cards=(MAC,),
    raise_on_release=(),
    refused_live=(),
    plans=("p",),
    finished=True,
    barrier=(MAC,),
    doors=(DOOR,),
    generation=3,
)
CARD = BarrierCard("vnet3", 9, MAC, "tap", True, True, True, "virbr1", True)
BARRIER = BarrierSeen(True, True, True, (MAC,), (CARD,), 7, 3, False, (DOOR,), False, 5)


def facts(
    t: Catalogue,
    held: Quarantine,
    barrier: BarrierSeen | None = BARRIER,
    hold: Hold | None = HOLD,
    evidence: PlanState | None = None,
) -> dict[str, list[Fact]]:
    section = quarantine_section(view(3, "web-03", held=held), hold, barrier, evidence, t, NOW)
    assert section is not None
    found: dict[str, list[Fact]] = {}
    for fact in section.facts:
        found.setdefault(fact.label, []).append(fact)
    return found


def test_a_machine_that_nobody_holds_has_no_section(t: Catalogue) -> None:
    assert quarantine_section(view(1, "web-01"), None, None, None, t, NOW) is None


def test_a_whole_hold_names_its_cards_doors_and_counters(t: Catalogue) -> None:
    found = facts(t, structs.replace(quarantine(), mode=Mode.FORENSIC, kept=True))
    assert found["Barrier"][0].value == f"{MAC}, vnet3: whole"
    assert found["Door"][0].value == "192.0.2.9 to port 22"
    assert "5 passed a door" in found["Frames"][0].value
    assert "generation 3" in found["On the host"][0].value
    assert all(fact.tone is not Tone.WRONG for each in found.values() for fact in each)


def test_a_broken_card_and_a_lost_door_are_named(t: Catalogue) -> None:
    broken = structs.replace(CARD, egress=False)
    barrier = structs.replace(BARRIER, cards=(broken,), doors=())
    held = quarantine(Containment.PARTIAL, f"{MAC}: barrier")
    found = facts(t, held, barrier)
    assert "outbound missing" in found["Barrier"][0].value
    for label in ("State", "Still open", "Barrier", "Door"):
        assert found[label][0].tone is Tone.WRONG, label


def test_a_barrier_nobody_read_is_unknown(t: Catalogue) -> None:
    found = facts(t, quarantine(Containment.UNKNOWN), None)
    assert found["Barrier"][0].tone is Tone.UNKNOWN
    assert found["Barrier"][0].hover


def test_what_happened_since_is_told(t: Catalogue) -> None:
    gaps = tuple(Gap(NOW + timedelta(seconds=n), n / 10, "card") for n in range(5))
    held = structs.replace(
        quarantine(),
        memory_lost=NOW,
        gaps=gaps,
        foreign=True,
        asked_by="kim@desk-2",
        drill=True,
    )
    found = facts(t, held, hold=structs.replace(HOLD, station="desk-2"), evidence=PlanState.DONE)
    assert found["Memory"][0].tone is Tone.WRONG
    assert found["Gap"][0].value == "5 gaps, the longest 400 ms"
    assert found["Held by"][0].value == "another station: desk-2"
    assert "second person" in found["Release"][0].value
    assert found["Drill"][0].value
    assert found["Evidence"][0].value == "taken and sealed"


def test_watching_never_looks_contained(t: Catalogue) -> None:
    watched = structs.replace(quarantine(Containment.NOT_CONTAINED), mode=Mode.OBSERVE)
    assert held_icon(watched) == ("eye", "medium")
    column = next(each for each in COLUMNS if each.id == "quarantine")
    assert column.text(view(3, "web-03", held=watched), t) == "observed, not contained"
    blind = structs.replace(watched, missing=("frames: not counted",))
    assert held_icon(blind) != ("eye", "medium")


def test_mode_case_and_drill_can_be_filtered(t: Catalogue) -> None:
    held = structs.replace(quarantine(), drill=True)
    shown, free = view(3, "web-03", held=held), view(1, "web-01")
    for text in ("mode:strict", "case:rf-20261122-1", "drill:yes", "quarantine:drill"):
        query = parse_query(text)
        assert query.matches(shown), text
        assert not query.matches(free), text
    texts = {each.id: each.text(shown, t) for each in COLUMNS if each.id in {"mode", "case"}}
    assert texts == {"mode": "strict", "case": "RF-20261122-1"}
