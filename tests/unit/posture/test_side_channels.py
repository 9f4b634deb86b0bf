"""What a kernel says of side channels passes only in words that say so."""

import pytest

from core.facts import CpuVulnerability
from core.posture.checks.host_cpu import mitigated, threads_apart
from core.posture.model import Verdict
from tests.unit.posture.build import host_os, host_subject


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Not affected", Verdict.PASS),
        ("Mitigation: Clear CPU buffers; SMT disabled", Verdict.PASS),
        ("KVM: Mitigation: Split huge pages", Verdict.PASS),
        ("Vulnerable", Verdict.FAIL),
        ("KVM: Vulnerable", Verdict.FAIL),
        ("Processor vulnerable", Verdict.FAIL),
        ("Mitigation: Retpolines; BHI: Vulnerable", Verdict.FAIL),
        ("Unknown: Dependent on hypervisor status", Verdict.UNKNOWN),
        ("", Verdict.UNKNOWN),
    ],
)
def test_a_status(status: str, expected: Verdict) -> None:
    subject = host_subject(os=host_os(vulnerabilities=(CpuVulnerability("mds", status),)))
    assert mitigated(subject).verdict is expected


@pytest.mark.parametrize(
    ("control", "expected"),
    [("notimplemented", Verdict.PASS), ("", Verdict.UNKNOWN), ("maybe", Verdict.UNKNOWN)],
)
def test_threads_that_are_not_told_are_unknown(control: str, expected: Verdict) -> None:
    assert threads_apart(host_subject(os=host_os(smt=control))).verdict is expected
