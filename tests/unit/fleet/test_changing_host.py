"""A host whose own facts change all the time does not keep the loop busy with its machines."""

import asyncio
from time import perf_counter

from msgspec.structs import replace

from core.fleet.live import LiveFleet
from core.hosts.protocol import Health, HostChanged, Machines, Opened
from core.posture.engine import Judge
from core.settings.model import FleetFile, HostEntry
from tests.unit.posture.build import NOW, host, machine

ENTRY = HostEntry(name="hv1", uri="qemu+tls://hv1/system")
MANY = 600


def uuid(number: int) -> str:
    return f"{number:08d}-2222-4333-8444-555555555555"


def test_a_flood_of_changed_facts_costs_a_few_placings() -> None:
    async def play() -> tuple[float, str]:
        fleet = LiveFleet(FleetFile(hosts=(ENTRY,)), Judge())
        fleet.add_host(ENTRY)
        fleet.health_changed("hv1", Health("connected", NOW))
        fleet.reported("hv1", Opened(host()))
        named = (machine(uuid=uuid(n), name=f"m{n}") for n in range(MANY))
        fleet.reported("hv1", Machines(tuple(named)))
        began = perf_counter()
        for number in range(500):
            fleet.reported("hv1", HostChanged(replace(host(), cpu_model=f"model {number}")))
        took = perf_counter() - began
        assert await fleet.wait_until(lambda view: len(view.machines) == MANY, 30.0)
        facts = fleet.view.hosts["hv1"].facts
        assert facts is not None
        fleet.close()
        return took, str(facts.cpu_model)

    took, last = asyncio.run(play())
    assert last == "model 499"
    assert took < 1.0  # placing all of them for each would take twice that
