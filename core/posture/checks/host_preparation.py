"""What of ours a host has: whether somebody changed it, and whether it is there at all."""

from core.facts import HostPreparation, NetworkMode, PreparedItem, Reason, Unknown
from core.facts.network import QUARANTINE_BRIDGE, QUARANTINE_NETWORK, Network
from core.posture.model import Outcome, Severity
from core.posture.outcome import (
    failed,
    listed,
    not_applicable,
    passed,
    seen,
    unknown,
    warned,
)
from core.posture.reading import host_os
from core.posture.subject import HostSubject

WHERE = "ringfence-host"
_CHANGED = frozenset({"drifted", "missing"})
_UNKNOWN = "unknown"


def kept_as_prepared(subject: HostSubject) -> Outcome:
    """HOST-PREP-001: everything that holds machines there is as we put it."""
    told = _told(subject)
    if isinstance(told, Unknown):
        return _unread(told)
    items = (*told.items, *_network_of(subject, told))
    changed = [each for each in items if each.state in _CHANGED]
    evidence = tuple(seen(each.path, each.state) for each in changed[:6])
    if changed:
        return failed("HOST-PREP-001", "changed", *evidence, names=listed(_names(changed)))
    if not told.prepared:
        return not_applicable("unprepared")
    if not told.keeping:
        return failed("HOST-PREP-001", "unwatched", seen(WHERE, "keep does not run"))
    hidden = [each for each in items if each.state == _UNKNOWN]
    if hidden:
        return unknown(Unknown(Reason.NOT_PERMITTED, hidden[0].path), hidden[0].path)
    outdated = [each for each in items if each.state == "outdated"]
    if outdated:
        evidence = tuple(seen(each.path, each.state) for each in outdated[:6])
        names = listed(_names(outdated))
        return warned("HOST-PREP-001", "outdated", *evidence, severity=Severity.MEDIUM, names=names)
    return passed("HOST-PREP-001", seen(WHERE, f"{len(items)} items"))


def prepared(subject: HostSubject) -> Outcome:
    """HOST-PREP-002: the host can hold a machine by itself."""
    told = _told(subject)
    if isinstance(told, Unknown):
        return _unread(told)
    evidence = seen("/etc/ringfence/prepared.json", "there" if told.prepared else "not there")
    if not told.prepared:
        return failed("HOST-PREP-002", "unprepared", evidence)
    return passed("HOST-PREP-002", evidence, people=listed(told.operators))


CHECKS = (("HOST-PREP-001", kept_as_prepared), ("HOST-PREP-002", prepared))


def _told(subject: HostSubject) -> HostPreparation | Unknown:
    os = host_os(subject.host)
    return os if isinstance(os, Unknown) else os.preparation


def _unread(why: Unknown) -> Outcome:
    """Without a shell there is nothing of ours that we know of; that is no critical matter."""
    return unknown(why, WHERE, Severity.LOW if why.reason is Reason.NO_SSH else None)


def _names(items: list[PreparedItem]) -> list[str]:
    return list(dict.fromkeys(each.path for each in items))


def _network_of(subject: HostSubject, told: HostPreparation) -> tuple[PreparedItem, ...]:
    networks = subject.host.networks
    if not told.prepared:
        return ()
    if isinstance(networks, Unknown):
        return (PreparedItem("network", _UNKNOWN, QUARANTINE_NETWORK),)
    found = next((each for each in networks if each.name == QUARANTINE_NETWORK), None)
    state = "missing" if found is None else "ours" if _leads_nowhere(found) else "drifted"
    return (PreparedItem("network", state, QUARANTINE_NETWORK),)


def _leads_nowhere(network: Network) -> bool:
    alone = network.mode is NetworkMode.ISOLATED and not network.addresses and not network.dhcp
    kept = network.active and network.persistent and network.autostart is True
    return alone and kept and network.isolated_ports and network.bridge == QUARANTINE_BRIDGE
