"""The host's own check of a signature agrees with RFC 8032 and with OpenSSL, and is quick."""

import random
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.hosts.helper.on_host.ed25519 import signature_good

ORDER = 2**252 + 27742317777372353535851937790883648493

# RFC 8032, 7.1: key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
        "f9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0"
        "f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f76098"
        "4dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def signed(message: bytes) -> tuple[bytes, bytes]:
    key = Ed25519PrivateKey.generate()
    return key.public_key().public_bytes_raw(), key.sign(message)


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc_are_good(key: str, message: str, signature: str) -> None:
    assert signature_good(bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature))


def test_what_openssl_signs_is_good_and_nothing_else() -> None:
    chance = random.Random(8032)
    for size in (0, 1, 100, 5000):
        message = chance.randbytes(size)
        key, signature = signed(message)
        assert signature_good(key, message, signature)
        assert not signature_good(key, message + b"\0", signature)
        assert not signature_good(signed(b"")[0], message, signature)
        place = chance.randrange(512)
        spoilt = bytearray(signature)
        spoilt[place // 8] ^= 1 << place % 8
        assert not signature_good(key, message, bytes(spoilt))


def test_a_signature_has_one_form_only() -> None:
    key, signature = signed(b"m")
    more = int.from_bytes(signature[32:], "little") + ORDER
    assert not signature_good(key, b"m", signature[:32] + more.to_bytes(32, "little"))
    for wrong in (b"", signature[:-1], signature + b"\0", bytes(64), b"\xff" * 64):
        assert not signature_good(key, b"m", wrong)


@pytest.mark.parametrize("key", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32, b"", b"\0" * 31])
def test_a_key_that_signs_anything_is_none(key: bytes) -> None:
    neutral = b"\x01" + bytes(31)
    assert not signature_good(key, b"m", neutral + bytes(32))


def test_it_is_quick_enough_for_a_hook() -> None:
    key, signature = signed(b"m")
    begun = time.process_time()
    for _ in range(5):
        assert signature_good(key, b"m", signature)
    assert (time.process_time() - begun) / 5 < 0.03
