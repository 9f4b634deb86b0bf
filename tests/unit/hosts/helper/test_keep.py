"""The keeper outlives whatever a look meets: without it nothing holds while nobody is connected."""

from pathlib import Path

import pytest

from core.hosts.helper.on_host import happenings, keep, machines
from core.hosts.helper.on_host.files import locked
from core.hosts.helper.on_host.keep import Watch
from core.hosts.helper.on_host.places import places_below
from core.hosts.helper.on_host.values import Refused

UUID = "6695eb01-f6a4-8304-79aa-97f2502e1930"


@pytest.mark.parametrize("trouble", [OSError(28, "no room"), Refused("helper-machine-moved")])
def test_a_look_that_fails_is_told_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    here = places_below(tmp_path)
    here.holds.mkdir(parents=True)
    (here.holds / f"{UUID}.json").write_text("{}")

    def fails(uuid: str) -> object:
        raise trouble

    monkeypatch.setattr(keep, "seen_at_rest", fails)
    watch = Watch(here, UUID)
    watch.look(0.0, "seen late")
    watch.look(0.0, "seen late")
    [line] = (here.holds / f"{UUID}.events.jsonl").read_text().splitlines()
    assert "barrier-gone" in line and str(trouble.args[-1] or trouble.args[0]) in line


def test_a_process_that_ends_while_it_is_read_is_a_machine_that_moved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = 2**22 + 1  # no process has this number

    def of_somebody_gone(uuid: str, has: object) -> list[int]:
        return [gone]

    monkeypatch.setattr(machines, "pids_of", of_somebody_gone)
    with pytest.raises(Refused) as caught:
        machines.machine_of(UUID)
    assert caught.value.code == "helper-machine-moved"


def test_the_keeper_looks_after_disks_until_the_release_has_lowered_the_barrier(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, looks = places_below(tmp_path), list[bool]()
    here.holds.mkdir(parents=True)
    (here.holds / f"{UUID}.json").write_text("{}")

    def looked(uuid: str, places: object, anew: bool) -> None:
        looks.append(anew)

    monkeypatch.setattr(keep, "look_after_disks", looked)
    watch = Watch(here, UUID)
    watch.look_at_disks()
    watch.look_at_disks()
    assert looks == [True, False], "libvirt's own files are read again only when it wrote them"
    monkeypatch.setattr(watch, "wanted", lambda: None)
    watch.look_at_disks()
    assert len(looks) == 2


def test_what_is_given_back_at_this_very_moment_is_not_raised_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The release lowers the barrier between the keeper's look and its raising."""
    here, raised = places_below(tmp_path), list[str]()
    here.holds.mkdir(parents=True)
    hold = here.holds / f"{UUID}.json"
    hold.write_text("{}")
    watch = Watch(here, UUID)

    def gone(uuid: str) -> dict[str, object]:
        hold.unlink(missing_ok=True)
        return {"observing": False, "bridge": False, "cards": [], "macs": [], "doors": []}

    def raising(uuid: str, *_: object) -> None:
        raised.append(uuid)

    monkeypatch.setattr(keep, "seen_at_rest", gone)
    monkeypatch.setattr(keep, "raise_barrier", raising)
    watch.look(0.0, "rules changed")
    assert not raised and not (here.holds / f"{UUID}.events.jsonl").exists()


def test_a_lock_somebody_keeps_for_ever_keeps_no_barrier_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, raised = places_below(tmp_path), list[str]()
    here.holds.mkdir(parents=True)
    (here.holds / f"{UUID}.json").write_text("{}")

    def open_now(uuid: str) -> dict[str, object]:
        return {"observing": False, "bridge": False, "cards": [], "macs": [], "doors": []}

    def raising(uuid: str, *_: object) -> None:
        raised.append(uuid)

    def told(*_: object) -> None:
        """A record waits for the lock."""

    monkeypatch.setattr(happenings, "LOCK_WAIT_S", 0.05)
    monkeypatch.setattr(keep, "seen_at_rest", open_now)
    monkeypatch.setattr(keep, "raise_barrier", raising)
    monkeypatch.setattr(keep, "happened", told)
    with locked(here.holds):
        Watch(here, UUID).look(0.0, "rules changed")
    assert raised == [UUID]
