"""A host that remembers holds and anchors: the code that runs on hosts, in a test's tree."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from core.hosts.helper.closed_set import ANSWERS
from core.hosts.helper.holds import (
    AnchorsSeen,
    AskRelease,
    ClearHold,
    HoldsSeen,
    ReadAnchors,
    ReadHolds,
    WriteAnchor,
    WriteHold,
)
from core.hosts.helper.on_host.anchors import read_anchors, write_anchor
from core.hosts.helper.on_host.holds import ask_release, clear_hold, read_holds, write_hold
from core.hosts.helper.on_host.places import Places, places_below
from core.hosts.helper.on_host.values import Refused
from core.hosts.helper.orders import HelperOrder
from core.hosts.protocol import Failure

MEMORY_ORDERS = (ReadHolds, WriteHold, AskRelease, ClearHold, WriteAnchor, ReadAnchors)
_VERBS: dict[type[HelperOrder], Callable[[dict[str, Any], Places], dict[str, Any]]] = {
    ReadHolds: read_holds,
    WriteHold: write_hold,
    AskRelease: ask_release,
    ClearHold: clear_hold,
    WriteAnchor: write_anchor,
    ReadAnchors: read_anchors,
}


def host_places(folder: Path) -> Places:
    return places_below(folder / "host")


def prepare(folder: Path, *operators: str, two_people: bool = False) -> None:
    """Let the host know these public keys, as a preparation does."""
    places = host_places(folder)
    places.operators.mkdir(parents=True, exist_ok=True)
    for number, key in enumerate(operators):
        _write(places.operators / f"operator-{number}.pub", key + "\n")
    _write(places.policy, json.dumps({"two_people": two_people}))
    places.program.parent.mkdir(parents=True, exist_ok=True)
    places.program.touch()


def remember(order: HelperOrder, folder: Path) -> HoldsSeen | AnchorsSeen | Failure:
    """Obey an order about what the host remembers."""
    values = msgspec.to_builtins(order)
    verb = _VERBS[type(order)]
    del values["order"], values["number"]
    try:
        answer = msgspec.convert(verb(values, host_places(folder)), ANSWERS[type(order)])
    except Refused as refused:
        return Failure(refused.code, {"host": "hv1"}, refused.detail)
    assert isinstance(answer, HoldsSeen | AnchorsSeen)
    return answer


def _write(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o644)
