"""Sealing and sending: what leaves the host is encrypted to the case key and hashed twice.

A file goes in parts, so that it can be opened with openssl and little memory. Frames that begin
with D are sealed bytes, with P what is said of a part; the verb's own answer ends the stream.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

from core.hosts.helper.on_host.evidence_room import (
    CASE_CERTIFICATE,
    evidence_name,
    openssl,
    owned_room,
    sealing_words,
)
from core.hosts.helper.on_host.files import packed
from core.hosts.helper.on_host.values import Refused

SEALED_PART_BYTES = 256 * 1024 * 1024
SEND_PIECE_BYTES = 512 * 1024
FEED_PIECE_BYTES = 1024 * 1024


def send_evidence(values: dict[str, Any]) -> dict[str, Any]:
    _, room = owned_room(values)
    name = evidence_name(values.get("name"))
    return sent_file(room / name, room / CASE_CERTIFICATE, sys.stdout.buffer)


def sent_file(file: Path, certificate: Path, out: BinaryIO) -> dict[str, Any]:
    """Send every part; the hash of the whole plain file is the answer."""
    whole, size, parts = hashlib.sha256(), 0, 0
    try:
        with file.open("rb") as source:
            while True:
                part = SealedPart(source, whole, certificate, out)
                size += part.send()
                parts += 1
                if part.last:
                    return {"bytes": size, "sha256": whole.hexdigest(), "parts": parts}
    except FileNotFoundError as error:
        raise Refused("evidence-gone", str(error)) from error


class SealedPart:
    """One run of openssl: a thread feeds it, what it gives is hashed and sent."""

    def __init__(self, source: BinaryIO, whole: Any, certificate: Path, out: BinaryIO) -> None:
        self._source = source
        self._whole = whole
        self._certificate = certificate
        self._out = out
        self._fed = 0
        self._problem = ""
        self.last = False

    def send(self) -> int:
        """Return how many plain bytes it holds."""
        sealed, count = hashlib.sha256(), 0
        with subprocess.Popen(
            sealing_words(openssl(), self._certificate),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C"},
        ) as child:
            feeder = threading.Thread(target=self._feed, args=(child.stdin,), daemon=True)
            feeder.start()
            while child.stdout and (piece := child.stdout.read(SEND_PIECE_BYTES)):
                sealed.update(piece)
                count += len(piece)
                send_evidence_frame(self._out, b"D", piece)
            feeder.join()
        if child.returncode or self._problem:
            raise Refused("helper-system", self._problem or "openssl failed")
        about = {"bytes": count, "plain_bytes": self._fed, "sha256": sealed.hexdigest()}
        send_evidence_frame(self._out, b"P", packed(about))
        return self._fed

    def _feed(self, inward: BinaryIO) -> None:
        """Until the part is full or the file ends; the file's end is seen by a read beyond it."""
        try:
            with inward:
                while self._fed < SEALED_PART_BYTES:
                    want = min(FEED_PIECE_BYTES, SEALED_PART_BYTES - self._fed)
                    piece = self._source.read(want)
                    if not piece:
                        self.last = True
                        return
                    self._whole.update(piece)
                    self._fed += len(piece)
                    inward.write(piece)
            self.last = not self._peeked()
        except OSError as error:
            self._problem = str(error)[:300]

    def _peeked(self) -> bytes:
        here = self._source.tell()
        piece = self._source.read(1)
        self._source.seek(here)
        return piece


def send_evidence_frame(out: BinaryIO, kind: bytes, body: bytes) -> None:
    out.write((len(body) + 1).to_bytes(4, "big") + kind)
    out.write(body)
    out.flush()
