"""The doors into libvirt: plain TCP, TLS, the local group, and our own way in."""

from core.facts import Transport, Unknown
from core.posture.model import Outcome
from core.posture.outcome import failed, listed, not_applicable, passed, seen, unknown, warned
from core.posture.reading import host_os, setting
from core.posture.subject import HostSubject

PLAIN_PORT, TLS_PORT = "16509", "16514"
LARGEST_GROUP = 5
_FILES = ("libvirtd.conf", "virtproxyd.conf")
_SERVICES = frozenset(
    {"www-data", "nobody", "nginx", "apache", "jenkins", "gitlab-runner", "ci", "deploy", "backup"}
)
_LOOPBACK = ("127.", "[::1]", "::1", "localhost")


def _listeners(subject: HostSubject, port: str) -> tuple[str, ...] | Unknown:
    """Addresses on which a TCP port is open."""
    os = host_os(subject.host)
    if isinstance(os, Unknown):
        return os
    if isinstance(os.listening, Unknown):
        return os.listening
    pairs = (line.split()[-1].rpartition(":") for line in os.listening if line.startswith("tcp"))
    return tuple(address for address, _, number in pairs if number == port)


def no_plain_tcp(subject: HostSubject) -> Outcome:
    """HOST-API-001: nothing answers on libvirt's unencrypted port."""
    found = _listeners(subject, PLAIN_PORT)
    if isinstance(found, Unknown):
        return unknown(found, "ss -ltn")
    if not found:
        return passed("HOST-API-001", seen("ss -ltn", f"no :{PLAIN_PORT}"))
    evidence = seen("ss -ltn", listed([f"{address}:{PLAIN_PORT}" for address in found]))
    if all(address.startswith(_LOOPBACK) for address in found):
        return warned("HOST-API-001", "loopback", evidence)
    return failed("HOST-API-001", "open", evidence)


def tls_verifies(subject: HostSubject) -> Outcome:
    """HOST-API-002: the TLS door checks client certificates and names who may come."""
    open_at = _listeners(subject, TLS_PORT)
    if open_at == () and subject.host.transport is not Transport.TLS:
        return not_applicable("no-tls-door")
    loose = _either(subject, "tls_no_verify_certificate")
    if isinstance(loose, Unknown):
        return unknown(loose, "libvirtd.conf tls_no_verify_certificate")
    if loose == "1":
        return failed("HOST-API-002", "unverified", seen("libvirtd.conf", loose))
    names = _either(subject, "tls_allowed_dn_list")
    if isinstance(names, Unknown) or not names:
        return warned("HOST-API-002", "any-name", seen("libvirtd.conf tls_allowed_dn_list", ""))
    return passed("HOST-API-002", seen("libvirtd.conf tls_allowed_dn_list", names))


def _either(subject: HostSubject, name: str) -> str | Unknown | None:
    """The setting in whichever daemon's file has it; Unknown when neither could be read."""
    values = [setting(subject.host, file, name) for file in _FILES]
    given = [value for value in values if isinstance(value, str)]
    if given:
        return given[0]
    return None if None in values else values[0]


def small_group(subject: HostSubject) -> Outcome:
    """HOST-API-004: few people, and no services, are root by way of the libvirt group."""
    os = host_os(subject.host)
    if isinstance(os, Unknown):
        return unknown(os, "getent group libvirt")
    members = os.libvirt_group
    if isinstance(members, Unknown):
        return unknown(members, "getent group libvirt")
    evidence = seen("getent group libvirt", listed(members))
    services = tuple(name for name in members if name in _SERVICES)
    if services:
        return failed("HOST-API-004", "service", evidence, names=listed(services))
    if len(members) > LARGEST_GROUP:
        return warned("HOST-API-004", "many", evidence, count=len(members))
    return passed("HOST-API-004", evidence, count=len(members))


def our_way_in(subject: HostSubject) -> Outcome:
    """HOST-LINK-001: what we see of this host came over a guarded line from the right host."""
    host = subject.host
    if host.transport in {Transport.LOCAL, Transport.IN_PROCESS}:
        return not_applicable("local-link")
    if host.encrypted_transport is False:
        return failed("HOST-LINK-001", "clear", seen("URI", host.uri))
    if host.verified_peer is False:
        return failed("HOST-LINK-001", "unverified", seen("URI", host.uri))
    for fact in (host.encrypted_transport, host.verified_peer):
        if isinstance(fact, Unknown):
            return unknown(fact, "URI")
    return passed("HOST-LINK-001", seen("URI", host.uri))


CHECKS = (
    ("HOST-API-001", no_plain_tcp),
    ("HOST-API-002", tls_verifies),
    ("HOST-API-004", small_group),
    ("HOST-LINK-001", our_way_in),
)
