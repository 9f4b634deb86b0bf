"""The shell's words about our files become facts; an altered record is found by rendering."""

from pathlib import Path

import msgspec
import pytest

from core.facts import HostPreparation, Reason, Unknown
from core.hosts.helper.on_host.prepare_disk import sha_of
from core.hosts.helper.on_host.prepare_items import OWN_FOLDERS, wanted_files, wanted_items
from core.hosts.helper.on_host.prepare_sight import Ground
from core.hosts.helper.on_host.prepare_write import item_written
from core.hosts.helper.one_file import one_file
from core.hosts.hostfacts.preparation import preparation
from core.hosts.hostfacts.sections import Sections
from tests.unit.hosts.helper.prepare_ground import ANNA, new_ground

RECORD = "/etc/ringfence/prepared.json"


@pytest.fixture
def told(tmp_path: Path) -> Sections:
    """What the script says of a host that was just prepared, as root's."""
    ground: Ground = new_ground(tmp_path)._replace(source=one_file())
    for item in wanted_items(ANNA):
        item_written(ground, item, ANNA)
    lines = ["keep"]
    for item in wanted_items(ANNA):
        for each in wanted_files(item, ANNA, b"#!/usr/bin/python3 -IS\n" + one_file()):
            lines.append(f"{sha_of(each.body)} {each.mode:o} 0:0 f {each.path}")
    lines += [f"- {mode:o} 0:0 d {path}" for path, mode in OWN_FOLDERS]
    tree = ground.root
    return {
        "ringfence": "\n".join(lines),
        RECORD: (tree / RECORD.lstrip("/")).read_text(),
        "/etc/libvirt/qemu.conf": (tree / "etc/libvirt/qemu.conf").read_text(),
    }


def states(told: Sections) -> dict[str, str]:
    found = preparation(told)
    assert isinstance(found, HostPreparation)
    return {each.path: each.state for each in found.items}


def test_a_prepared_host_is_told_as_one(told: Sections) -> None:
    found = preparation(told)
    assert isinstance(found, HostPreparation)
    assert found.prepared and found.keeping and not found.two_people
    assert set(states(told).values()) == {"ours"}
    assert found.operators == (f"anna {'ab' * 8}",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("755 0:0 f /usr/sbin", "777 0:0 f /usr/sbin"),
        ("755 0:0 f /usr/sbin", "755 1000:0 f /usr/sbin"),
        ("755 0:0 f /usr/sbin", "755 0:0 l /usr/sbin"),
        ("700 0:0 d /var/lib/ringfence/holds", "777 0:0 d /var/lib/ringfence/holds"),
    ],
)
def test_mode_owner_and_kind_count(told: Sections, old: str, new: str) -> None:
    text = told["ringfence"]
    assert isinstance(text, str) and old in text
    changed = states({**told, "ringfence": text.replace(old, new)})
    assert "drifted" in changed.values()


def test_a_record_altered_to_fit_an_altered_hook_is_no_help(told: Sections) -> None:
    hook = "/etc/libvirt/hooks/qemu.d/50-ringfence"
    record = msgspec.json.decode(str(told[RECORD]))
    true, false = record["files"]["qemu-hook"][hook], sha_of(b"#!/bin/sh\nexit 0\n")
    text = str(told["ringfence"]).replace(true, false)
    assert states({**told, "ringfence": text})[hook] == "drifted"
    record["files"]["qemu-hook"][hook] = false
    altered = {**told, "ringfence": text, RECORD: msgspec.json.encode(record).decode()}
    assert states(altered)[hook] == "drifted"


def test_a_planted_key_a_hidden_file_and_a_changed_block(told: Sections) -> None:
    planted = f"{'0' * 64} 644 0:0 f /etc/ringfence/operators/eve.pub"
    hidden = str(told["ringfence"]) + "\n" + planted
    assert states({**told, "ringfence": hidden})["/etc/ringfence/operators/eve.pub"] == "drifted"
    conf = Unknown(Reason.NOT_PERMITTED)
    assert states({**told, "/etc/libvirt/qemu.conf": conf})["/etc/libvirt/qemu.conf"] == "unknown"
    wide = str(told["/etc/libvirt/qemu.conf"]).replace("6155", "65535")
    assert states({**told, "/etc/libvirt/qemu.conf": wide})["/etc/libvirt/qemu.conf"] == "drifted"


def test_without_a_record_what_was_left_is_named(told: Sections) -> None:
    none = Unknown(Reason.NOT_SUPPORTED)
    found = preparation({**told, RECORD: none})
    assert isinstance(found, HostPreparation) and not found.prepared and found.items
    assert preparation({"ringfence": "", RECORD: none}) == HostPreparation(False)
    broken = preparation({**told, RECORD: "{}"})
    assert isinstance(broken, HostPreparation) and broken.items[0].state == "drifted"
    assert isinstance(preparation({}), Unknown)
