"""The judge: one broken check costs only itself, context moves severities, waivers mark."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from core.facts import MachineClaim
from core.posture.catalogue import load_catalogue
from core.posture.engine import Judge
from core.posture.model import Finding, Severity, Verdict, Waiver
from core.posture.subject import Sharing, sharing_of
from core.settings.model import Protection
from core.tenants.model import Ownership
from tests.unit.posture.build import (
    NOW,
    fleet,
    host_subject,
    machine,
    neighbour,
    nic,
    subject,
    tuning,
    zone,
)

OPEN_CARD = machine(nics=(nic(filter="", isolated=False),))


def by_check(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {each.check: each for each in findings}


def test_a_good_machine_fails_nothing() -> None:
    verdicts = {each.verdict for each in Judge().judge_machine(subject())}
    assert verdicts == {Verdict.PASS, Verdict.NOT_APPLICABLE}


def test_a_finding_says_who_and_when() -> None:
    found = by_check(Judge().judge_machine(subject()))["VM-SVIRT-001"]
    assert (found.target, found.host, found.uuid) == ("hv1/web-01", "hv1", machine().uuid)
    assert found.judged_at == NOW
    assert found.observed_at == NOW


def test_a_check_that_breaks_costs_only_itself(caplog: pytest.LogCaptureFixture) -> None:
    no_card = machine(nics=("not a card",))
    findings = by_check(Judge().judge_machine(subject(no_card)))
    broken = findings["NET-FILTER-001"]
    assert broken.verdict is Verdict.UNKNOWN
    assert broken.message.code == "finding.unknown.check-broke"
    assert broken.evidence[0].where == "AttributeError"
    assert findings["VM-SVIRT-001"].verdict is Verdict.PASS
    assert "NET-FILTER-001" in caplog.text


def test_a_fleet_that_cannot_be_indexed_is_unknown_and_not_a_crash() -> None:
    findings = Judge().judge_fleet(fleet(neighbour(1, nics=("not a card",))))
    assert {each.verdict for each in findings} == {Verdict.UNKNOWN}
    assert len(findings) == 8


def test_nothing_passes_on_half_an_xml() -> None:
    half = subject(machine(partial=True, parse_error="line 7"))
    verdicts = {each.verdict for each in Judge().judge_machine(half)}
    assert verdicts == {Verdict.UNKNOWN}


def test_half_an_xml_still_fails() -> None:
    half = subject(machine(partial=True, nics=(nic(filter=""),)))
    assert by_check(Judge().judge_machine(half))["NET-FILTER-001"].verdict is Verdict.FAIL


def test_a_high_zone_raises_the_severity() -> None:
    found = Judge().judge_machine(subject(OPEN_CARD, zones=(zone(protection=Protection.HIGH),)))
    assert by_check(found)["NET-FILTER-001"].severity is Severity.CRITICAL


def test_a_claimed_risk_raises_and_a_claimed_tenant_does_not_lower() -> None:
    claims = replace(OPEN_CARD, claim=MachineClaim(risk="high"))
    raised = by_check(Judge().judge_machine(subject(claims)))
    assert raised["NET-FILTER-001"].severity is Severity.CRITICAL
    claimed = [
        neighbour(1, tenant=Ownership("", "acme")),
        neighbour(2, tenant=Ownership("", "acme")),
    ]
    assert not sharing_of(claimed).alone


def test_neighbours_of_one_tenant_and_zone_lower_by_one() -> None:
    merged = machine(tuning=tuning(cpu_quota=0))
    alone = Sharing(frozenset({"acme"}), frozenset({"dmz"}), declared=True)
    found = by_check(Judge().judge_machine(subject(merged, sharing=alone)))
    assert found["VM-CPU-004"].severity is Severity.INFO
    assert found["VM-SVIRT-001"].severity is Severity.CRITICAL


def test_sharing_is_known_from_declarations_only() -> None:
    assert sharing_of([neighbour(1), neighbour(2)]).alone
    assert not sharing_of([neighbour(1), neighbour(2, zones=(zone(proposed=True),))]).alone
    assert sharing_of([neighbour(1), neighbour(2, tenant=Ownership("", "bee"))]).mixed


def waiver(target: str, check: str = "NET-FILTER-001", days: int | None = 1) -> Waiver:
    until = None if days is None else NOW + timedelta(days=days)
    return Waiver(check, target, "agreed", "anna", until)


@pytest.mark.parametrize("target", ["hv1/web-01", "hv1/*", "*"])
def test_a_waived_failure_stays_visible(target: str) -> None:
    judge = Judge(waivers=[waiver(target)])
    found = by_check(judge.judge_machine(subject(OPEN_CARD)))["NET-FILTER-001"]
    assert found.verdict is Verdict.WAIVED
    assert found.waiver is not None and found.waiver.by == "anna"
    assert found.message.code == "finding.NET-FILTER-001.none"


@pytest.mark.parametrize(
    "waived",
    [waiver("hv1/web-02"), waiver("hv1"), waiver("*", "NET-QOS-001"), waiver("*", days=0)],
)
def test_a_waiver_for_something_else_or_past_its_end_waives_nothing(waived: Waiver) -> None:
    found = by_check(Judge(waivers=[waived]).judge_machine(subject(OPEN_CARD)))
    assert found["NET-FILTER-001"].verdict is Verdict.FAIL


def test_a_pass_is_not_waived() -> None:
    found = by_check(Judge(waivers=[waiver("*", days=None)]).judge_machine(subject()))
    assert found["NET-FILTER-001"].verdict is Verdict.PASS


def test_fleet_findings_name_their_machines_and_follow_their_waivers() -> None:
    twins = fleet(neighbour(1, uuid="u"), neighbour(2, uuid="u"))
    found = by_check(Judge().judge_fleet(twins))["FLEET-CLONE-001"]
    assert found.verdict is Verdict.FAIL
    assert found.target == "fleet"
    assert found.concerns == (("hv1", "u"), ("hv1", "u"))
    both = Judge(waivers=[waiver("hv1/*", "FLEET-CLONE-001")])
    assert by_check(both.judge_fleet(twins))["FLEET-CLONE-001"].verdict is Verdict.WAIVED
    one = Judge(waivers=[waiver("hv1/web-01", "FLEET-CLONE-001")])
    assert by_check(one.judge_fleet(twins))["FLEET-CLONE-001"].verdict is Verdict.FAIL


def test_an_empty_fleet_and_an_empty_host_can_be_judged() -> None:
    verdicts = {each.verdict for each in Judge().judge_fleet(fleet())}
    assert verdicts == {Verdict.NOT_APPLICABLE}
    assert by_check(Judge().judge_host(host_subject()))["NET-ISO-001"].severity is Severity.HIGH


def test_every_check_of_the_catalogue_is_judged_once() -> None:
    judge = Judge()
    checks = [
        each.check
        for findings in (
            judge.judge_machine(subject()),
            judge.judge_host(host_subject()),
            judge.judge_fleet(fleet(neighbour(1))),
        )
        for each in findings
    ]
    assert sorted(checks) == sorted(load_catalogue())
