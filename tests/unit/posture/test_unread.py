"""Whatever fact is taken away, no verdict becomes better for it: unread is never a pass.

Every case of the catalogue is judged again with each single fact replaced by an Unknown: those
of the machine, its parts, its host and the host's own facts. A fact that alone tells a passing
case from a failing one must not be missed in silence either.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeGuard, get_args, get_type_hints

import pytest
from msgspec import Struct, structs

from core.facts import Reason, Unknown
from core.posture.checks.registry import FLEET_CHECKS, HOST_CHECKS, MACHINE_CHECKS
from core.posture.fleet_index import FleetIndex
from core.posture.model import Outcome, Verdict
from core.posture.outcome import worst
from tests.unit.posture.cases_fleet import FLEET_CASES
from tests.unit.posture.cases_host import HOST_CASES
from tests.unit.posture.cases_machine import MACHINE_CASES

GONE = Unknown(Reason.FAILED)
GOOD = {Verdict.PASS, Verdict.NOT_APPLICABLE}
# Where a pass stands although the fact is gone: another witness says the same.
OTHER_WITNESS = {
    "HOST-IOMMU-001": "host.iommu",  # the host's own kernel
    "HOST-QEMU-001": "host.security_drivers",  # qemu.conf
}

Path = tuple[str | int, ...]


def _several(value: Any) -> TypeGuard[tuple[object, ...]]:
    return isinstance(value, tuple)


def _of_each(values: Iterable[object], path: Path) -> Iterator[Path]:
    for index, item in enumerate(values):
        yield from unreadable(item, (*path, index))


def unreadable(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in a value where an Unknown may stand and none does."""
    if _several(value):
        yield from _of_each(value, path)
    elif isinstance(value, Struct) and not isinstance(value, Unknown):
        hints = get_type_hints(type(value))
        for name in value.__struct_fields__:
            inner = getattr(value, name)
            if Unknown in get_args(hints[name]) and not isinstance(inner, Unknown):
                yield (*path, name)
            yield from unreadable(inner, (*path, name))


def without(value: Any, path: Path) -> Any:
    if not path:
        return GONE
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        return (*value[:first], without(value[first], rest), *value[first + 1 :])
    return structs.replace(value, **{first: without(getattr(value, first), rest)})


def plain(path: Path) -> str:
    return ".".join(str(part) for part in path if not isinstance(part, int))


def fleet_check(check: Callable[[FleetIndex], Any]) -> Callable[[Any], Outcome]:
    return lambda subject: worst([case.outcome for case in check(FleetIndex(subject))])


CHECKS: dict[str, Callable[[Any], Outcome]] = {
    **dict(MACHINE_CHECKS),
    **dict(HOST_CHECKS),
    **{name: fleet_check(check) for name, check in FLEET_CHECKS},
}
CASES: dict[str, Any] = {**MACHINE_CASES, **HOST_CASES, **FLEET_CASES}


@pytest.mark.parametrize("name", CASES)
def test_a_failure_does_not_pass_when_a_fact_is_gone(name: str) -> None:
    check, cases = CHECKS[name], CASES[name]
    better: set[str] = set()
    for case, subject in cases.failing.items():
        for path in unreadable(subject):
            verdict = check(without(subject, path)).verdict
            if verdict in GOOD and plain(path) != OTHER_WITNESS.get(name):
                better.add(f"{case}: {plain(path)}: {verdict.value}")
    assert not better


@pytest.mark.parametrize("name", CASES)
def test_a_pass_needs_the_fact_that_decides(name: str) -> None:
    check, cases = CHECKS[name], CASES[name]
    silent: set[str] = set()
    places = set(unreadable(cases.passing))
    for case, subject in cases.failing.items():
        for path in places.intersection(unreadable(subject)):
            if plain(path) == OTHER_WITNESS.get(name):
                continue
            if without(subject, path) == without(cases.passing, path) and (
                check(without(cases.passing, path)).verdict is Verdict.PASS
            ):
                silent.add(f"{case}: {plain(path)}")
    assert not silent
