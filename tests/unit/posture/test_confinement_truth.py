"""A machine is shown confined only when a label that blocks is on its process."""

import pytest

from core.facts import Confinement, MachineState, Unknown, confinement_of
from core.fleet.judging import label_view
from core.posture.checks.svirt import confined, enforced
from core.posture.model import Verdict
from tests.unit.posture.build import UNREAD, dac, host, host_os, machine, selinux, subject

MODELS = ("selinux", "dac")


@pytest.mark.parametrize("kind", ["spc_t", "init_t", "virtqemud_t", "unconfined_t"])
def test_the_types_that_confine_nothing(kind: str) -> None:
    labels = (selinux(process_type=kind), dac())
    assert confinement_of(labels, MODELS, True) is Confinement.UNCONFINED
    assert confined(subject(machine(labels=labels))).verdict is Verdict.FAIL


def test_the_daemons_own_profile_is_not_the_machines() -> None:
    label = selinux(model="apparmor", text="libvirtd (enforce)", type="libvirtd", level="")
    assert confinement_of((label,), ("apparmor", "dac"), True) is Confinement.UNCONFINED


def test_a_type_the_host_excuses_is_permissive() -> None:
    facts = machine(labels=(selinux(), dac()))
    assert confinement_of(facts.labels, MODELS, True, ("svirt_t",)) is Confinement.PERMISSIVE
    excusing = host(os=host_os(svirt_permissive_types=("svirt_t",)))
    assert enforced(subject(facts, host=excusing)).verdict is Verdict.FAIL


@pytest.mark.parametrize("types", [(), ("svirt_tcg_t",), UNREAD])
def test_another_type_or_none_read_leaves_it_enforced(types: tuple[str, ...] | Unknown) -> None:
    assert confinement_of((selinux(),), MODELS, True, types) is Confinement.ENFORCED


def test_a_state_nobody_could_read_is_not_shown_as_not_running() -> None:
    view = label_view(machine(state=MachineState.UNKNOWN, labels=()), MODELS)
    assert isinstance(view.confinement, Unknown) and view.confinement != UNREAD
