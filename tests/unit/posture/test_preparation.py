"""What changes on a prepared host is critical; what cannot be known is never a pass."""

from typing import Any

import pytest

from core.facts import HostPreparation, PreparedItem, Reason, Unknown
from core.posture.checks.host_preparation import kept_as_prepared
from core.posture.model import Severity, Verdict
from tests.unit.posture.build import host_os, host_subject
from tests.unit.posture.cases_host import prepared


@pytest.mark.parametrize("state", ["drifted", "missing"])
def test_whatever_is_not_ours_fails_at_the_catalogues_severity(state: str) -> None:
    outcome = kept_as_prepared(prepared(state=state))
    assert outcome.verdict is Verdict.FAIL and outcome.severity is None


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other"},
        {"active": False},
        {"autostart": False},
        {"isolated_ports": False},
        {"bridge": "br0"},
        {"addresses": ("192.168.1.1/24",)},
    ],
)
def test_the_network_of_held_machines_is_one_of_the_items(change: dict[str, Any]) -> None:
    assert kept_as_prepared(prepared(**change)).verdict is Verdict.FAIL


def test_a_hidden_file_is_unknown_and_a_host_without_shell_only_low() -> None:
    assert kept_as_prepared(prepared(state="unknown")).verdict is Verdict.UNKNOWN
    outcome = kept_as_prepared(host_subject(os=Unknown(Reason.NO_SSH)))
    assert (outcome.verdict, outcome.severity) == (Verdict.UNKNOWN, Severity.LOW)


def test_what_somebody_left_when_the_record_went_is_drift() -> None:
    left = HostPreparation(False, (PreparedItem("record", "drifted", "/usr/sbin/ringfence-host"),))
    assert kept_as_prepared(host_subject(os=host_os(preparation=left))).verdict is Verdict.FAIL
    none = host_subject(os=host_os(preparation=HostPreparation(False)))
    assert kept_as_prepared(none).verdict is Verdict.NOT_APPLICABLE
