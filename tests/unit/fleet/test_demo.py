"""The demo fleet has a home of its own, and nothing of it stays."""

from pathlib import Path

from core.fleet.demo import demo_hosts, demo_places, remove_demo_places
from core.hosts.uri import parse_uri
from core.settings.fleet_file import read_fleet
from core.settings.places import Places


def test_every_demo_host_is_a_test_driver_with_recorded_facts() -> None:
    hosts = demo_hosts()
    assert 3 <= len(hosts) <= 4
    for entry in hosts:
        assert parse_uri(entry.uri).driver == "test"
        assert Path(entry.demo_facts).is_file()


def test_the_demo_never_touches_the_admin_s_own_files(tmp_path: Path) -> None:
    own = Places.under(tmp_path)
    demo = demo_places(own)
    assert demo.journal_file != own.journal_file
    assert len(read_fleet(demo.fleet_file).zones) == 5
    remove_demo_places(demo)
    assert not demo.fleet_file.exists()
    assert list(own.runtime_dir.iterdir()) == []
    assert not own.config_dir.exists()
