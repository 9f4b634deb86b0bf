"""Zones meet on a segment through the cards that are on it, not through a router's other card."""

from core.posture.engine import Judge
from core.posture.model import Verdict
from core.posture.subject import MachineSubject
from core.zones.model import Membership
from tests.unit.posture.build import fleet, neighbour, nic, zone

DMZ, DATA = "52:54:00:00:00:01", "52:54:00:00:00:02"


def _in(name: str, mac: str) -> Membership:
    return Membership(zone(name).zone, (f"{mac} network {name}",))


def _verdicts(*subjects: MachineSubject) -> set[Verdict]:
    judged = Judge().judge_fleet(fleet(*subjects))
    return {finding.verdict for finding in judged if finding.check == "FLEET-NET-001"}


def test_a_router_does_not_mix_the_zones_it_joins() -> None:
    cards = (
        nic(mac=DMZ, source="dmz", bridge="br-dmz", isolated=False),
        nic(mac=DATA, source="data", bridge="br-data", isolated=False),
    )
    router = neighbour(1, nics=cards, zones=(_in("dmz", DMZ), _in("data", DATA)))
    server = "52:54:00:00:00:03"
    behind = neighbour(
        2,
        nics=(nic(mac=server, source="data", bridge="br-data", isolated=False),),
        zones=(_in("data", server),),
    )
    assert _verdicts(router, behind) == {Verdict.PASS}


def test_two_zones_on_one_bridge_are_mixed() -> None:
    first = neighbour(1, nics=(nic(mac=DMZ, isolated=False),), zones=(_in("dmz", DMZ),))
    second = neighbour(2, nics=(nic(mac=DATA, isolated=False),), zones=(_in("data", DATA),))
    assert _verdicts(first, second) == {Verdict.FAIL}
