"""The fleet as data for others: the JSON rows of the terminal, documented in docs/terminal.md.

A value that could not be read is {"unknown": "<reason>"}, never null and never a default.
"""

from datetime import datetime

from core.facts import Confinement, Console, Host, Identity, Unknown
from core.fleet.model import HostView, MachineView
from core.fleet.summary import confinement, consoles_of, encrypted
from core.incidents.model import Quarantine
from core.posture.model import Finding, Score
from core.text import Catalogue

Json = dict[str, object]
NOT_READ = {"unknown": "not-read"}
_COUNTED = ("critical", "high", "medium", "low", "unknown")


def machine_row(view: MachineView) -> Json:
    """One row of `ringfence fleet --json`."""
    machine = view.machine
    return {
        "host": view.host,
        "name": view.name,
        "uuid": view.key.uuid,
        "title": machine.title if machine else NOT_READ,
        "state": view.row.state.value,
        "score": view.score.value,
        "grade": view.score.grade,
        "trend": view.trend,
        "label": _label(view),
        "zones": _zones(view),
        "consoles": _consoles(view),
        "encrypted": encrypted(view).value,
        "tenant": view.tenant.value,
        "tenant_claimed": view.tenant.only_claimed,
        "risk": view.risk.value,
        "risk_claimed": view.risk.only_claimed,
        "persistent": known(view.row.persistent),
        "autostart": known(view.row.autostart),
        "quarantine": _quarantine(view.quarantine),
        "findings": _counts(view.score),
        "stale": view.stale,
        "last_seen": time_of(view.last_seen),
        "read_only": view.read_only,
        "demo": view.demo,
    }


def host_row(view: HostView) -> Json:
    """One row of `ringfence host list --json`."""
    facts, failure = view.facts, view.health.failure
    return {
        "name": view.name,
        "uri": view.entry.uri,
        "state": view.health.state,
        "since": time_of(view.health.since),
        "last_seen": time_of(view.health.last_seen),
        "failure": {"code": failure.code, "detail": failure.detail} if failure else None,
        "read_only": view.entry.read_only,
        "driver": facts.driver if facts else NOT_READ,
        "hostname": facts.hostname if facts else NOT_READ,
        "libvirt": known(facts.libvirt_version) if facts else NOT_READ,
        "security_models": _models(facts),
        "user": _user(facts),
        "verified_peer": known(facts.verified_peer) if facts else NOT_READ,
        "machines": view.machines,
        "score": view.score.value,
        "grade": view.score.grade,
        "findings": _counts(view.score),
        "read_seconds": view.read_seconds,
        "demo": bool(view.entry.demo_facts),
    }


def finding_row(finding: Finding, words: Catalogue) -> Json:
    """One row of `ringfence posture --json`; the sentence is in the user's language."""
    waiver = finding.waiver
    return {
        "check": finding.check,
        "target": finding.target,
        "host": finding.host,
        "uuid": finding.uuid,
        "verdict": finding.verdict.value,
        "severity": finding.severity.name.lower(),
        "title": words(f"check.{finding.check}.title"),
        "message": words.say(finding.message),
        "evidence": [{"where": each.where, "value": each.value} for each in finding.evidence],
        "judged_at": time_of(finding.judged_at),
        "observed_at": time_of(finding.observed_at),
        "concerns": [{"host": host, "uuid": uuid} for host, uuid in finding.concerns],
        "waiver": None
        if waiver is None
        else {"reason": waiver.reason, "by": waiver.by, "until": time_of(waiver.until)},
    }


def known(value: object) -> object:
    """The value, or why there is none."""
    return {"unknown": value.reason.value} if isinstance(value, Unknown) else value


def time_of(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds")


def _label(view: MachineView) -> Json:
    label, state = view.label.label, confinement(view)
    if label is None:
        return {
            "model": "",
            "text": "",
            "type": "",
            "categories": [],
            "enforcing": _not_enforced(view, state),
            "kind": state.value,
            "live": False,
        }
    return {
        "model": label.model,
        "text": label.text,
        "type": label.type,
        "categories": [*label.categories],
        "enforcing": known(label.enforcing),
        "kind": state.value,
        "live": label.live,
    }


def _not_enforced(view: MachineView, state: Confinement) -> object:
    if isinstance(view.label.confinement, Unknown):
        return known(view.label.confinement)
    return {"unknown": "not-running"} if state is Confinement.NOT_RUNNING else False


def _zones(view: MachineView) -> object:
    if isinstance(view.zones, Unknown):
        return known(view.zones)
    return [each.zone.name for each in view.zones]


def _consoles(view: MachineView) -> object:
    consoles = consoles_of(view)
    if consoles is None:
        return NOT_READ
    return known(consoles) if isinstance(consoles, Unknown) else [_console(c) for c in consoles]


def _console(console: Console) -> Json:
    return {
        "kind": console.kind.value,
        "listen": [*console.listen],
        "port": console.port,
        "tls_port": console.tls_port,
        "tls": known(console.tls),
        "password_set": known(console.password_set),
        "exposure": console.exposure.value,
    }


def _quarantine(held: Quarantine | None) -> Json | None:
    if held is None:
        return None
    return {
        "state": held.state.value,
        "mode": held.mode.value,
        "case": held.case,
        "owner": held.owner,
        "since": time_of(held.since),
        "reason": held.reason,
        "missing": [*held.missing],
        "observed_at": time_of(held.observed_at),
        "drill": held.drill,
        "foreign": held.foreign,
        "kept_by_host": held.kept,
        "release_asked_by": held.asked_by,
        "memory_lost": None if held.memory_lost is None else time_of(held.memory_lost),
        "gaps": [
            {"at": time_of(gap.at), "seconds": round(gap.seconds, 3), "what": gap.what}
            for gap in held.gaps
        ],
        "seen_by_host": [
            {"at": time_of(each.at), "what": each.what, "detail": each.detail}
            for each in held.happened
        ],
    }


def _counts(score: Score) -> dict[str, int]:
    return {name: score.counts.get(name, 0) for name in _COUNTED}


def _models(facts: Host | None) -> object:
    if facts is None:
        return NOT_READ
    models = facts.security_models
    return known(models) if isinstance(models, Unknown) else [*models]


def _user(facts: Host | None) -> object:
    if facts is None:
        return NOT_READ
    return facts.identity.user if isinstance(facts.identity, Identity) else known(facts.identity)
