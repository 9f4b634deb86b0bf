"""The case key's public half in the form openssl encrypts to."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from core.keys.purposes import PrivateKey, fingerprint_of

GOOD_FOR = timedelta(days=20 * 365)


def case_certificate(key: PrivateKey, now: datetime) -> str:
    """A certificate over itself; "" for a key that nothing is encrypted to."""
    if not isinstance(key, RSAPrivateKey):
        return ""
    mark = fingerprint_of(key.public_key())[:16]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Ringfence case key {mark}")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + GOOD_FOR)
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()
