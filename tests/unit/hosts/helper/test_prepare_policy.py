"""Where SELinux is on, our module comes before every hook and goes after it, and is watched."""

from pathlib import Path
from typing import Any

import pytest

from core.hosts.helper.on_host.prepare_items import HOOK_QEMU_FILE, PREPARED_ITEMS, wanted_items
from core.hosts.helper.on_host.prepare_module import DAEMON_TYPES, module_text
from core.hosts.helper.on_host.prepare_remove import item_removed
from core.hosts.helper.on_host.prepare_sight import Ground, preparation_seen
from core.hosts.helper.on_host.prepare_write import item_written
from core.hosts.helper.on_host.values import Refused
from core.hosts.helper.one_file import one_file
from tests.unit.hosts.helper.prepare_ground import ANNA, FilePolicy, new_ground, tree_of

ITEM = "selinux"


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return new_ground(tmp_path, selinux=True)


def policy_of(ground: Ground) -> FilePolicy:
    assert isinstance(ground.policy, FilePolicy)
    return ground.policy


def state(ground: Ground, item: str = ITEM) -> str:
    """Of the second look: the first may see that it is still being built."""
    items = preparation_seen(ground, ANNA)["items"]
    return next(str(each["state"]) for each in items if each["item"] == item)


def settled(ground: Ground, item: str = ITEM) -> str:
    found = state(ground, item)
    return state(ground, item) if found == "loading" else found


def written(ground: Ground, item: str = ITEM) -> None:
    item_written(ground, item, ANNA)
    while state(ground, item) == "loading":
        item_written(ground, item, ANNA)


def removed(ground: Ground, item: str) -> None:
    item_removed(ground, item)
    while ground.policy.busy() or (item == ITEM and ground.policy.module() is not None):
        item_removed(ground, item)
    item_removed(ground, item)


def prepare(ground: Ground) -> None:
    for item in wanted_items(ANNA, selinux=True):
        written(ground, item)


def test_the_module_is_there_before_any_hook() -> None:
    order = wanted_items(ANNA, selinux=True)
    assert order.index(ITEM) < order.index("qemu-hook")
    assert ITEM not in wanted_items(ANNA)


def test_it_comes_and_goes_without_a_trace(ground: Ground) -> None:
    before = tree_of(ground.root)
    assert state(ground) == "absent"
    prepare(ground)
    assert policy_of(ground).module() == module_text() and settled(ground) == "ours"
    for item in reversed(PREPARED_ITEMS):
        removed(ground, item)
    assert policy_of(ground).module() is None
    assert tree_of(ground.root) == before


def test_while_it_is_built_the_host_says_so(ground: Ground) -> None:
    item_written(ground, "folders", ANNA)
    item_written(ground, ITEM, ANNA)
    assert state(ground) == "loading"
    written(ground)
    assert state(ground) == "ours"


def ended_between_order_and_look(ground: Ground) -> None:
    """The order found it still at it, and the look at the end of that order does not."""
    policy = policy_of(ground)
    item_written(ground, "folders", ANNA)
    seen = policy.state()
    seen.takes, seen.labels = 1, {"/var/lib/ringfence/holds": "var_lib_t"}
    policy.put(seen)
    item_written(ground, ITEM, ANNA)
    assert policy.module() == module_text() and not policy.state().building


def test_a_module_that_came_unheard_is_not_done_before_its_labels_are(ground: Ground) -> None:
    ended_between_order_and_look(ground)
    assert state(ground) == "loading"
    item_written(ground, ITEM, ANNA)
    assert state(ground) == "ours"
    assert policy_of(ground).state().labels == {}


def test_a_module_that_came_unheard_can_be_taken_away(ground: Ground) -> None:
    """Whoever asked for it went away before it was there."""
    ended_between_order_and_look(ground)
    removed(ground, ITEM)
    assert state(ground) == "absent"


def test_a_policy_that_does_not_take_it_says_why(ground: Ground) -> None:
    policy = policy_of(ground)
    seen = policy.state()
    seen.refuses = True
    policy.put(seen)
    with pytest.raises(Refused, match="prepare-policy") as caught:
        written_twice(ground)
    assert caught.value.detail == "Failed to resolve"


def written_twice(ground: Ground) -> None:
    item_written(ground, "folders", ANNA)
    item_written(ground, ITEM, ANNA)
    preparation_seen(ground, ANNA)
    item_written(ground, ITEM, ANNA)


def test_what_the_kernel_denies_ends_it_before_a_hook_is_there(ground: Ground) -> None:
    policy = policy_of(ground)
    seen = policy.state()
    seen.denies = "virtd_t file { execute }"
    policy.put(seen)
    with pytest.raises(Refused, match="prepare-selinux"):
        prepare(ground)
    assert not (ground.root / HOOK_QEMU_FILE.lstrip("/")).exists()
    with pytest.raises(Refused, match="prepare-selinux"):
        item_written(ground, "qemu-hook", ANNA)
    assert not (ground.root / HOOK_QEMU_FILE.lstrip("/")).exists()


@pytest.mark.parametrize("found", [None, b"(type another_t)\n"])
def test_a_module_that_somebody_changed_is_drift_and_is_put_right(
    ground: Ground, found: bytes | None
) -> None:
    prepare(ground)
    policy = policy_of(ground)
    seen = policy.state()
    seen.module = found
    policy.put(seen)
    assert state(ground) == ("missing" if found is None else "drifted")
    written(ground)
    assert settled(ground) == "ours"


def test_a_module_of_our_name_that_we_never_brought_stays(ground: Ground) -> None:
    policy = policy_of(ground)
    seen = policy.state()
    seen.module = b"(type theirs_t)\n"
    policy.put(seen)
    assert state(ground) == "foreign"
    item_written(ground, "folders", ANNA)
    with pytest.raises(Refused, match="prepare-foreign"):
        item_written(ground, ITEM, ANNA)
    item_removed(ground, ITEM)
    assert policy.module() == b"(type theirs_t)\n"


def test_a_hook_with_another_label_is_drift(ground: Ground) -> None:
    prepare(ground)
    policy = policy_of(ground)
    seen = policy.state()
    seen.labels = {HOOK_QEMU_FILE: "system_u:object_r:virt_etc_rw_t:s0"}
    policy.put(seen)
    assert state(ground, "qemu-hook") == "drifted"
    told = next(e for e in preparation_seen(ground, ANNA)["items"] if e["item"] == "qemu-hook")
    assert told["difference"][-1].endswith("virt_etc_rw_t:s0")


def test_only_libvirts_daemons_enter_the_domain_of_hooks() -> None:
    text = module_text().decode()
    entering = [line for line in text.splitlines() if line.strip().startswith("(typetransition")]
    assert [line.split()[1] for line in entering] == list(DAEMON_TYPES)
    assert "permissive" not in text
    assert text.count("(") == text.count(")")


def test_what_is_sent_to_a_host_loads_the_same_module() -> None:
    names: dict[str, Any] = {"__name__": "sent"}
    exec(compile(one_file(), "ringfence-host", "exec"), names)
    assert names["module_text"]() == module_text()
