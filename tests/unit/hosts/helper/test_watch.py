"""Packets around a cut: nothing stays when no cut follows, all of it moves when one does."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from core.hosts.helper.on_host.places import Places, places_below
from core.hosts.helper.on_host.ring import PCAP_HEAD, Ring
from core.hosts.helper.on_host.watch import (
    MOST_WATCHES,
    begin_watch,
    collected_watch,
    end_watch,
    keep_watch,
    start_watch,
    watch_room,
)

UUID = "6695eb01-f6a4-8304-79aa-97f2502e1930"
NO_CARDS: dict[str, Any] = {"pid": os.getpid(), "cards": []}


@pytest.fixture
def here(tmp_path: Path) -> Places:
    return places_below(tmp_path)


def made(here: Places, *names: str, uuid: str = UUID) -> Path:
    room = watch_room(uuid, here)
    room.mkdir(parents=True)
    for name in names:
        (room / name).write_bytes(PCAP_HEAD if name.endswith("pcap") else b"")
    return room


def test_it_removes_what_it_kept_when_no_cut_followed(here: Places) -> None:
    room = made(here, "now.pcap", "before.pcap")
    (room / "wanted").write_text(json.dumps({**NO_CARDS, "until": time.monotonic() + 60}))
    (room / "wanted").chmod(0o600)
    keep_watch(UUID, here)
    assert not room.exists()


def test_what_is_being_collected_stays_until_it_is(here: Places, tmp_path: Path) -> None:
    room = made(here, "keep")
    keep_watch(UUID, here)
    assert (room / "now.pcap").read_bytes() == PCAP_HEAD
    target = tmp_path / "collection"
    target.mkdir()
    [(name, method)] = collected_watch(UUID, target, here)
    assert (target / name).read_bytes() == PCAP_HEAD and "before the cut" in method
    assert not room.exists()
    assert collected_watch(UUID, target, here) == []


def test_a_lowered_barrier_ends_it(here: Places) -> None:
    room = made(here, "wanted", "keep", "now.pcap", "lock")
    end_watch(UUID, here)
    assert not room.exists()
    end_watch(UUID, here)


def test_a_killed_one_is_cleared_and_there_are_never_too_many(here: Places) -> None:
    dead = made(here, "wanted", "now.pcap", uuid="dead")
    for number in range(MOST_WATCHES):
        made(here, "keep", "now.pcap", uuid=f"kept-{number}")
    assert begin_watch(UUID, NO_CARDS, here) == {"watching": False, "seconds": 0.0}
    assert not dead.exists() and not watch_room(UUID, here).exists()


def test_it_begins_once_apart_and_ends_by_itself(here: Places) -> None:
    assert begin_watch(UUID, NO_CARDS, here)["watching"] is True
    until = time.monotonic() + 10
    while watch_room(UUID, here).exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert not watch_room(UUID, here).exists()


def test_a_machine_that_does_not_run_is_not_watched() -> None:
    assert start_watch({"uuid": UUID}) == {"watching": False, "seconds": 0.0}


def test_its_files_stay_small(tmp_path: Path) -> None:
    with Ring(tmp_path, 10_000) as ring:
        for _ in range(50):
            ring.keep(bytes(1000), 1.0)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 20_000


# The command is nowhere; the process apart has closed what the library had opened before.
APART = """
import os
from core.hosts.helper.on_host import rules, watch
rules.NFT_PLACES = ()
rules.nft("-f", "-", rules=rules.replaced("bridge", rules.table_of(UUID, "barrier"), ""))
child = os.fork()
if not child:
    os.closerange(3, 4096)
    os._exit(40 + watch.barrier_stands(UUID) + 2 * watch.barrier_stands(OTHER))
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_host_with_the_library_alone_knows_that_a_cut_followed() -> None:
    names = f"UUID, OTHER = {UUID!r}, {UUID[::-1]!r}\n"
    alone = ["unshare", "--user", "--map-root-user", "--net", sys.executable, "-c", names + APART]
    done = subprocess.run(alone, capture_output=True, text=True, check=False, timeout=30)
    if "unshare failed" in done.stderr or "No such table" in done.stderr:
        pytest.skip("this kernel gives no network namespace with nft to who asks for one")
    assert done.returncode == 41, done.stderr
