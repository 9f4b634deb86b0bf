"""Does anybody know whose machine this is, and does it say the same as fleet.toml?"""

from core.facts import Unknown
from core.posture.model import Evidence, Outcome
from core.posture.outcome import failed, listed, not_applicable, passed, seen, unknown, warned
from core.posture.subject import MachineSubject

CLAIM = "/domain/metadata"


def is_known(subject: MachineSubject) -> Outcome:
    """VM-META-001: fleet.toml names a tenant and a zone for it."""
    if isinstance(subject.zones, Unknown):
        return unknown(subject.zones, "zones")
    tenant = subject.tenant.declared
    zones = [each.zone.name for each in subject.zones if not each.zone.proposed]
    evidence = (seen("tenant", tenant or "none"), seen("zones", listed(zones) or "none"))
    if not tenant and not zones:
        return failed("VM-META-001", "neither", *evidence)
    if not tenant:
        return warned("VM-META-001", "no-tenant", *evidence)
    if not zones:
        return warned("VM-META-001", "no-zone", *evidence)
    return passed("VM-META-001", *evidence)


def says_the_same(subject: MachineSubject) -> Outcome:
    """VM-CLAIM-001: what the machine's metadata claims is what fleet.toml declares."""
    claim = subject.machine.claim
    evidence: list[Evidence] = []
    if subject.tenant.disputed:
        evidence.append(_pair("tenant", subject.tenant.claimed, subject.tenant.declared))
    if subject.risk.disputed:
        evidence.append(_pair("risk", subject.risk.claimed, subject.risk.declared))
    if claim.zone and not isinstance(subject.zones, Unknown):
        zones = [each.zone.name for each in subject.zones if not each.zone.proposed]
        if zones and claim.zone not in zones:
            evidence.append(_pair("zone", claim.zone, listed(zones)))
    if evidence:
        return failed("VM-CLAIM-001", "differs", *evidence, count=len(evidence))
    if claim.zone and isinstance(subject.zones, Unknown):
        return unknown(subject.zones, "zones")
    return passed("VM-CLAIM-001", seen(CLAIM, "no contradiction"))


def _pair(what: str, claimed: str, declared: str) -> Evidence:
    return seen(f"{CLAIM} {what}", f"{claimed} / fleet.toml: {declared}")


def is_kept(subject: MachineSubject) -> Outcome:
    """VM-PERSIST-001: the machine outlives its process."""
    persistent = subject.machine.persistent
    if isinstance(persistent, Unknown):
        return unknown(persistent, "virDomainIsPersistent")
    evidence = seen("virDomainIsPersistent", persistent)
    if persistent:
        return passed("VM-PERSIST-001", evidence)
    return failed("VM-PERSIST-001", "transient", evidence)


def one_zone(subject: MachineSubject) -> Outcome:
    """NET-ZONE-001: no machine stands with one leg in each of two zones."""
    if isinstance(subject.zones, Unknown):
        return unknown(subject.zones, "zones")
    if not subject.zones:
        return not_applicable("no-zone")
    declared = {each.zone.name: each for each in subject.zones if not each.zone.proposed}
    evidence = tuple(seen(f"zone {each.zone.name}", listed(each.by)) for each in subject.zones)
    names = listed(sorted({each.zone.name for each in subject.zones}))
    if len(declared) > 1:
        return failed("NET-ZONE-001", "two", *evidence, zones=names)
    if len({each.zone.name for each in subject.zones}) > 1:
        return warned("NET-ZONE-001", "proposed", *evidence, zones=names)
    return passed("NET-ZONE-001", *evidence, zones=names)


CHECKS = (
    ("VM-META-001", is_known),
    ("VM-CLAIM-001", says_the_same),
    ("VM-PERSIST-001", is_kept),
    ("NET-ZONE-001", one_zone),
)
