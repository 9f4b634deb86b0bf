"""A time stamp by an authority of this test's own: kept, checked, and never in the way."""

import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from core.incidents.evidence.rfc3161 import (
    ANSWER,
    QUERY,
    Authority,
    is_stamped,
    read_authority,
    stamp,
)
from core.text import RingfenceError

SETTINGS = """\
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_chain = no
"""


class Tsa(HTTPServer):
    """Answers each question with openssl's own time-stamp authority."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.folder = folder


class Answering(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Tsa)
        folder = self.server.folder
        query = folder / "query"
        query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
        words = ["-reply", "-config", str(folder / "tsa.conf"), "-queryfile", str(query)]
        answer = openssl("ts", *words)
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def openssl(*words: str) -> bytes:
    return subprocess.run(["openssl", *words], capture_output=True, check=True).stdout


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    folder = tmp_path / "tsa"
    folder.mkdir()
    (folder / "tsa.conf").write_text(SETTINGS.format(folder=folder))
    (folder / "serial").write_text("01\n")
    use = ["-addext", "extendedKeyUsage=critical,timeStamping", "-subj", "/CN=TSA of a test"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    where = ["-keyout", str(folder / "tsa.key"), "-out", str(folder / "tsa.pem")]
    openssl("req", "-x509", *kind, *where, *use)
    with Tsa(folder) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/"
        yield Authority(address, str(folder / "tsa.pem"))
        server.shutdown()
        thread.join()


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    file = tmp_path / "manifest.json"
    file.write_text('{"a":1}')
    return file


def test_a_stamp_is_of_this_manifest_and_of_no_other(authority: Authority, manifest: Path) -> None:
    folder, ca = manifest.parent, Path(authority.ca_file)
    assert stamp(folder, manifest, authority)
    assert (folder / QUERY).exists() and is_stamped(folder, manifest, ca)
    manifest.write_text('{"a":2}')
    assert not is_stamped(folder, manifest, ca)


def test_an_authority_that_is_not_there_is_no_error(manifest: Path) -> None:
    assert not stamp(manifest.parent, manifest, Authority("http://127.0.0.1:9/", "none.pem"))
    assert not (manifest.parent / ANSWER).exists() and not (manifest.parent / QUERY).exists()


def test_an_answer_by_somebody_else_is_not_kept(
    authority: Authority, manifest: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x"]
    openssl("req", "-x509", *kind, "-keyout", str(tmp_path / "k"), "-out", str(other))
    assert not stamp(manifest.parent, manifest, Authority(authority.url, str(other)))
    assert not (manifest.parent / ANSWER).exists()


def test_the_settings_are_read_or_refused(tmp_path: Path) -> None:
    assert read_authority(tmp_path) is None
    file = tmp_path / "timestamp.toml"
    file.write_text('url = "https://tsa.example/"\nca_file = "/ca.pem"\n')
    assert read_authority(tmp_path) == Authority("https://tsa.example/", "/ca.pem")
    file.write_text('url = "file:///etc/shadow"\nca_file = "/ca.pem"\n')
    with pytest.raises(RingfenceError):
        read_authority(tmp_path)
