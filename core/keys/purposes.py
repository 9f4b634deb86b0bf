"""What keys of its own a station has, one for each purpose, and how a key is named.

A fingerprint is the SHA-256 of the public key as openssl writes it (DER): anybody can take it
again with `openssl pkey -pubin -outform DER | sha256sum`.
"""

import hashlib
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

RSA_BITS = 3072
RSA_EXPONENT = 65537

PrivateKey = Ed25519PrivateKey | RSAPrivateKey
PublicKey = Ed25519PublicKey | RSAPublicKey


class Purpose(StrEnum):
    CASE = "case"  # evidence is encrypted to it before it leaves its host
    EVIDENCE = "evidence"  # signs manifests and custody
    REPORT = "report"  # signs reports
    TEMPLATE = "template"  # signs golden templates


def make_key(purpose: Purpose) -> PrivateKey:
    if purpose is Purpose.CASE:
        return generate_private_key(public_exponent=RSA_EXPONENT, key_size=RSA_BITS)
    return Ed25519PrivateKey.generate()


def public_pem(key: PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def fingerprint_of(key: PublicKey) -> str:
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def private_bytes(key: PrivateKey) -> bytes:
    """As DER, in the clear: only to be wrapped at once."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def private_key(der: bytes) -> PrivateKey:
    found = load_der_private_key(der, password=None)
    if not isinstance(found, Ed25519PrivateKey | RSAPrivateKey):
        raise ValueError("a key of another kind")
    return found
