"""A held machine has an instance of the barrier's unit; nothing else has."""

from pathlib import Path

from core.hosts.helper.on_host.prepare_links import units_in_step
from core.hosts.helper.on_host.prepare_remove import item_removed
from core.hosts.helper.on_host.prepare_write import item_written
from tests.unit.hosts.helper.prepare_ground import ANNA, new_ground

UUID = "6695eb01-f6a4-8304-79aa-97f2502e1930"


def test_units_follow_the_holds(tmp_path: Path) -> None:
    ground = new_ground(tmp_path)
    wants = ground.root / "etc/systemd/system/multi-user.target.wants"
    units_in_step(ground.root)  # no systemd lives there
    wants.mkdir()
    holds = ground.root / "var/lib/ringfence/holds"
    for item in ("folders", "barrier-unit"):
        item_written(ground, item, ANNA)
    (holds / f"{UUID}.json").write_text("{}")
    (holds / "no-uuid.json").write_text("{}")
    units_in_step(ground.root)
    [link] = wants.iterdir()
    assert link.name == f"ringfence-barrier@{UUID}.service"
    assert str(link.readlink()) == "/etc/systemd/system/ringfence-barrier@.service"
    units_in_step(ground.root)
    for file in holds.iterdir():
        file.unlink()
    units_in_step(ground.root)
    assert list(wants.iterdir()) == []


def test_taking_the_unit_away_takes_its_instances(tmp_path: Path) -> None:
    ground = new_ground(tmp_path)
    wants = ground.root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir()
    item_written(ground, "folders", ANNA)
    item_written(ground, "barrier-unit", ANNA)
    (wants / f"ringfence-barrier@{UUID}.service").symlink_to("/nowhere")
    item_removed(ground, "barrier-unit")
    assert list(wants.iterdir()) == []
