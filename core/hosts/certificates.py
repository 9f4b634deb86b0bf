"""Read a TLS host's certificate and say what is wrong with it, in the order in which it matters."""

import ipaddress
import socket
import ssl
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from core.hosts.uri import HostUri
from core.text import RingfenceError

LIBVIRT_TLS_PORT = 16514
HTTPS_PORT = 443
HANDSHAKE_DEADLINE_S = 8.0
MAX_PEM_BYTES = 1024 * 1024


def own_certificate(folder: Path, now: datetime) -> x509.Certificate:
    """Our own certificate for a host, sound and of these days.

    Raises:
        RingfenceError: tls-file-missing, tls-file-unreadable, tls-own-dates.
    """
    certificate = _pem(folder / "clientcert.pem")[0]
    key = folder / "clientkey.pem"
    if not key.is_file():
        raise RingfenceError("tls-file-missing", file=str(key))
    if not _valid_at(certificate, now):
        raise RingfenceError("tls-own-dates", **_described(certificate))
    return certificate


def authorities(folder: Path) -> list[x509.Certificate]:
    """Raises RingfenceError: tls-file-missing, tls-file-unreadable."""
    return _pem(folder / "cacert.pem")


def shown_certificate(uri: HostUri) -> x509.Certificate:
    """Shake hands far enough to see the host's certificate; it is judged afterwards, by us.

    Blocks: call it in a thread.

    Raises:
        RingfenceError: tls-no-handshake.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is sent over it; the certificate is the answer
    try:
        with (
            socket.create_connection((uri.host, port_of(uri)), HANDSHAKE_DEADLINE_S) as wire,
            context.wrap_socket(wire, server_hostname=uri.host) as secured,
        ):
            shown = secured.getpeercert(binary_form=True)
        return x509.load_der_x509_certificate(shown or b"")
    except (OSError, ValueError) as error:
        raise RingfenceError("tls-no-handshake", str(error), host=uri.host) from error


def proven_to_system(uri: HostUri, shown: x509.Certificate) -> None:
    """Have this machine's own authorities judge the certificate, as libvirt's HTTPS drivers do.

    Blocks: call it in a thread.

    Raises:
        RingfenceError: tls-system-authority, tls-no-handshake.
    """
    context = ssl.create_default_context()
    try:
        with socket.create_connection((uri.host, port_of(uri)), HANDSHAKE_DEADLINE_S) as wire:
            context.wrap_socket(wire, server_hostname=uri.host).close()
    except ssl.SSLCertVerificationError as error:
        words = _described(shown)
        raise RingfenceError("tls-system-authority", error.verify_message, **words) from error
    except OSError as error:
        raise RingfenceError("tls-no-handshake", str(error), host=uri.host) from error


def port_of(uri: HostUri) -> int:
    return uri.port or (LIBVIRT_TLS_PORT if uri.transport == "tls" else HTTPS_PORT)


def check_certificate(
    shown: x509.Certificate,
    trusted: Sequence[x509.Certificate],
    host: str,
    now: datetime,
) -> None:
    """Say what libvirt would refuse, in words that help.

    Raises:
        RingfenceError: tls-cert-authority, tls-cert-future, tls-cert-expired, tls-cert-name.
    """
    words = _described(shown)
    if trusted and not any(_issued(shown, authority) for authority in trusted):
        known = "; ".join(authority.subject.rfc4514_string() for authority in trusted)
        raise RingfenceError("tls-cert-authority", **words, known=known)
    if now < shown.not_valid_before_utc:
        raise RingfenceError("tls-cert-future", **words, now=_moment(now))
    if now > shown.not_valid_after_utc:
        raise RingfenceError("tls-cert-expired", **words, now=_moment(now))
    names = names_of(shown)
    if not any(_matches(name, host) for name in names):
        raise RingfenceError("tls-cert-name", **words, host=host, names=", ".join(names) or "-")


def names_of(certificate: x509.Certificate) -> list[str]:
    """The names and addresses it was issued for; an old one has only its common name."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return [str(attribute.value) for attribute in common]
    names = list(extension.value.get_values_for_type(x509.DNSName))
    addresses = extension.value.get_values_for_type(x509.IPAddress)
    return [*names, *(str(address) for address in addresses)]


def _matches(name: str, host: str) -> bool:
    try:
        return ipaddress.ip_address(name) == ipaddress.ip_address(host)
    except ValueError:
        pass
    name, host = name.lower().rstrip("."), host.lower().rstrip(".")
    if name.startswith("*."):
        return host.partition(".")[2] == name[2:]
    return name == host


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    if certificate == authority:
        return True
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _pem(file: Path) -> list[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(file.read_bytes()[:MAX_PEM_BYTES])
    except FileNotFoundError as error:
        raise RingfenceError("tls-file-missing", file=str(file)) from error
    except (OSError, ValueError) as error:
        raise RingfenceError("tls-file-unreadable", str(error), file=str(file)) from error
    return found


def _valid_at(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


def _described(certificate: x509.Certificate) -> dict[str, str]:
    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "since": _moment(certificate.not_valid_before_utc),
        "until": _moment(certificate.not_valid_after_utc),
    }


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"
