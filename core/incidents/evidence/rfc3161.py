"""A time stamp by somebody else over the manifest: optional, and never in the way.

Which authority is asked stands in `timestamp.toml` of the configuration directory:

    url = "https://tsa.example/tsr"
    ca_file = "/etc/ssl/certs/tsa-ca.pem"      # what its answers are checked with

Without the file, or when the authority does not answer, a collection is "not timestamped".
"""

import urllib.error
import urllib.request
from pathlib import Path

import msgspec
from msgspec import Struct

from core.incidents.evidence.sealing import openssl
from core.text import RingfenceError

QUERY, ANSWER = "manifest.tsq", "manifest.tsr"
SETTINGS = "timestamp.toml"
MAX_ANSWER_BYTES = 256 * 1024
DEADLINE_S = 20.0


class Authority(Struct, frozen=True, forbid_unknown_fields=True):
    url: str
    ca_file: str


def read_authority(config_dir: Path) -> Authority | None:
    """Raises RingfenceError: evidence-timestamp: the file is there and is wrong."""
    try:
        body = (config_dir / SETTINGS).read_bytes()
    except FileNotFoundError:
        return None
    try:
        found = msgspec.toml.decode(body, type=Authority)
    except msgspec.DecodeError as error:
        raise RingfenceError("evidence-timestamp", str(error)) from error
    if not found.url.startswith(("https://", "http://")):
        raise RingfenceError("evidence-timestamp", found.url)
    return found


def stamp(folder: Path, manifest: Path, authority: Authority) -> bool:
    """Ask for a stamp and keep question and answer beside the manifest; False without one."""
    query, answer = folder / QUERY, folder / ANSWER
    try:
        words = ("ts", "-query", "-data", str(manifest), "-sha256", "-cert", "-no_nonce")
        query.write_bytes(openssl(words))
        answer.write_bytes(_asked(authority.url, query.read_bytes()))
        if is_stamped(folder, manifest, Path(authority.ca_file)):
            return True
    except (RingfenceError, OSError, urllib.error.URLError, ValueError):
        pass  # "not timestamped" is what the manifest's reader is told
    query.unlink(missing_ok=True)
    answer.unlink(missing_ok=True)
    return False


def is_stamped(folder: Path, manifest: Path, ca_file: Path) -> bool:
    """Whether the stamp is of this manifest, by an authority this file vouches for."""
    words = ("ts", "-verify", "-data", str(manifest), "-in", str(folder / ANSWER))
    try:
        openssl((*words, "-CAfile", str(ca_file)))
    except RingfenceError:
        return False
    return True


def _asked(url: str, query: bytes) -> bytes:
    kind = {"Content-Type": "application/timestamp-query"}
    request = urllib.request.Request(url, data=query, headers=kind)
    with urllib.request.urlopen(request, timeout=DEADLINE_S) as reply:
        answer: bytes = reply.read(MAX_ANSWER_BYTES)
        return answer
