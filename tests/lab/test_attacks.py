"""A held machine that does everything against its barrier is not heard: not one frame of it comes
to its host's stack, the bridge, the uplink or a neighbour.

A real guest sends forged frames of every kind all the time, and meanwhile somebody with virsh
and root does what undoes a hold elsewhere. What the host says of the gap after a flush is held
against the frames that were seen in it.
"""

import asyncio
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from core.hosts.helper.holds import HoldEvent, HoldsSeen, ReadHolds
from tests.lab.frames.attacks import STACK, attacks
from tests.lab.frames.capture import ALL, Capture, Heard, capturing
from tests.lab.frames.segment import FAR, beside
from tests.lab.guests.attacker import HOST, MAC, NAME, SPOOFED, TAP, define
from tests.lab.guests.definition import Guest, GuestNic
from tests.lab.hosts.host import Host
from tests.lab.hosts.lab import Lab
from tests.lab.keeping import events_of, installed, keeper, uuid_of
from tests.lab.prepared import prepared
from tests.lab.stations import opened, ringfence, ringfence_json

TARGET = f"{HOST}/{NAME}"
OWNERS = f"{MAC},{SPOOFED}"
ATTACK_S, SHORT_S, BOOT_S = 60.0, 15.0, 25.0
CLOCK_S = 0.05  # from the host's clock to the kernel's stamps, and from a drop to its effect
FILTER = "clean-traffic"
CHANGED = (0, 4)  # a release names what others changed of the machine meanwhile, and ends partial


@pytest.fixture
def host(lab: Lab) -> Iterator[Host]:
    """With its hooks. Its bridge keeps its address, whatever is plugged in: our way goes there."""
    found = lab.hosts[HOST]
    address = found.exec(["cat", "/sys/class/net/br0/address"]).stdout.strip()
    found.exec(["ip", "link", "set", "br0", "address", address])
    own = lab.address.bridged_guest(7)
    define(lab, attacks(MAC, SPOOFED, own, found.address))
    with installed(found):
        yield found
        found.virsh(["destroy", NAME], check=False)
    found.virsh(["undefine", NAME], check=False)
    lab.guests.pop(NAME, None)


class Ears:
    """The host's stack, its bridge and its uplink; and a neighbour in a place of its own."""

    def __init__(self, inside: Capture, outside: Capture) -> None:
        self._both = (inside, outside)

    def heard(self) -> Heard:
        found = [each.heard() for each in self._both]
        return Heard({place: times for heard in found for place, times in heard.at.items()})


@pytest.fixture
def ears(lab: Lab, host: Host) -> Iterator[Ears]:
    space = lab.address.namespace(HOST)
    stack = [f"any/{kind}" for kind in STACK]
    wires = [f"{device}/{ALL}" for device in ("br0", "eth0")]
    with ExitStack() as entered:
        inside = entered.enter_context(capturing(space, *stack, *wires, source=OWNERS))
        own = entered.enter_context(beside(lab, HOST, "br0"))
        outside = entered.enter_context(capturing(own, f"{FAR}/{ALL}", source=OWNERS))
        yield Ears(inside, outside)


@contextmanager
def held(lab: Lab, host: Host, home: Path, ears: Ears, mode: str, *more: str) -> Generator[None]:
    """The attacker is heard everywhere, is cut off, and is silent from then on."""
    host.start_guest(NAME)
    wait_for_every_place(ears)
    with prepared(host, [home]), keeper(host):
        act(home, "quarantine", "--mode", mode, *more)
        ears.heard()
        yield
        act(home, "release", well=CHANGED)


def act(home: Path, word: str, *more: str, well: tuple[int, ...] = (0,)) -> None:
    done = ringfence(home, word, TARGET, "--reason", "test", "--yes", *more, timeout_seconds=180)
    assert done.returncode in well, done.stdout + done.stderr


def wait_for_every_place(ears: Ears) -> None:
    """Ears that do not hear what is not blocked prove nothing."""
    missing, deadline = {"all"}, time.monotonic() + 60
    while missing:
        assert time.monotonic() < deadline, f"nothing is heard at {missing}"
        time.sleep(2.0)
        heard = ears.heard()
        missing = heard.at.keys() - heard.places


def holds(home: Path) -> HoldsSeen:
    async def scenario() -> HoldsSeen:
        async with opened(home) as station:
            seen = await station.hands.order(HOST, ReadHolds(0))
        assert isinstance(seen, HoldsSeen)
        return seen

    return asyncio.run(scenario())


def gaps_of(home: Path, host: Host) -> list[HoldEvent]:
    return events_of(holds(home), uuid_of(host, NAME), "gap")


def state(home: Path) -> dict[str, object]:
    found: dict[str, object] = ringfence_json(home, "machine", TARGET)["machine"]["quarantine"]
    return found


