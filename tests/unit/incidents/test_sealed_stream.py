"""What is encrypted as it comes: opened by openssl alone, in parts, and never half there."""

import hashlib
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.incidents.evidence.sealing import SealedStream
from core.keys.certificate import case_certificate
from core.keys.purposes import Purpose, make_key
from core.text import RingfenceError

PART = 100_000


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case key as openssl reads it; its certificate lies beside it."""
    made, folder = make_key(Purpose.CASE), tmp_path_factory.mktemp("key")
    private = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(private)
    (folder / "case.pem").write_text(case_certificate(made, datetime.now(UTC)))
    return folder / "key.pem"


def stream_in(folder: Path, key: Path) -> SealedStream:
    return SealedStream(folder, "memory.elf", key.with_name("case.pem"), PART)


def opened(folder: Path, key: Path) -> bytes:
    words = ["openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-inkey", str(key), "-in"]
    return b"".join(
        subprocess.run([*words, str(part)], capture_output=True, check=True).stdout
        for part in sorted(folder.glob("memory.elf.*.cms"))
    )


@pytest.mark.parametrize(
    "pieces",
    [
        [b"x"],
        [b"a" * PART, b"b"],
        [b"a" * PART],
        [b"head", 250_000, b"tail" * 30_000],
        [3_000_000],
    ],
)
def test_openssl_opens_what_went_in(tmp_path: Path, key: Path, pieces: list[bytes | int]) -> None:
    plain = b"".join(bytes(each) if isinstance(each, int) else each for each in pieces)
    stream = stream_in(tmp_path, key)
    for piece in pieces:
        stream.feed(piece)
    parts, size, sha256 = stream.close()
    assert (size, sha256) == (len(plain), hashlib.sha256(plain).hexdigest())
    assert len(parts) == -(-len(plain) // PART)
    for part in parts:
        body = (tmp_path / part.path).read_bytes()
        assert (part.bytes, part.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    assert opened(tmp_path, key) == plain


def test_what_is_given_up_leaves_no_half_part(tmp_path: Path, key: Path) -> None:
    stream = stream_in(tmp_path, key)
    stream.feed(b"secret" * 30_000)
    stream.abandon()
    stream.abandon()
    assert [file.name for file in tmp_path.iterdir()] == ["memory.elf.000.cms"]


def test_a_certificate_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "case.pem").write_text("none")
    stream = SealedStream(tmp_path, "memory.elf", tmp_path / "case.pem", PART)
    with pytest.raises(RingfenceError, match="evidence-openssl"):
        for _ in range(100):  # the pipe takes some before anybody notices
            stream.feed(b"x" * PART)
    stream.abandon()
    assert [file.name for file in tmp_path.iterdir()] == ["case.pem"]


def test_a_full_disk_here_is_told_as_that(tmp_path: Path, key: Path) -> None:
    gone = tmp_path / "gone"
    stream = SealedStream(gone, "memory.elf", key.with_name("case.pem"), PART)
    with pytest.raises(RingfenceError, match="evidence-no-room-here"):
        stream.feed(b"x")
    stream.abandon()
