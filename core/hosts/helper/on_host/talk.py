"""Frames on stdin and stdout: 4 bytes of length, one JSON object; one answer to each."""

from __future__ import annotations

import json
import sys
from typing import Any, BinaryIO

from core.hosts.helper.on_host.hooks import MAX_HOOK_BYTES, boot, hook_network, hook_qemu
from core.hosts.helper.on_host.keep import keep
from core.hosts.helper.on_host.values import Refused, is_object
from core.hosts.helper.on_host.verbs import VERBS

MAX_FRAME_BYTES = 24 * 1024 * 1024


def answer(values: object) -> dict[str, Any]:
    """Obey one frame; whatever is wrong with it is an answer, never a crash."""
    given = dict(values) if is_object(values) else {}
    number, name = given.pop("number", None), given.pop("verb", None)
    if not isinstance(number, int):
        return {"number": 0, "error": "helper-value", "detail": "frame"}
    known = VERBS.get(name) if isinstance(name, str) else None
    if known is None or given.keys() != known[1]:
        return {"number": number, "error": "helper-value", "detail": "verb"}
    try:
        return {"number": number, **known[0](given)}
    except Refused as refused:
        return {"number": number, "error": refused.code, "detail": refused.detail}
    except OSError as error:
        return {"number": number, "error": "helper-system", "detail": str(error)[:500]}


def say(values: dict[str, Any], out: BinaryIO) -> None:
    body = json.dumps(values).encode()
    out.write(len(body).to_bytes(4, "big") + body)
    out.flush()


def main() -> None:
    """One closed word says what to be; without one, obey frames."""
    word, more = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    if word == "keep":
        keep()
    elif word == "boot" and len(more) == 1:
        sys.exit(boot(more[0]))
    elif word in ("hook-qemu", "hook-network"):
        told = sys.stdin.buffer.read(MAX_HOOK_BYTES)
        sys.exit(hook_qemu(more, told) if word == "hook-qemu" else hook_network(more, told))
    elif word:
        sys.exit(2)
    else:
        obey_frames()


def obey_frames() -> None:
    """Obey until the other side closes, or says what is no frame."""
    inward, out = sys.stdin.buffer, sys.stdout.buffer
    while len(head := inward.read(4)) == 4 and int.from_bytes(head, "big") <= MAX_FRAME_BYTES:
        body = inward.read(int.from_bytes(head, "big"))
        try:
            values = json.loads(body)
        except (ValueError, RecursionError):
            return
        say(answer(values), out)


if __name__ == "__main__":
    main()
