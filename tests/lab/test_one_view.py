"""The single view says of every machine on every host what virsh says on the host itself."""

import asyncio
from pathlib import Path

from core.facts import Unknown
from core.fleet.model import FleetView
from tests.lab.hosts.host import Host
from tests.lab.hosts.lab import Lab
from tests.lab.stations import opened, ringfence_json

STATES = {"running": "running", "shut off": "off", "paused": "paused"}


def read_view(home: Path) -> FleetView:
    async def read() -> FleetView:
        async with opened(home) as station:
            return station.fleet.view

    return asyncio.run(read())


def by_virsh(host: Host) -> dict[str, tuple[str, str]]:
    """uuid -> name and state."""
    found: dict[str, tuple[str, str]] = {}
    for uuid in host.virsh(["list", "--all", "--uuid"]).split():
        name = host.virsh(["domname", uuid]).strip()
        found[uuid] = (name, STATES[host.state(uuid)])
    return found


def test_every_machine_of_every_host_is_there(lab: Lab, home: Path) -> None:
    lab.start_guest("g1")
    view = read_view(home)
    for name, host in lab.hosts.items():
        rows = {key.uuid: row for key, row in view.machines.items() if key.host == name}
        shown = {uuid: (row.name, str(row.row.state)) for uuid, row in rows.items()}
        assert shown == by_virsh(host)
        assert all(not row.stale for row in rows.values())


def test_cards_and_filters_are_those_of_the_host(lab: Lab, home: Path) -> None:
    view = read_view(home)
    for guest in lab.guests.values():
        row = next(row for row in view.machines.values() if row.name == guest.name)
        assert row.machine is not None
        assert not isinstance(row.machine.nics, Unknown)
        shown = [(nic.mac, nic.source, nic.filter) for nic in row.machine.nics]
        macs = [
            line.split()[-1]
            for line in lab.hosts[guest.host].virsh(["domiflist", guest.name]).splitlines()
            if line.strip()
        ]
        wanted = [(nic.network, nic.filter or "") for nic in guest.nics]
        assert shown == [(mac, *rest) for mac, rest in zip(macs, wanted, strict=True)]


def test_the_terminal_shows_the_same_machines(lab: Lab, home: Path) -> None:
    machines = ringfence_json(home, "fleet")["machines"]
    shown = {(row["host"], row["uuid"]): row["name"] for row in machines}
    expected = {
        (name, uuid): told[0]
        for name, host in lab.hosts.items()
        for uuid, told in by_virsh(host).items()
    }
    assert shown == expected


def test_one_login_carries_everything(lab: Lab, home: Path) -> None:
    before = {name: host.ssh_login_count() for name, host in lab.hosts.items()}
    read_view(home)
    after = {name: host.ssh_login_count() - before[name] for name, host in lab.hosts.items()}
    assert after == {"h1": 1, "h2": 1, "h3": 0}


def test_a_running_machine_is_in_the_zones_it_was_in(lab: Lab, home: Path) -> None:
    """libvirt writes the card of a bridged network differently once the machine runs."""
    for name in ("g2", "g3", "g5"):
        lab.start_guest(name)
    rows = {row.name: row for row in read_view(home).machines.values()}
    zones = {name: rows[name].zones for name in ("g2", "g3", "g5")}
    for name, wanted in (("g2", "internal"), ("g3", "dmz"), ("g5", "lan")):
        found = zones[name]
        assert not isinstance(found, Unknown), name
        assert [member.zone.name for member in found] == [wanted]