def silent(ears: Ears, what: str, seconds: float = 3.0) -> None:
    time.sleep(seconds)
    heard = ears.heard()
    assert not heard.count, f"{what}: heard at {heard.places}"


def flush(host: Host, home: Path, ears: Ears) -> None:
    """The gap is told with its true length: every frame heard falls into it, and then silence."""
    known = len(gaps_of(home, host))
    ears.heard()
    began_ns = time.time_ns()
    host.exec(["nft", "flush", "ruleset"])
    time.sleep(3.0)
    heard = ears.heard()
    gaps = gaps_of(home, host)[known:]
    assert gaps, "a flush was not told"
    told_s = sum(gap.seconds for gap in gaps)
    assert heard.span_s() <= told_s + CLOCK_S, (heard.span_s(), gaps)
    assert told_s <= (time.time_ns() - began_ns) / 1e9
    silent(ears, "after the flush")


def change_filter(host: Host) -> None:
    """As somebody does who wants a filter: the link is not spoken of, and so it is raised."""
    card = f"""<interface type="network"><mac address="{MAC}"/><source network="lan"/>
<target dev="{TAP}"/><model type="virtio"/><filterref filter="{FILTER}"/></interface>"""
    host.path("/tmp/card.xml").write_text(card)
    host.virsh(["update-device", NAME, "/tmp/card.xml", "--live"], check=False)


def refused_start(host: Host) -> None:
    started = host.exec(["virsh", "start", NAME], check=False)
    assert started.returncode and "is held" in started.stderr, started


def define_anew(host: Host) -> None:
    xml = host.virsh(["dumpxml", "--inactive", NAME])
    host.virsh(["undefine", NAME])
    host.define(xml)


def raise_link(host: Host) -> None:
    host.virsh(["domif-setlink", NAME, TAP, "up"], check=False)


def test_sixty_seconds_of_attacks_in_strict_mode(
    lab: Lab, host: Host, home: Path, ears: Ears
) -> None:
    with held(lab, host, home, ears, "strict"):
        began = time.monotonic()
        silent(ears, "forged frames alone", 5.0)
        steps: dict[str, Callable[[], None]] = {
            "a link raised": lambda: raise_link(host),
            "a filter changed": lambda: change_filter(host),
        }
        for what, do in steps.items():
            do()
            silent(ears, what)
        flush(host, home, ears)
        host.virsh(["reset", NAME])
        silent(ears, "a guest started anew", BOOT_S)
        raise_link(host)
        silent(ears, "until a minute is over", max(3.0, ATTACK_S - (time.monotonic() - began)))
        assert state(home)["state"] in {"contained", "partial"}

        host.virsh(["destroy", NAME])
        refused_start(host)
        silent(ears, "destroyed, and a start that was refused")
        define_anew(host)
        refused_start(host)
        silent(ears, "undefined and defined anew")


def test_a_frozen_machine_set_going_is_not_heard(
    lab: Lab, host: Host, home: Path, ears: Ears
) -> None:
    with held(lab, host, home, ears, "freeze"):
        host.virsh(["resume", NAME])
        raise_link(host)
        silent(ears, "set going", SHORT_S)
        assert "processors" in str(state(home)["missing"]), "nobody saw that it runs"
        flush(host, home, ears)


def test_a_door_lets_no_attack_out(lab: Lab, host: Host, home: Path, ears: Ears) -> None:
    with held(lab, host, home, ears, "forensic", "--door", f"{lab.address.station}:80"):
        silent(ears, "behind a door", SHORT_S)
        change_filter(host)
        silent(ears, "a filter changed")
        flush(host, home, ears)


@contextmanager
def heir(lab: Lab, host: Host) -> Generator[str]:
    """Another machine, whose tap has the name that the held machine's had."""
    guest = Guest("g8", HOST, (GuestNic("lan", f"{lab.address.bridged_guest(8)}/24"),))
    lab.add_guest(guest)
    source = "<source network='lan'/>"
    xml = host.virsh(["dumpxml", "--inactive", guest.name])
    host.define(xml.replace(source, f"{source}<target dev='{TAP}'/>"))
    try:
        yield guest.name
    finally:
        host.virsh(["destroy", guest.name], check=False)
        host.virsh(["undefine", guest.name], check=False)
        lab.guests.pop(guest.name)


def test_who_gets_a_held_machines_old_tap_has_network(
    lab: Lab, host: Host, home: Path, ears: Ears
) -> None:
    with held(lab, host, home, ears, "strict"), heir(lab, host) as other:
        host.virsh(["destroy", NAME])
        lab.wait_until_answers(other)
        assert TAP in host.virsh(["domiflist", other])
        refused_start(host)
        silent(ears, "beside its heir")
        assert lab.ping(other)
