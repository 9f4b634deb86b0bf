"""The pages of a host: how it is doing, as whom we are there, what it runs."""

from datetime import datetime

from core.facts import Host, HostOs, Identity, Network, Unknown
from core.fleet.model import HostView
from core.text import Catalogue
from gui.inspector.facts import Fact, FactWriter, Section, Tone, mapped
from gui.inspector.label import drivers_section
from gui.inspector.quantities import ago, exact, moment, size


def host_overview(view: HostView, t: Catalogue, now: datetime) -> tuple[Section, ...]:
    """Health first; the rest as far as the host told."""
    write = FactWriter(t)
    sections = [_health(view, write, now)]
    if view.facts is not None:
        sections += [_connection(view.facts, write), _software(view.facts, write)]
        sections.append(drivers_section(view, write))
    return tuple(sections)


def host_facts(view: HostView, t: Catalogue) -> tuple[Section, ...]:
    """What only the host's shell tells."""
    write = FactWriter(t)
    if view.facts is None:
        return (write.section("host-os", note=t("panels.host.reading")),)
    os = view.facts.os
    if isinstance(os, Unknown):
        return (write.section("host-os", write("host-os", os), note=t("panels.host.no-shell")),)
    sections = [_os(os, write), *_vulnerabilities(os, write), *_listening(os, write)]
    if not isinstance(os.daemons, Unknown):
        for daemon in os.daemons:
            facts = tuple(Fact(k, v or '""', mono=True) for k, v in daemon.values.items())
            sections.append(Section(daemon.name, facts))
    if not isinstance(os.sshd, Unknown):
        facts = tuple(Fact(k, v, mono=True) for k, v in os.sshd.values.items())
        sections.append(Section("sshd", facts))
    return tuple(sections)


def host_network(view: HostView, t: Catalogue) -> tuple[Section, ...]:
    """Virtual networks and filters of the host."""
    write = FactWriter(t)
    if view.facts is None:
        return (write.section("networks", note=t("panels.host.reading")),)
    return (_networks(view.facts, write), _filters(view.facts, write))


def _health(view: HostView, write: FactWriter, now: datetime) -> Section:
    t, health = write.t, view.health
    failure = health.failure or view.problem
    seen = health.last_seen
    cause = t(f"error.{failure.code}.cause", **failure.params) if failure else ""
    step = t(f"error.{failure.code}.step", **failure.params) if failure else ""
    return write.section(
        "health",
        write("health", t(f"health.{health.state}"), hover=moment(health.since)),
        write("last-seen", ago(t, seen, now) if seen else t("panels.never"), hover=_exact(seen)),
        write("cause", cause, tone=Tone.WRONG, hover=failure.detail) if failure else None,
        write("next-step", step) if failure else None,
        write("retry", moment(health.retry_at)) if health.retry_at else None,
        write("machines", view.machines),
        write("read-cost", _cost(view, t)),
    )


def _exact(at: datetime | None) -> str:
    return exact(at) if at else ""


def _cost(view: HostView, t: Catalogue) -> str:
    if view.read_seconds is None:
        return t("panels.not-yet")
    return t("panels.read-cost", seconds=f"{view.read_seconds:.2f}", machines=view.machines)


def identity_words(identity: Identity | Unknown, write: FactWriter) -> Fact:
    """As whom we are on the host, and how we proved it."""
    if isinstance(identity, Unknown):
        return write("identity", identity)
    code = "panels.identity.root" if identity.root is True else "panels.identity"
    words = write.t(code, user=identity.user, how=identity.how)
    groups = "" if isinstance(identity.groups, Unknown) else ", ".join(identity.groups)
    return write("identity", words, hover=groups)


def _connection(host: Host, write: FactWriter) -> Section:
    unverified = host.verified_peer is False
    return write.section(
        "connection",
        identity_words(host.identity, write),
        write("access", write.t("panels.read-only" if host.read_only else "panels.read-write")),
        write("uri", host.uri, mono=True),
        write("transport", write.t(f"transport.{host.transport.value}")),
        write("encrypted", host.encrypted_transport),
        write("verified", host.verified_peer, tone=Tone.WRONG if unverified else Tone.PLAIN),
        write("observed", moment(host.observed_at), hover=exact(host.observed_at)),
    )


def _software(host: Host, write: FactWriter) -> Section:
    return write.section(
        "software",
        write("hostname", host.hostname),
        write("driver", host.driver),
        write("libvirt", host.libvirt_version),
        write("hypervisor", host.hypervisor_version),
        write("cpu-model", host.cpu_model),
        write("cpus", host.cpus),
        write("memory", mapped(host.memory_bytes, size)),
        write("iommu", host.iommu),
    )


def _os(os: HostOs, write: FactWriter) -> Section:
    ksm = mapped(os.ksm, lambda ksm: f"{ksm.run} ({ksm.pages_shared})")
    return write.section(
        "host-os",
        write("distribution", os.distribution),
        write("kernel", os.kernel),
        write("uptime", f"{os.uptime_seconds / 86400:.1f} d"),
        write("selinux", os.selinux),
        write("apparmor", os.apparmor),
        write("ksm", ksm),
        write("smt", os.smt),
        write("nested", os.nested),
        write("iommu", os.iommu),
        write("clock-offset", mapped(os.clock_offset_seconds, lambda s: f"{s:+.3f} s")),
        write("swap-encrypted", os.swap_encrypted),
        write("libvirt-group", mapped(os.libvirt_group, ", ".join)),
    )


def _vulnerabilities(os: HostOs, write: FactWriter) -> list[Section]:
    found = os.vulnerabilities
    if isinstance(found, Unknown):
        return [write.section("vulnerabilities", write("vulnerabilities", found))]
    facts = [
        Fact(item.name, item.status, tone=Tone.WRONG if item.vulnerable else Tone.PLAIN)
        for item in found
    ]
    return [write.section("vulnerabilities", *facts)]


def _listening(os: HostOs, write: FactWriter) -> list[Section]:
    if isinstance(os.listening, Unknown):
        return [write.section("listening", write("listening", os.listening))]
    sockets = (socket.partition(" ") for socket in os.listening)
    return [write.section("listening", *(Fact(kind, at, mono=True) for kind, _, at in sockets))]


def _networks(host: Host, write: FactWriter) -> Section:
    if isinstance(host.networks, Unknown):
        return write.section("networks", write("networks", host.networks))
    facts = [
        Fact(
            network.name,
            _network_words(network, write.t),
            tone=Tone.PLAIN if network.active else Tone.QUIET,
        )
        for network in host.networks
    ]
    return write.section("networks", *facts)


def _network_words(network: Network, t: Catalogue) -> str:
    mode = t(f"network-mode.{network.mode.value}")
    return " · ".join(part for part in (mode, network.bridge, *network.addresses) if part)


def _filters(host: Host, write: FactWriter) -> Section:
    if isinstance(host.filters, Unknown):
        return write.section("filters", write("filters", host.filters))
    facts = [
        Fact(
            item.name, write.t("panels.filter-rules", count=item.rules), ", ".join(item.references)
        )
        for item in host.filters
    ]
    return write.section("filters", *facts)
