"""Items on a host's own tree: written, told, repaired, taken away without a trace."""

from pathlib import Path
from typing import Any

import pytest

from core.hosts.helper.on_host.prepare_disk import record_at
from core.hosts.helper.on_host.prepare_items import (
    PORTS_BLOCK,
    PREPARED_ITEMS,
    Preparation,
    checked_preparation,
    preparation_values,
    wanted_files,
    wanted_items,
)
from core.hosts.helper.on_host.prepare_remove import item_removed
from core.hosts.helper.on_host.prepare_sight import Ground, preparation_seen
from core.hosts.helper.on_host.prepare_write import item_written
from core.hosts.helper.on_host.talk import answer
from core.hosts.helper.on_host.values import Refused
from tests.unit.hosts.helper.prepare_ground import (
    ANNA,
    CONF,
    FileServices,
    new_ground,
    tree_of,
)

KEY = "cd" * 32
TWO = Preparation((("anna", "ab" * 32), ("boris", KEY)), True, "%wheel")


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return new_ground(tmp_path)


def prepare(ground: Ground, wanted: Preparation = ANNA) -> None:
    for item in wanted_items(wanted):
        item_written(ground, item, wanted)


def unprepare(ground: Ground) -> None:
    for item in reversed(PREPARED_ITEMS):
        item_removed(ground, item)


def states(ground: Ground, wanted: Preparation | None = None) -> dict[str, str]:
    return {item["item"]: item["state"] for item in preparation_seen(ground, wanted)["items"]}


def item(ground: Ground, name: str, wanted: Preparation | None = None) -> dict[str, Any]:
    [found] = [e for e in preparation_seen(ground, wanted)["items"] if e["item"] == name]
    return dict(found)


def test_nothing_is_there_at_first_and_every_line_is_told(ground: Ground) -> None:
    seen = preparation_seen(ground, ANNA)
    assert not seen["prepared"] and seen["wanted"] is None
    assert {each["state"] for each in seen["items"]} == {"absent"}
    hook = item(ground, "qemu-hook", ANNA)
    assert hook["difference"][0].endswith("50-ringfence 0755 root:root")
    assert any("hook-qemu" in line for line in hook["difference"])
    assert preparation_seen(ground, None)["items"] == []


@pytest.mark.parametrize("conf", [CONF, b"", None])
@pytest.mark.parametrize("wanted", [ANNA, TWO])
def test_taking_it_back_leaves_no_trace(
    tmp_path: Path, wanted: Preparation, conf: bytes | None
) -> None:
    ground = new_ground(tmp_path, conf=conf)
    before = tree_of(ground.root)
    prepare(ground, wanted)
    prepare(ground, wanted)
    assert set(states(ground).values()) == {"ours"}
    unprepare(ground)
    unprepare(ground)
    assert tree_of(ground.root) == before


def test_every_word_of_ours_in_qemu_conf_stands_before_theirs(ground: Ground) -> None:
    prepare(ground)
    conf = ground.root / "etc/libvirt/qemu.conf"
    assert conf.read_bytes() == PORTS_BLOCK.encode() + CONF
    assert conf.stat().st_mode & 0o777 == 0o600
    conf.write_bytes(conf.read_bytes() + b"max_files = 7\n")  # an admin goes on editing
    assert states(ground)["console-ports"] == "ours"
    item_removed(ground, "console-ports")
    assert conf.read_bytes() == CONF + b"max_files = 7\n"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("program", "usr/sbin/ringfence-host"),
        ("policy", "etc/ringfence/policy.json"),
        ("qemu-hook", "etc/libvirt/hooks/qemu.d/50-ringfence"),
        ("keep-unit", "etc/systemd/system/ringfence-keep.service"),
        ("operators", "etc/ringfence/operators/anna.pub"),
    ],
)
def test_whatever_is_changed_is_drift_and_is_put_right(
    ground: Ground, name: str, path: str
) -> None:
    prepare(ground)
    place = ground.root / path
    body, mode = place.read_bytes(), place.stat().st_mode
    for spoil in (_with_a_line_more, _open_to_all, _as_a_link):
        spoil(place)
        assert states(ground)[name] == "drifted"
        item_written(ground, name, ANNA)
        assert states(ground)[name] == "ours"
        assert (place.read_bytes(), place.stat().st_mode) == (body, mode)
    place.unlink()
    assert states(ground)[name] == "missing"


def _with_a_line_more(place: Path) -> None:
    place.write_bytes(place.read_bytes() + b"# mine\n")


def _open_to_all(place: Path) -> None:
    place.chmod(0o777)


def _as_a_link(place: Path) -> None:
    place.unlink()
    place.symlink_to("/etc/passwd")


def test_an_altered_block_and_a_foreign_key_are_drift(ground: Ground) -> None:
    prepare(ground)
    conf = ground.root / "etc/libvirt/qemu.conf"
    conf.write_bytes(conf.read_bytes().replace(b"6155", b"65535"))
    planted = ground.root / "etc/ringfence/operators/eve.pub"
    planted.write_text(KEY + "\n")
    assert states(ground)["console-ports"] == states(ground)["operators"] == "drifted"
    assert f"-{KEY}" in item(ground, "operators")["difference"]
    prepare(ground)
    assert set(states(ground).values()) == {"ours"} and not planted.exists()


