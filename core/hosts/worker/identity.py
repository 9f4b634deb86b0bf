"""As whom we are on a host, as far as the worker can tell; it never asks the host's shell."""

import os
import pwd
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from core.facts import Identity, Reason, Transport, Unknown
from core.hosts.protocol import Open

_DEFAULT_CERTIFICATE = Path("/etc/pki/libvirt/clientcert.pem")
_MAX_PEM_BYTES = 256 * 1024


def transport_of(order: Open) -> Transport:
    """Judged from the URI the worker was given; a socket of the SSH process means SSH."""
    scheme = urlsplit(order.uri).scheme
    if order.socket_path:
        return Transport.SSH
    if scheme.startswith("test"):
        return Transport.IN_PROCESS
    if scheme.split("+")[0] in {"esx", "gsx", "vpx", "hyperv"}:
        return Transport.HTTPS
    if scheme.endswith("+tls") or (urlsplit(order.uri).netloc and "+" not in scheme):
        return Transport.TLS
    return Transport.LOCAL


def peer_is_verified(order: Open) -> bool:
    return parse_qs(urlsplit(order.uri).query).get("no_verify", ["0"])[-1] in ("0", "")


def identity_of(order: Open, transport: Transport) -> Identity | Unknown:
    """TLS: the subject of our certificate. Local: our user. SSH: its process knows, not we."""
    match transport:
        case Transport.LOCAL | Transport.IN_PROCESS:
            return _local_identity()
        case Transport.TLS:
            return _certificate_identity(order)
        case Transport.HTTPS:
            user = urlsplit(order.uri).username or _asked_name(order)
            return Identity(user=user, how="password") if user else Unknown(Reason.NOT_READ)
        case _:
            return Unknown(Reason.NOT_READ)


def _asked_name(order: Open) -> str:
    return next((c.value for c in order.credentials if c.kind == 2), "")


def _local_identity() -> Identity:
    uid = os.getuid()
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:
        user = str(uid)
    return Identity(user=user, how="local socket", uid=uid, root=uid == 0)


def _certificate_identity(order: Open) -> Identity | Unknown:
    sasl = _asked_name(order)
    if sasl:
        return Identity(user=sasl, how="sasl")
    path = Path(order.pki_dir) / "clientcert.pem" if order.pki_dir else _DEFAULT_CERTIFICATE
    try:
        with path.open("rb") as stream:
            return Identity(user=_subject(stream.read(_MAX_PEM_BYTES)), how="client certificate")
    except (OSError, ValueError) as error:
        return Unknown(Reason.UNREADABLE, str(error))


def _subject(pem: bytes) -> str:
    from cryptography import x509  # imported here: it costs more than the first list of machines

    return x509.load_pem_x509_certificate(pem).subject.rfc4514_string()
