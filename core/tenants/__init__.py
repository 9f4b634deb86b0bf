"""Who owns a machine, from fleet.toml; the machine's own metadata is only a claim."""

from core.tenants.model import Ownership
from core.tenants.ownership import RISK_LEVELS, risk_of, tenant_of

__all__ = ["RISK_LEVELS", "Ownership", "risk_of", "tenant_of"]
