"""Whether a host has told enough to be shown whole, or to be given orders."""

from datetime import datetime

from core.facts.machine import NOT_READ
from core.fleet.model import HostView
from core.hosts.protocol import Failure, Health

ANSWERED = frozenset({"connected", "stale", "refused", "closed"})


def has_answered(host: HostView) -> bool:
    """Failed, or read so far that labels can be paired and zones be found."""
    if host.health.state != "connected":
        return host.health.state in ANSWERED
    facts = host.facts
    return facts is not None and NOT_READ not in (facts.security_drivers, facts.networks)


def takes_orders(host: HostView) -> bool:
    state = host.health.state
    return state in ANSWERED or (state == "reading" and host.facts is not None)


def kept_away(now: datetime) -> Health:
    """How a host looks that a person cut off from this station."""
    return Health("closed", now, failure=Failure("host-cut-off"))
