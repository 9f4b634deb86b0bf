"""Secrets of a machine's XML, replaced before anybody sees the text.

Works on text, not on the tree: what is shown keeps every other byte. Rather too much than too
little: anything that looks like a password in an argument is hidden.
"""

import re

HIDDEN = "••••••"

_ATTRIBUTE = re.compile(r"""(\b(?:passwd|password|secret-value)=)('[^']*'|"[^"]*")""", re.I)
_ARGUMENT = re.compile(r"""(\b(?:password|passwd|passphrase|data|token)=)[^,'"\s<>]+""", re.I)
_ENVIRONMENT = re.compile(
    r"""(<qemu:env\s+name=['"][^'"]*(?:PASS|SECRET|TOKEN|KEY)[^'"]*['"]\s+value=)('[^']*'|"[^"]*")""",
    re.I,
)


def redact(xml: str) -> str:
    """Return the text with its secrets hidden."""
    text = _ATTRIBUTE.sub(rf"\1'{HIDDEN}'", xml)
    text = _ENVIRONMENT.sub(rf"\1'{HIDDEN}'", text)
    return _ARGUMENT.sub(rf"\1{HIDDEN}", text)
