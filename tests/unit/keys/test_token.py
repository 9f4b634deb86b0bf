"""A key under a token's key opens with the PIN and with nothing else."""

import os
import subprocess
from pathlib import Path

import pytest

from core.keys.purposes import Purpose
from core.keys.ring import open_ring
from core.keys.token import Token
from core.keys.wrapping import wrap_by_token
from core.text import RingfenceError

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so")
PIN = "4711"


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Token:
    module = next((path for path in MODULES if Path(path).exists()), "")
    if not module:
        pytest.skip("softhsm2 is not installed: it stands for a real token here")
    (tmp_path / "tokens").mkdir()
    settings = tmp_path / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(settings))
    words = ["--init-token", "--free", "--label", "lab", "--so-pin", "0815", "--pin", PIN]
    subprocess.run(["softhsm2-util", *words], capture_output=True, check=True, env=os.environ)
    return Token(module, "lab")


def test_a_token_opens_what_it_sealed(token: Token, tmp_path: Path) -> None:
    ring = open_ring(tmp_path / "config")
    ring.make(Purpose.EVIDENCE, lambda key, name: wrap_by_token(key, name, token, PIN))
    signature = ring.sign(Purpose.EVIDENCE, b"text")
    later = open_ring(tmp_path / "config")
    with pytest.raises(RingfenceError) as wrong:
        later.unlock(later.need(Purpose.EVIDENCE), "0000")
    assert wrong.value.code == "key-token"
    later.unlock(later.need(Purpose.EVIDENCE), PIN)
    assert later.sign(Purpose.EVIDENCE, b"text") == signature
