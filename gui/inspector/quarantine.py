"""The quarantine section: what holds a machine, card by card, and what happened to it since.

Everything stands here as it was observed: a card whose barrier was not read says "unknown".
"""

from collections.abc import Iterator
from datetime import datetime

from core.changes.outcome import PlanState
from core.fleet.model import MachineView
from core.hosts.helper.orders import BarrierCard, BarrierSeen
from core.incidents.holds import Hold
from core.incidents.model import Containment, Gap, Mode, Quarantine
from core.incidents.words import mode_text, say_missing, say_reason, state_text
from core.text import Catalogue
from gui.inspector.facts import Fact, FactWriter, Section, Tone
from gui.inspector.quantities import ago, clock, exact, milliseconds, moment

_TONES = {
    Containment.CONTAINED: Tone.PLAIN,
    Containment.PARTIAL: Tone.WRONG,
    Containment.NOT_CONTAINED: Tone.WRONG,
    Containment.UNKNOWN: Tone.UNKNOWN,
}
_SHORTEST_NAMED_GAPS = 3


def quarantine_section(
    view: MachineView,
    hold: Hold | None,
    barrier: BarrierSeen | None,
    evidence: PlanState | None,
    t: Catalogue,
    now: datetime,
) -> Section | None:
    """None for a machine that nobody holds."""
    held = view.quarantine
    if held is None:
        return None
    write = FactWriter(t)
    facts = (
        *_state(held, write, now),
        *_case(held, hold, write),
        *_cards(held, hold, barrier, write),
        *_since(held, write),
        *_host(held, hold, write),
        _evidence(evidence, write),
    )
    return write.section("quarantine", *facts)


def _state(held: Quarantine, write: FactWriter, now: datetime) -> Iterator[Fact]:
    t = write.t
    seen = ago(t, held.observed_at, now)
    words = t("panels.held.state", state=t.say(state_text(held)), seen=seen)
    yield write("held-state", words, tone=_TONES[held.state], hover=exact(held.observed_at))
    for item in say_missing(held.missing, t):
        yield write("held-open", item, tone=Tone.WRONG)
    what, notice = mode_text(held.mode)
    name = t(f"panels.mode.{held.mode.value}.name")
    yield write("held-mode", name, hover=f"{t.say(what)}\n{t.say(notice)}")
    if held.drill:
        yield write("held-drill", True)


def _case(held: Quarantine, hold: Hold | None, write: FactWriter) -> Iterator[Fact]:
    t = write.t
    yield write("held-case", held.case, mono=True)
    yield write("held-reason", say_reason(held.reason, t))
    yield write("held-by", held.owner)
    if held.foreign:
        station = hold.station if hold is not None else ""
        words = t("panels.held.foreign", station=station or t("value.unknown"))
        yield write("held-station", words, tone=Tone.CLAIMED)
    yield write("held-since", moment(held.since), hover=exact(held.since))
    if held.asked_by:
        words = t("panels.held.second-person", name=held.asked_by)
        yield write("held-release", words, tone=Tone.CLAIMED)


def _cards(
    held: Quarantine, hold: Hold | None, barrier: BarrierSeen | None, write: FactWriter
) -> Iterator[Fact]:
    t = write.t
    if hold is None or not hold.barrier:
        yield write("held-barrier", t("panels.held.no-barrier"), tone=Tone.CLAIMED)
        return
    if barrier is None:
        label = t("panels.fact.held-barrier")
        why = t("panels.held.barrier-unread")
        yield Fact(label, t("value.unknown"), why, Tone.UNKNOWN)
        return
    for card in barrier.cards:
        yield _card(card, held.mode, barrier, write)
    if not barrier.cards:
        yield write("held-barrier", t("panels.held.no-cards", count=len(barrier.macs)))
    for door in hold.doors:
        there = door in barrier.doors
        words = t("panels.held.door", station=door.station, port=door.port)
        shown = words if there else t("panels.held.door-missing", door=words)
        yield write("held-door", shown, tone=Tone.PLAIN if there else Tone.WRONG)
    yield write("held-frames", _frames(barrier, write))


def _card(card: BarrierCard, mode: Mode, barrier: BarrierSeen, write: FactWriter) -> Fact:
    """One card: held on every way, or which way is open."""
    t = write.t
    parts = {"bridge": card.bridge, "ingress": card.ingress, "egress": card.egress}
    open_parts = [t(f"panels.held.part.{name}") for name, stands in parts.items() if not stands]
    label, where = t("panels.fact.held-barrier"), f"{card.name}, {card.device}"
    if mode is Mode.OBSERVE:
        counted = t("panels.held.card-counted", device=where)
        wrong = Tone.PLAIN if barrier.observing else Tone.WRONG
        return Fact(label, counted if barrier.observing else t("panels.held.card-open"), "", wrong)
    if not open_parts:
        return Fact(label, t("panels.held.card-held", device=where), card.master)
    words = t("panels.held.card-partly", device=where, parts=", ".join(open_parts))
    return Fact(label, words, card.master, Tone.WRONG)


def _frames(barrier: BarrierSeen, write: FactWriter) -> str:
    """The counters of the barrier since it was raised."""
    t = write.t
    if barrier.observing:
        return t("panels.held.frames-counted", count=barrier.passed)
    words = t("panels.held.frames", out=barrier.from_guest, into=barrier.to_guest)
    if not barrier.doors:
        return words
    return words + t("panels.held.frames-doors", passed=barrier.passed)


def _since(held: Quarantine, write: FactWriter) -> Iterator[Fact]:
    """What happened to it since it was cut off."""
    t = write.t
    if held.memory_lost is not None:
        words = t("panels.held.memory-lost", time=moment(held.memory_lost))
        yield write("held-memory", words, tone=Tone.WRONG)
    gaps = sorted(held.gaps, key=lambda gap: gap.at)
    if len(gaps) > _SHORTEST_NAMED_GAPS:
        known = [gap.seconds for gap in gaps if gap.seconds > 0]
        longest = milliseconds(max(known)) if known else t("value.unknown")
        words = t("panels.held.gaps", count=len(gaps), longest=longest)
        hover = "\n".join(_gap(gap, t) for gap in gaps)
        yield write("held-gaps", words, tone=Tone.WRONG, hover=hover)
        return
    for gap in gaps:
        yield write("held-gaps", _gap(gap, t), tone=Tone.WRONG, hover=exact(gap.at))


def _gap(gap: Gap, t: Catalogue) -> str:
    length = milliseconds(gap.seconds) if gap.seconds > 0 else t("panels.held.gap-unknown")
    words = t("panels.held.gap", time=clock(gap.at), length=length)
    return f"{words} · {gap.what}" if gap.what else words


def _host(held: Quarantine, hold: Hold | None, write: FactWriter) -> Iterator[Fact]:
    """Whether it holds with this window closed."""
    t = write.t
    if held.kept and hold is not None:
        words = t("panels.held.kept", generation=hold.generation)
        yield write("held-host", words)
    elif hold is not None and hold.generation:
        words = t("panels.held.written", generation=hold.generation)
        yield write("held-host", words, tone=Tone.CLAIMED)
    else:
        yield write("held-host", t("panels.held.not-prepared"), tone=Tone.CLAIMED)


def _evidence(evidence: PlanState | None, write: FactWriter) -> Fact:
    if evidence is None:
        return write("held-evidence", write.t("panels.held.evidence.none"), tone=Tone.QUIET)
    good = evidence is PlanState.DONE
    words = write.t(f"panels.held.evidence.{evidence.value}")
    return write("held-evidence", words, tone=Tone.PLAIN if good else Tone.WRONG)
