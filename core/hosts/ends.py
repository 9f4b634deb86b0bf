"""What the end of a connection means: try again, ask again, or wait for a person."""

from core.hosts.protocol import Failure
from core.text import RingfenceError

_ASKS_FOR_CREDENTIALS = frozenset({"auth-needed", "auth-wrong"})

# Only a person can change these answers, and asking again and again may lock an account.
REFUSALS = frozenset(
    {
        "ssh-key-changed",
        "ssh-key-untrusted",
        "ssh-key-revoked",
        "ssh-openssh-untrusted",
        "ssh-login-refused",
        "ssh-key-file",
        "ssh-config",
        "ssh-secret-missing",
        "credentials-missing",
        "session-daemon",
    }
)

_WIRE_CLOSED = frozenset({"host-closed", "keepalive-lost"})
_SECRET_REFUSED = frozenset({"ssh-key-file", "ssh-login-refused"})


def refused_secret(failure: Failure) -> bool:
    """Whether what the user typed (or the keyring held) may have been wrong."""
    return is_auth_failure(failure) or failure.code in _SECRET_REFUSED


def is_auth_failure(failure: Failure) -> bool:
    return failure.code in _ASKS_FOR_CREDENTIALS


def as_failure(error: RingfenceError | OSError, host: str) -> Failure:
    """An exception of ours, or of starting a child, as the failure that health shows."""
    if isinstance(error, RingfenceError):
        params = {name: str(value) for name, value in error.params.items()}
        return Failure(error.code, params, error.detail)
    return Failure("child-not-started", {"host": host}, str(error))


def first_cause(worker: Failure | None, shell: Failure | None, channel: Failure | None) -> Failure:
    """Worker and shell fell together: the one nearer to the wire knows why.

    A worker whose channel could not be opened only knows that its socket was closed.
    """
    if shell is not None:
        return shell
    if channel is not None and (worker is None or worker.code in _WIRE_CLOSED):
        return channel
    return worker or Failure("worker-lost")
