"""fleet.toml declares, the machine only claims, and the two are kept apart."""

import pytest

from core.facts import MachineClaim
from core.settings.model import RiskEntry, TenantEntry
from core.tenants import Ownership, risk_of, tenant_of

TENANTS = (
    TenantEntry("acme", ("hv1/*",)),
    TenantEntry("late", ("hv1/vm1",)),
    TenantEntry("named", ("db-*",)),
)


@pytest.mark.parametrize(
    ("host", "name", "tenant"),
    [("hv1", "vm1", "acme"), ("hv2", "db-3", "named"), ("hv2", "web", ""), ("HV1", "x", "")],
)
def test_the_first_rule_that_names_the_machine_counts(host: str, name: str, tenant: str) -> None:
    assert tenant_of(host, name, None, TENANTS) == Ownership(tenant, "")


def test_a_claim_stands_beside_the_declaration() -> None:
    both = tenant_of("hv1", "vm1", MachineClaim(tenant="evil"), TENANTS)
    assert (both.value, both.disputed, both.only_claimed) == ("acme", True, False)
    alone = tenant_of("hv9", "vm1", MachineClaim(tenant="acme"), TENANTS)
    assert (alone.value, alone.only_claimed) == ("acme", True)


def test_a_claim_has_a_longest_length() -> None:
    assert len(tenant_of("h", "n", MachineClaim(tenant="x" * 9999), ()).claimed) == 64


def test_the_highest_declared_risk_counts() -> None:
    risks = (RiskEntry("low", ("*",)), RiskEntry("critical", ("hv1/vm1",)))
    assert risk_of("hv1", "vm1", None, risks) == Ownership("critical", "")
    assert risk_of("hv1", "vm2", None, risks) == Ownership("low", "")


def test_a_claimed_risk_must_be_a_level() -> None:
    assert risk_of("h", "n", MachineClaim(risk="high"), ()).claimed == "high"
    assert risk_of("h", "n", MachineClaim(risk="<b>none</b>"), ()).claimed == ""
