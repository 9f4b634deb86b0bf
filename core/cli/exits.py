"""Exit codes of the terminal, documented in docs/terminal.md."""

from enum import IntEnum


class Exit(IntEnum):
    DONE = 0
    FINDINGS = 1  # findings at or above --fail-on, or a record that does not verify
    USAGE = 2
    NOT_REACHED = 3
    CHANGE_FAILED = 4  # failed or partly done
    REFUSED = 5


NOT_REACHED_CODES = frozenset(
    {"worker-lost", "host-not-reached", "host-stale", "timed-out", "host-not-connected"}
)
REFUSED_CODES = frozenset(
    {
        "drill-name",
        "drill-not-harmless",
        "drill-held",
        "host-read-only",
        "refused",
        "not-held",
        "already-held",
        "reason-empty",
        "hold-stands",
        "prepare-foreign",
        "prepare-needs-root",
        "prepare-nothing",
        "prepare-one-person",
    }
)


def exit_for(code: str) -> Exit:
    """Which exit a RingfenceError's code stands for."""
    if code in NOT_REACHED_CODES:
        return Exit.NOT_REACHED
    if code in REFUSED_CODES:
        return Exit.REFUSED
    return Exit.USAGE
