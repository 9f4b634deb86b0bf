"""What somebody else does on a host is in the view within a second, without polling."""

import asyncio
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from core.facts import MachineState, Unknown
from core.fleet.model import FleetView
from tests.lab.hosts.host import Host
from tests.lab.hosts.lab import Lab
from tests.lab.stations import machine_of, opened, seconds_until

LIMIT_SECONDS = 1.0
XML = """<domain type="qemu"><name>passer-by</name><memory unit="MiB">32</memory>
<os><type arch="x86_64">hvm</type></os><features><acpi/></features>
<devices>{}</devices></domain>"""
CARD = """<interface type="network"><mac address="52:54:00:77:00:01"/>
<source network="vault"/></interface>"""
TARGET = "h2/passer-by"


@pytest.fixture
def host(lab: Lab) -> Generator[Host]:
    """A host with one machine more, which nobody else uses."""
    host = lab.hosts["h2"]
    host.define(XML.format(""))
    yield host
    for name in ("passer-by", "renamed"):
        host.virsh(["destroy", name], check=False)
        host.virsh(["undefine", name], check=False)


def state(wanted: MachineState) -> Callable[[FleetView], bool]:
    def seen(view: FleetView) -> bool:
        row = machine_of(view, TARGET)
        return row is not None and row.row.state is wanted

    return seen


def has_card(view: FleetView) -> bool:
    row = machine_of(view, TARGET)
    nics = row.machine.nics if row and row.machine else ()
    return not isinstance(nics, Unknown) and any(nic.source == "vault" for nic in nics)


def test_start_and_stop(host: Host, home: Path) -> None:
    async def watch() -> None:
        async with opened(home) as station:
            for word, wanted in (("start", MachineState.RUNNING), ("destroy", MachineState.OFF)):
                await asyncio.to_thread(host.virsh, [word, "passer-by"])
                await seconds_until(station, state(wanted), LIMIT_SECONDS)

    asyncio.run(watch())


def test_a_new_name(host: Host, home: Path) -> None:
    async def watch() -> None:
        async with opened(home) as station:
            await asyncio.to_thread(host.virsh, ["domrename", "passer-by", "renamed"])
            await seconds_until(
                station, lambda view: machine_of(view, "h2/renamed") is not None, LIMIT_SECONDS
            )
            assert machine_of(station.fleet.view, TARGET) is None

    asyncio.run(watch())


def test_a_card_for_a_running_machine(host: Host, home: Path) -> None:
    host.virsh(["start", "passer-by"])
    host.path("/tmp/card.xml").write_text(CARD)

    async def watch() -> None:
        async with opened(home) as station:
            words = ["attach-device", "passer-by", "/tmp/card.xml", "--live"]
            await asyncio.to_thread(host.virsh, words)
            await seconds_until(station, has_card, LIMIT_SECONDS)

    asyncio.run(watch())


def test_a_machine_that_comes_and_goes(host: Host, home: Path) -> None:
    async def watch() -> None:
        async with opened(home) as station:
            await asyncio.to_thread(host.virsh, ["undefine", "passer-by"])
            await seconds_until(
                station, lambda view: machine_of(view, TARGET) is None, LIMIT_SECONDS
            )
            await asyncio.to_thread(host.define, XML.format(""))
            await seconds_until(
                station, lambda view: machine_of(view, TARGET) is not None, LIMIT_SECONDS
            )

    asyncio.run(watch())
