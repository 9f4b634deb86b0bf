"""A host that proves nothing is put on record."""

import asyncio
from pathlib import Path

from core.settings.fleet_editor import FleetEditor
from core.settings.model import HostEntry
from core.settings.places import Places
from core.station import Station
from core.text import load_catalogue
from tests.unit.hosts.station_ends import Answers

ENTRY = HostEntry("esx1", "esx://ann@127.0.0.1:1/?no_verify=1")


def station_on(home: Path) -> Station:
    places = Places.under(home).make()
    editor = FleetEditor(places.fleet_file)
    editor.add(ENTRY)
    editor.save()
    return Station(places, load_catalogue("en"), Answers(), operator="anna")


def test_a_connection_is_on_record_once_a_run(tmp_path: Path) -> None:
    async def scenario() -> None:
        station = station_on(tmp_path)
        await station.start()
        assert await station.ready(10.0)
        failure = station.fleet.view.hosts["esx1"].health.failure
        records = station.audit.records()
        await station.stop()

        assert failure is not None
        assert failure.code == "credentials-missing"
        (record,) = records
        assert (record.entry.event, record.entry.operator) == ("host-unverified", "anna")
        assert record.entry.targets == ("esx1",)

    asyncio.run(scenario())
