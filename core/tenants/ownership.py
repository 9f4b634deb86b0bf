"""Apply fleet.toml's rules to a machine; what its metadata says stands beside them as a claim."""

from fnmatch import fnmatchcase

from core.facts import MachineClaim
from core.settings.model import RiskEntry, TenantEntry
from core.tenants.model import Ownership

RISK_LEVELS = ("low", "medium", "high", "critical")
MAX_CLAIM = 64


def tenant_of(
    host: str, name: str, claim: MachineClaim | None, tenants: tuple[TenantEntry, ...]
) -> Ownership:
    """The first tenant of fleet.toml that names the machine, and the one it claims itself."""
    declared = next((each.name for each in tenants if _names(each.machines, host, name)), "")
    return Ownership(declared, claim.tenant[:MAX_CLAIM] if claim else "")


def risk_of(
    host: str, name: str, claim: MachineClaim | None, risks: tuple[RiskEntry, ...]
) -> Ownership:
    """The highest level fleet.toml gives the machine, and the one it claims if that is a level."""
    levels = [each.level for each in risks if _names(each.machines, host, name)]
    declared = max(levels, key=RISK_LEVELS.index, default="")
    claimed = claim.risk if claim and claim.risk in RISK_LEVELS else ""
    return Ownership(declared, claimed)


def _names(patterns: tuple[str, ...], host: str, name: str) -> bool:
    """A glob with a slash speaks of host/name, one without of the name on every host."""
    target = f"{host}/{name}"
    return any(fnmatchcase(target if "/" in glob else name, glob) for glob in patterns)
