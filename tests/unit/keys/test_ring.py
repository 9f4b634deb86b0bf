"""Keys for evidence: wrapped on disk, opened by their passphrase only, kept when they retire."""

import subprocess
from pathlib import Path

import pytest

from core.keys.purposes import Purpose
from core.keys.ring import KeyRing, open_ring
from core.keys.wrapping import ByPassphrase, Wrapping, wrap_by_passphrase
from core.text import RingfenceError

PASSPHRASE = "correct horse battery"
CHEAP_KIB = 64


def wrap(key: bytes, name: str) -> Wrapping:
    return wrap_by_passphrase(key, name, PASSPHRASE, CHEAP_KIB)


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return open_ring(tmp_path / "config")


def refused(code: str) -> pytest.RaisesExc[RingfenceError]:
    return pytest.RaisesExc(RingfenceError, check=lambda error: error.code == code)


def test_a_made_key_signs_at_once_and_after_a_passphrase_later(
    ring: KeyRing, tmp_path: Path
) -> None:
    made = ring.make(Purpose.EVIDENCE, wrap)
    signature = ring.sign(Purpose.EVIDENCE, b"text")
    later = open_ring(tmp_path / "config")
    with refused("key-locked"):
        later.sign(Purpose.EVIDENCE, b"text")
    with refused("key-wrong-passphrase"):
        later.unlock(later.need(Purpose.EVIDENCE), "another one altogether")
    later.unlock(later.need(Purpose.EVIDENCE), PASSPHRASE)
    assert later.sign(Purpose.EVIDENCE, b"text") == signature
    assert made.fingerprint in later.trusted.all()


def test_nothing_of_the_private_key_lies_in_the_clear(ring: KeyRing, tmp_path: Path) -> None:
    key = ring.make(Purpose.EVIDENCE, wrap)
    file = tmp_path / "config/keys" / f"{key.name}.json"
    assert file.stat().st_mode & 0o077 == 0
    pem = ring.openssl_pem(key, PASSPHRASE)
    assert b"ENCRYPTED PRIVATE KEY" in pem
    assert isinstance(key.wrapping, ByPassphrase)
    assert len(bytes.fromhex(key.wrapping.sealed)) == 48 + 16


def test_an_altered_key_file_opens_nothing(ring: KeyRing, tmp_path: Path) -> None:
    key = ring.make(Purpose.REPORT, wrap)
    assert isinstance(key.wrapping, ByPassphrase)
    file = tmp_path / "config/keys" / f"{key.name}.json"
    sealed = key.wrapping.sealed
    other = sealed[:-1] + ("0" if sealed[-1] != "0" else "1")
    file.write_text(file.read_text().replace(sealed, other))
    later = open_ring(tmp_path / "config")
    with refused("key-wrong-passphrase"):
        later.unlock(later.need(Purpose.REPORT), PASSPHRASE)


def test_a_short_passphrase_makes_no_key(ring: KeyRing) -> None:
    with refused("key-passphrase-short"):
        ring.make(Purpose.REPORT, lambda key, name: wrap_by_passphrase(key, name, "short"))
    assert ring.missing() == tuple(Purpose)


def test_a_rotated_key_is_kept_and_the_new_one_signs(ring: KeyRing) -> None:
    old = ring.make(Purpose.TEMPLATE, wrap)
    new = ring.make(Purpose.TEMPLATE, wrap)
    assert ring.need(Purpose.TEMPLATE).fingerprint == new.fingerprint
    kept = {key.fingerprint: key.retired_at for key in ring.all()}
    assert kept[old.fingerprint] is not None and kept[new.fingerprint] is None


def test_a_backup_gives_the_keys_back_elsewhere(ring: KeyRing, tmp_path: Path) -> None:
    old = ring.make(Purpose.EVIDENCE, wrap)
    ring.backup(tmp_path / "safe")
    elsewhere = open_ring(tmp_path / "elsewhere")
    assert [key.fingerprint for key in elsewhere.restore(tmp_path / "safe")] == [old.fingerprint]
    elsewhere.unlock(elsewhere.need(Purpose.EVIDENCE), PASSPHRASE)
    assert elsewhere.sign(Purpose.EVIDENCE, b"x") == ring.sign(Purpose.EVIDENCE, b"x")
    with refused("key-backup-none"):
        elsewhere.restore(tmp_path / "nothing")


def test_openssl_encrypts_to_the_certificate_and_opens_with_the_exported_key(
    ring: KeyRing, tmp_path: Path
) -> None:
    key = ring.make(Purpose.CASE, wrap)
    (tmp_path / "case.pem").write_text(key.certificate)
    (tmp_path / "key.pem").write_bytes(ring.openssl_pem(key, PASSPHRASE))
    words = ["openssl", "cms", "-encrypt", "-binary", "-aes-256-gcm", "-outform", "DER"]
    oaep = ["-recip", str(tmp_path / "case.pem"), "-keyopt", "rsa_padding_mode:oaep"]
    sealed = subprocess.run([*words, *oaep], input=b"what", capture_output=True, check=True).stdout
    opening = ["openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-inkey"]
    opened = subprocess.run(
        [*opening, str(tmp_path / "key.pem"), "-passin", f"pass:{PASSPHRASE}"],
        input=sealed,
        capture_output=True,
        check=True,
    ).stdout
    assert opened == b"what"


def test_a_fingerprint_is_taken_as_tools_print_it(ring: KeyRing) -> None:
    text = "ab" * 32
    ring.trusted.add("SHA256:" + ":".join([text[:2].upper()] * 32), "from a colleague")
    assert ring.trusted.all() == {text: "from a colleague"}
    with refused("key-fingerprint"):
        ring.trusted.add("abc", "")
