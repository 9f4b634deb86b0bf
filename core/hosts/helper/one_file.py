"""Joins the parts of ringfence-host to the one file that a host gets."""

import ast
from functools import cache
from pathlib import Path

_PARTS = (
    "places",
    "values",
    "files",
    "ed25519",
    "keys",
    "documents",
    "processes",
    "machines",
    "evidence_disks",
    "images",
    "kept_disks",
    "holds",
    "anchors",
    "nft_library",
    "rules",
    "barrier_rules",
    "expressions",
    "happenings",
    "ring",
    "disks_held",
    "watch",
    "listing",
    "raising",
    "sockets",
    "consoles",
    "volatile",
    "netlink",
    "listening",
    "keep",
    "hooks",
    "prepare_module",
    "prepare_items",
    "prepare_disk",
    "prepare_state",
    "prepare_services",
    "prepare_selinux",
    "prepare_policy",
    "prepare_sight",
    "prepare_write",
    "prepare_remove",
    "prepare",
    "prepare_links",
    "evidence_room",
    "evidence_items",
    "evidence_send",
    "verbs",
    "talk",
)
_ROOM = Path(__file__).parent / "on_host"
_HEAD = '"""ringfence-host: closed verbs over frames on stdin and stdout. Made, not written."""\n'
_FUTURE = "from __future__ import annotations\n"


@cache
def one_file() -> bytes:
    """The parts in order, without what ties them together here."""
    parts = [_without_ties((_ROOM / f"{part}.py").read_text("utf-8")) for part in _PARTS]
    return "\n".join([_HEAD, _FUTURE, *parts]).encode()


def _without_ties(source: str) -> str:
    lines = source.splitlines(keepends=True)
    for node in ast.parse(source).body:
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        if module == "__future__" or module.startswith("core."):
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = ""
    return "".join(lines)
