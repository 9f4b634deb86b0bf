"""The long repeats: all of them in `make soak`, a seeded tenth of each test in `make test`."""

import os
import random
from collections import defaultdict

import pytest

FULL = "full"


def choose_soak(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave a tenth of each test's repeats, at least one; which ones depends on the seed alone."""
    if os.environ.get("RINGFENCE_SOAK") == FULL:
        return
    seed = os.environ.get("RINGFENCE_SEED", "0")
    repeats: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("soak") is not None:
            repeats[item.nodeid.split("[")[0]].append(item)
    left_out = {item for name, all_of in repeats.items() for item in _rest(seed, name, all_of)}
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=list(left_out))


def _rest(seed: str, name: str, repeats: list[pytest.Item]) -> list[pytest.Item]:
    chosen = random.Random(f"{seed} {name}").sample(repeats, max(1, len(repeats) // 10))
    return [item for item in repeats if item not in chosen]
