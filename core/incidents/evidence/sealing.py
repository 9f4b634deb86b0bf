"""openssl on this station: encrypts to the case key exactly as a host does, and stamps.

Always a constant program with constant words; content goes through pipes, never through a shell.
"""

import os
import subprocess
from pathlib import Path

from core.text import RingfenceError

PLACES = ("/usr/bin/openssl", "/bin/openssl", "/usr/local/bin/openssl")
DEADLINE_S = 60.0
ENCRYPTION = "CMS AuthEnvelopedData, AES-256-GCM, RSA-OAEP"
_SEAL = ("cms", "-encrypt", "-binary", "-stream", "-aes-256-gcm", "-outform", "DER")


def openssl(words: tuple[str, ...], feed: bytes = b"") -> bytes:
    """Run it and return what it printed.

    Raises:
        RingfenceError: evidence-openssl: it is not there, or it refuses.
    """
    program = next((place for place in PLACES if os.access(place, os.X_OK)), "")
    if not program:
        raise RingfenceError("evidence-openssl", "not installed")
    try:
        done = subprocess.run(
            [program, *words],
            input=feed,
            capture_output=True,
            timeout=DEADLINE_S,
            env={"LC_ALL": "C"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RingfenceError("evidence-openssl", str(error)) from error
    if done.returncode:
        raise RingfenceError("evidence-openssl", done.stderr.decode("utf-8", "replace")[:500])
    return done.stdout


def seal(content: bytes, certificate: Path) -> bytes:
    """Encrypt to the case key's certificate."""
    oaep = ("-recip", str(certificate), "-keyopt", "rsa_padding_mode:oaep")
    return openssl((*_SEAL, *oaep), content)
