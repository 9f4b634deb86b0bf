"""Keys this station believes a signature of: one line each, a fingerprint and what it is.

A line is `FINGERPRINT words`, `#` begins a remark. A person may write it by hand.
"""

import re
from pathlib import Path

from core.settings.atomic_write import write_atomically
from core.text import RingfenceError

FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_LINE = re.compile(r"([0-9a-f]{64})(?:\s+(.*))?")


class TrustedKeys:
    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self) -> dict[str, str]:
        """Fingerprint -> what is said of it; a line that is neither is left alone."""
        matches = (_LINE.fullmatch(line.strip()) for line in self._lines())
        return {match[1]: match[2] or "" for match in matches if match}

    def add(self, fingerprint: str, note: str) -> None:
        """Believe this key from now on.

        Raises:
            RingfenceError: key-fingerprint, file-not-written.
        """
        fingerprint = checked_fingerprint(fingerprint)
        if fingerprint in self.all():
            return
        words = " ".join(note.split())[:200]
        lines = [*self._lines(), f"{fingerprint} {words}".strip()]
        write_atomically(self._path, ("\n".join(lines) + "\n").encode(), keep_previous=True)

    def _lines(self) -> list[str]:
        try:
            return self._path.read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise RingfenceError("key-file-bad", str(error), path=str(self._path)) from error


def checked_fingerprint(text: str) -> str:
    """Accept it with colons and in either case, as tools print it.

    Raises:
        RingfenceError: key-fingerprint.
    """
    found = text.strip().lower().replace(":", "").removeprefix("sha256")
    if not FINGERPRINT.fullmatch(found):
        raise RingfenceError("key-fingerprint", given=text[:100])
    return found
