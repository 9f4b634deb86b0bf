"""What the session itself knows of a host and does not take a worker's word for."""

import getpass
import os
from pathlib import Path

import msgspec
from cryptography import x509

from core.facts import Host, HostOs, Identity, Reason, Transport, Unknown
from core.hosts.uri import HostUri
from core.settings.model import HostEntry

HOW_CERTIFICATE = "client certificate"
HOW_LOCAL = "local socket"
HOW_PASSWORD = "password"


def described(
    host: Host,
    entry: HostEntry,
    uri: HostUri,
    *,
    identity: Identity | Unknown,
    os_facts: HostOs | Unknown,
) -> Host:
    """The worker's facts, with what it must not decide put right.

    Whether the peer proved itself, how we got there and as whom, is this process's knowledge;
    only the recorded hosts of the demo bring their shell facts along.
    """
    recorded = uri.transport is Transport.IN_PROCESS
    return msgspec.structs.replace(
        host,
        uri=uri.text,
        transport=uri.transport,
        read_only=entry.read_only,
        encrypted_transport=True,  # no other transport passes core.hosts.uri
        verified_peer=uri.verified,
        identity=host.identity if recorded else identity,
        os=host.os if recorded else os_facts,
        demo=recorded and bool(entry.demo_facts),
    )


def first_identity(uri: HostUri, pki_dir: str) -> Identity | Unknown:
    """As whom we come, before the host itself has said so."""
    if uri.transport is Transport.LOCAL:
        return _local_identity()
    if uri.transport is Transport.TLS:
        return _certificate_identity(Path(pki_dir) / "clientcert.pem" if pki_dir else None)
    if uri.transport is Transport.HTTPS:
        return Identity(uri.user, HOW_PASSWORD, *(Unknown(Reason.NOT_SUPPORTED),) * 3)
    return Unknown(Reason.NOT_READ)


def _local_identity() -> Identity:
    groups = tuple(str(number) for number in os.getgroups())
    return Identity(getpass.getuser(), HOW_LOCAL, os.getuid(), groups, os.getuid() == 0)


def _certificate_identity(file: Path | None) -> Identity | Unknown:
    """The subject of our own certificate; libvirt then acts as root on the host's side."""
    if file is None:
        return Unknown(Reason.NOT_READ)
    try:
        subject = x509.load_pem_x509_certificate(file.read_bytes()).subject
    except (OSError, ValueError) as error:
        return Unknown(Reason.FAILED, str(error))
    return Identity(subject.rfc4514_string(), HOW_CERTIFICATE, 0, (), True)