def test_what_we_never_wrote_is_not_replaced(ground: Ground) -> None:
    hook = ground.root / "etc/libvirt/hooks/qemu.d/50-ringfence"
    hook.parent.mkdir(parents=True)
    hook.write_text("#!/bin/sh\n")
    assert states(ground, ANNA)["qemu-hook"] == "foreign"
    with pytest.raises(Refused, match="prepare-foreign"):
        prepare(ground)
    assert hook.read_text() == "#!/bin/sh\n"


def test_another_version_is_outdated_and_other_wishes_too(ground: Ground) -> None:
    prepare(ground)
    newer = ground._replace(source=b"# newer\n")
    assert states(newer)["program"] == "outdated"
    assert states(ground, TWO)["operators"] == "outdated"
    assert states(ground, TWO)["policy"] == "outdated"
    prepare(ground, TWO)
    assert set(states(ground).values()) == {"ours"}


def test_nothing_goes_while_a_hold_stands(ground: Ground) -> None:
    prepare(ground)
    hold = ground.root / "var/lib/ringfence/holds/x.json"
    hold.write_text("{}")
    for name in PREPARED_ITEMS:
        with pytest.raises(Refused, match="hold-stands"):
            item_removed(ground, name)
    assert preparation_seen(ground, None)["holds"] == 1
    hold.unlink()
    unprepare(ground)


@pytest.mark.parametrize("kind", ["evidence", "kept"])
def test_evidence_and_what_is_left_of_disks_is_not_thrown_away(ground: Ground, kind: str) -> None:
    prepare(ground)
    left = ground.root / "var/lib/ringfence" / kind / "x"
    left.mkdir(parents=True)
    with pytest.raises(Refused, match="prepare-not-empty") as refused:
        unprepare(ground)
    assert left.is_dir() and str(left.parent) in refused.value.detail


def test_a_daemon_that_ran_before_the_hook_must_start_anew(ground: Ground) -> None:
    prepare(ground)
    [daemon] = preparation_seen(ground, None)["daemons"]
    assert daemon == {"name": "libvirtd", "restart": True, "by_hand": True}
    services = ground.services
    assert isinstance(services, FileServices)
    services.restart("libvirtd")
    prepare(ground)  # again: nothing is new to it
    assert not preparation_seen(ground, None)["daemons"][0]["restart"]


def test_with_a_hook_of_somebody_elses_libvirt_looks_each_time(ground: Ground) -> None:
    other = ground.root / "etc/libvirt/hooks/qemu"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    for name in ("folders", "qemu-hook"):
        item_written(ground, name, ANNA)
    assert not preparation_seen(ground, None)["daemons"][0]["restart"]
    item_written(ground, "console-ports", ANNA)
    assert preparation_seen(ground, None)["daemons"][0]["restart"]


def test_a_directory_that_was_there_stays(ground: Ground) -> None:
    hooks = ground.root / "etc/libvirt/hooks"
    hooks.mkdir()
    prepare(ground)
    unprepare(ground)
    assert hooks.is_dir() and not (hooks / "qemu.d").exists()


def test_what_is_no_record_of_ours_is_said(ground: Ground) -> None:
    prepare(ground)
    (ground.root / "etc/ringfence/prepared.json").write_text("{}")
    with pytest.raises(Refused, match="prepare-record"):
        record_at(ground.root)


def values(**changes: object) -> dict[str, object]:
    return {**preparation_values(ANNA), **changes}


@pytest.mark.parametrize(
    "given",
    [
        None,
        {},
        values(two_people="yes"),
        values(sudo="anna ALL"),
        values(sudo="%wheel\n%x"),
        values(operators=[]),
        values(operators=[{"name": "../x", "key": KEY}]),
        values(operators=[{"name": "anna", "key": KEY.upper()}]),
        values(operators=[{"name": "anna", "key": KEY}] * 2),
        values(operators=[{"name": f"a{n}", "key": KEY} for n in range(65)]),
        values(path="/etc/shadow"),
    ],
)
def test_only_data_that_makes_a_preparation_is_taken(given: object) -> None:
    with pytest.raises(Refused):
        checked_preparation(given)


def test_an_item_is_one_of_a_closed_set() -> None:
    given = {"number": 1, "verb": "write-item", "wanted": values(), "item": "/etc/shadow"}
    assert answer(given)["error"] == "helper-value"


def test_sudo_allows_exactly_the_program_without_a_word() -> None:
    [file] = wanted_files("sudoers", TWO, b"")
    assert file.mode == 0o440
    assert file.body.splitlines()[-1] == (
        b'%wheel ALL=(root) NOPASSWD: /usr/sbin/ringfence-host ""'
    )
    assert "sudoers" not in wanted_items(ANNA)
