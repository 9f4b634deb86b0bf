"""Labels and pairs in the view equal those of the processes, on a host that really has them."""

import asyncio
from pathlib import Path

import pytest

from core.facts import Confinement, LabelKind
from core.fleet.model import FleetView
from tests.lab.configuration import Way, write_home
from tests.lab.selinux.host import SelinuxHost
from tests.lab.selinux.machines import STARTED
from tests.lab.stations import machine_of, opened

pytestmark = pytest.mark.selinux


def read_view(home: Path, host: SelinuxHost, way: Way) -> FleetView:
    async def read() -> FleetView:
        async with opened(home) as station:
            return station.fleet.view

    write_home(home, [(host, way)])
    return asyncio.run(read())


@pytest.mark.parametrize("way", ["tls", "tls+ssh", "ssh"])
def test_labels_equal_those_of_the_processes(
    selinux_host: SelinuxHost, tmp_path: Path, way: Way
) -> None:
    view = read_view(tmp_path, selinux_host, way)
    labels = selinux_host.process_labels()
    for name in STARTED:
        row = machine_of(view, f"selinux/{name}")
        assert row is not None
        assert row.label.label is not None
        assert row.label.label.text == labels[name]
        assert ",".join(row.label.label.categories) == labels[name].split(":")[-1]
        assert row.label.confinement is Confinement.ENFORCED


def test_kinds_and_what_does_not_run(selinux_host: SelinuxHost, tmp_path: Path) -> None:
    view = read_view(tmp_path, selinux_host, "tls")
    rows = {row.name: row for row in view.machines.values()}
    kinds = {name: row.label.label.kind for name, row in rows.items() if row.label.label}
    assert kinds["s1"] is LabelKind.DYNAMIC
    assert kinds["s3"] is LabelKind.STATIC
    assert rows["s4"].label.confinement is Confinement.NOT_RUNNING


def test_permissive_looks_different(selinux_host: SelinuxHost, tmp_path: Path) -> None:
    selinux_host.set_enforcing(False)
    try:
        view = read_view(tmp_path, selinux_host, "tls")
    finally:
        selinux_host.set_enforcing(True)
    row = machine_of(view, "selinux/s1")
    assert row is not None
    assert row.label.confinement is Confinement.PERMISSIVE
