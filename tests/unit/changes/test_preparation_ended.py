"""A preparation that an item ends is taken back at once, on a host where SELinux is on too."""

from pathlib import Path

from core.changes.outcome import PlanState
from core.hosts.preparation.model import after_failure
from tests.unit.changes.prepared_lives import do
from tests.unit.hosts.helper.prepare_ground import FilePolicy, new_ground, tree_of


def policy_of(folder: Path, denies: str) -> FilePolicy:
    policy = FilePolicy(folder)
    state = policy.state()
    state.denies = denies
    policy.put(state)
    return policy


def test_what_the_kernel_denies_leaves_the_host_as_it_was(tmp_path: Path) -> None:
    ground = new_ground(tmp_path, selinux=True)
    before = tree_of(ground.root)
    policy = policy_of(tmp_path, "virtd_t file { execute }")
    done, _ = do(tmp_path, "prepare")
    assert done.state is PlanState.ROLLED_BACK
    assert done.problem is not None and done.problem.code == "error.prepare-selinux.cause"
    assert tree_of(ground.root) == before and policy.module() is None
    said = after_failure("prepare", done, "hv1")
    assert said is not None and said.code == "hosts.preparation.after.back"


def test_prepared_and_given_back_with_a_policy(tmp_path: Path) -> None:
    ground = new_ground(tmp_path, systemd=True, selinux=True)
    before = tree_of(ground.root)
    assert do(tmp_path, "prepare")[0].state is PlanState.DONE
    assert do(tmp_path, "unprepare")[0].state is PlanState.DONE
    assert tree_of(ground.root) == before and FilePolicy(tmp_path).module() is None
