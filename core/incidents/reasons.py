"""Why a machine is cut off: preset reasons, chosen by digit, editable, never empty."""

from core.text import RingfenceError, Text

# Digit d chooses the d-th; the words are in the catalogue and become the reason's text.
PRESET_REASONS = (
    Text("incidents.reason.malware"),
    Text("incidents.reason.ransomware"),
    Text("incidents.reason.intrusion"),
    Text("incidents.reason.data-leak"),
    Text("incidents.reason.attacks-others"),
    Text("incidents.reason.escape"),
    Text("incidents.reason.policy"),
    Text("incidents.reason.precaution"),
    Text("incidents.reason.drill"),
)

MAX_REASON_LENGTH = 1000


def checked_reason(reason: str) -> str:
    """Return the reason on one line.

    Raises:
        RingfenceError: it is empty, or longer than a screen can show.
    """
    line = " ".join(reason.split())
    if not line:
        raise RingfenceError("reason-empty")
    if len(line) > MAX_REASON_LENGTH:
        raise RingfenceError("reason-too-long", length=len(line), limit=MAX_REASON_LENGTH)
    return line
