"""Where ringfence-host keeps what it knows: the same names in every host."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

ETC = Path("/etc/ringfence")
OPERATORS = ETC / "operators"  # NAME.pub: one line, an Ed25519 public key in hex
POLICY = ETC / "policy.json"  # {"two_people": bool}
VAR = Path("/var/lib/ringfence")
HOLDS = VAR / "holds"
ANCHORS = VAR / "anchors"
EVIDENCE = VAR / "evidence"
KEPT = VAR / "kept"  # second names of the disk images of held machines
RUN = Path("/run/ringfence")  # what dies with the host's run: names of taps, rings of packets
PROGRAM = Path("/usr/sbin/ringfence-host")


class Places(NamedTuple):
    """The places a verb works in; tests have their own."""

    operators: Path = OPERATORS
    policy: Path = POLICY
    holds: Path = HOLDS
    anchors: Path = ANCHORS
    evidence: Path = EVIDENCE
    run: Path = RUN
    program: Path = PROGRAM
    kept: Path = KEPT


HERE = Places()


def places_below(root: Path) -> Places:
    """The same places in another tree."""
    return Places(*(root / place.relative_to("/") for place in HERE))
