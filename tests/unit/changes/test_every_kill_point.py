"""Every point of every kind of plan is a test that fails when the point is not reached: counted.

A plan of a kind that nobody enumerates here, or a point that no test is given, fails.
"""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from core.changes.plan import EVIDENCE
from core.hosts.preparation.planner import PREPARE, UNPREPARE
from core.incidents.holds import HOLD_AGAIN, QUARANTINE, RELEASE
from core.incidents.model import How, Mode
from tests.unit.changes import held_lives
from tests.unit.changes import test_held_kill_points as held
from tests.unit.changes import test_hold_kill_points as documents
from tests.unit.changes import test_kill_points as strict
from tests.unit.changes import test_mode_kill_points as modes
from tests.unit.changes import test_prepare_kill_points as preparing
from tests.unit.incidents import test_evidence_kill_points as evidence

KINDS = (PREPARE, UNPREPARE, QUARANTINE, EVIDENCE, RELEASE, HOLD_AGAIN)
EVERY_ACT = {
    *(f"{QUARANTINE} {mode}" for mode in Mode),
    *(f"{QUARANTINE} {mode} back" for mode in Mode),
    *(f"{RELEASE} {how}" for how in How),
    *(f"{act} documents" for act in (QUARANTINE, RELEASE, "roll-back")),
    PREPARE,
    f"{PREPARE} back",
    UNPREPARE,
    EVIDENCE,
    f"{EVIDENCE} pool",
    HOLD_AGAIN,
    held_lives.SUSPECT,
    f"{held_lives.SUSPECT} back",
}
FEWEST = 1500
Point = tuple[str, str]


def given(test: Callable[..., None]) -> set[tuple[str, ...]]:
    """What pytest is told to run a test with: the first two values of each turn."""
    [mark] = [each for each in getattr(test, "pytestmark", ()) if each.name == "parametrize"]
    return {turn[:2] if isinstance(turn, tuple) else ("", turn) for turn in mark.args[1]}


def planned() -> Iterator[tuple[str, str, str, Callable[..., None]]]:
    """Each act, as it is called in EVERY_ACT and in its own file, a point, and the test of it."""
    for names, points, test in (
        (STRICT, strict.PLANNED, strict.test_the_program_killed_at),
        (MODES, modes.PLANNED, modes.test_the_program_killed_at),
        (DOCUMENTS, documents.planned(), documents.test_the_program_killed_at),
        (PREPARING, preparing.PLANNED, preparing.test_killed_at),
        (HELD, held.PLANNED, held.test_the_program_killed_at),
        (EVIDENCES, evidence.POINTS, evidence.test_the_program_killed_at),
    ):
        assert set(names) == set(points)
        for act, each in points.items():
            yield from ((names[act], act, point, test) for point in each)


STRICT = {
    "quarantine": f"{QUARANTINE} {Mode.STRICT}",
    "roll-back": f"{QUARANTINE} {Mode.STRICT} back",
    "release": f"{RELEASE} {How.RESUME}",
}
MODES = {
    **{mode.value: f"{QUARANTINE} {mode}" for mode in Mode if mode is not Mode.STRICT},
    **{how.value: f"{RELEASE} {how}" for how in How if how is not How.RESUME},
}
DOCUMENTS = {act: f"{act} documents" for act in ("quarantine", "release", "roll-back")}
PREPARING = {"prepare": PREPARE, "roll-back": f"{PREPARE} back", "unprepare": UNPREPARE}
EVIDENCES = {"host": EVIDENCE, "pool": f"{EVIDENCE} pool"}
HELD = {
    held_lives.AGAIN: HOLD_AGAIN,
    held_lives.SUSPECT: held_lives.SUSPECT,
    f"{held_lives.BACK}{held_lives.SUSPECT}": f"{held_lives.SUSPECT} back",
    **{act: f"{QUARANTINE} {mode} back" for act, mode in held_lives.MODES.items()},
}


@pytest.fixture(scope="module")
def found() -> list[tuple[str, str, str, Callable[..., None]]]:
    return [*planned()]


def test_every_point_is_a_test(found: list[tuple[str, str, str, Callable[..., None]]]) -> None:
    turns = {id(test): given(test) for *_, test in found}
    left_out = [
        (name, point) for name, act, point, test in found if (act, point) not in turns[id(test)]
    ]
    assert left_out == []


def test_every_act_is_counted(found: list[tuple[str, str, str, Callable[..., None]]]) -> None:
    count = Counter(name for name, *_ in found)
    for name, points in sorted(count.items()):
        print(f"{points:5} {name}")
    print(f"{count.total():5} kill points")
    assert set(count) == EVERY_ACT
    assert {kind for kind in KINDS if not any(name.startswith(kind) for name in count)} == set()
    assert min(count.values()) >= 6
    assert count.total() >= FEWEST
