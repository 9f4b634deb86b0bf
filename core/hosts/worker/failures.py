"""libvirt's errors to codes of the catalogue, and to reasons why a fact is unknown.

The error's own words stay in `detail`. Words are matched only where libvirt gives many causes
one number (TLS, sockets); they are the daemon's English source strings.
"""

import re

import libvirt

from core.facts import Reason, Unknown
from core.hosts.protocol import Failure
from core.hosts.worker.xml.document import bounded

_MAX_DETAIL = 2000

# Order matters: the first pattern that is found decides.
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), code)
    for pattern, code in (
        (r"cannot acquire state change lock", "busy-lock"),
        (r"(client certificate|our own certificate) .*expired", "tls-own-expired"),
        (r"our own certificate .*failed validation", "tls-own-unknown-ca"),
        (r"verify peer's certificate", "tls-unverified"),  # why, is only in libvirt's own log
        (r"peer certificate .*was not ok|certificate verification failed", "tls-unverified"),
        (r"expecting '.*' to be a .* but found a ", "driver-other"),
        (r"certificate .*has expired|certificate has expired", "tls-expired"),
        (r"certificate .*not yet active|not yet activated", "tls-not-yet-valid"),
        (r"does not match the hostname|name does not match", "tls-wrong-name"),
        (r"known issuer|unknown ca|certificate is not trusted|revoked", "tls-unknown-ca"),
        (r"insecure algorithm", "tls-unknown-ca"),
        (r"cannot read ca certificate|cannot read .*cert|unable to import", "tls-files"),
        (r"cert(ificate)?.*(no such file|permission denied)", "tls-files"),
        (r"handshake failed|tls .*alert|received alert|certificate is required", "tls-refused"),
        (r"name or service not known|temporary failure in name", "name-unresolved"),
        (r"unable to resolve address|could not resolve", "name-unresolved"),
        (r"socket to '.*': no such file|socket to '.*': connection refused", "daemon-missing"),
        (r"socket to '.*': permission denied", "refused-group"),
        (r"connection refused", "port-closed"),
        (r"no route to host|network is unreachable|host is down", "unreachable"),
        (r"timed out|timeout was reached", "timed-out"),
        (r"keepalive timeout", "keepalive-lost"),
        (r"end of file while reading|connection reset|broken pipe", "host-closed"),
        (r"polkit|org\.libvirt\.", "refused-polkit"),
        (r"no worthy mechs|no common mechanism", "auth-needed"),
        (r"missing authentication credentials|authentication required", "auth-needed"),
        (r"(password|username|user name) request failed", "auth-needed"),
        (r"incorrect user name or password|invalid login|authentication failure", "auth-wrong"),
        (r"read only access prevents|read-only", "not-read-only"),
        (r"program .*not supported|unknown procedure|version mismatch", "version-too-old"),
        (r"no connection driver available|built without the", "driver-missing"),
        (r"too many active clients|max_clients", "host-full"),
    )
)

_CODES: dict[int, str] = {
    libvirt.VIR_ERR_NO_SUPPORT: "no-support",
    libvirt.VIR_ERR_CONFIG_UNSUPPORTED: "no-support",
    libvirt.VIR_ERR_OPERATION_UNSUPPORTED: "no-support",
    libvirt.VIR_ERR_OPERATION_DENIED: "not-read-only",
    libvirt.VIR_ERR_ACCESS_DENIED: "refused-polkit",
    libvirt.VIR_ERR_AUTH_UNAVAILABLE: "refused-polkit",
    libvirt.VIR_ERR_AUTH_FAILED: "auth-wrong",
    libvirt.VIR_ERR_AUTH_CANCELLED: "auth-needed",
    libvirt.VIR_ERR_NO_DOMAIN: "machine-gone",
    libvirt.VIR_ERR_OPERATION_TIMEOUT: "busy-lock",
    libvirt.VIR_ERR_OPERATION_INVALID: "wrong-state",
    libvirt.VIR_ERR_NO_SERVER: "host-closed",
    libvirt.VIR_ERR_RPC: "version-too-old",
}

_CLOSED = frozenset({"keepalive-lost", "host-closed"})

_REASONS: dict[str, Reason] = {
    "no-support": Reason.NOT_SUPPORTED,
    "version-too-old": Reason.NOT_SUPPORTED,
    "not-read-only": Reason.NOT_PERMITTED,
    "refused-polkit": Reason.NOT_PERMITTED,
    "refused-group": Reason.NOT_PERMITTED,
}


def failure_of(error: libvirt.libvirtError) -> Failure:
    """Name what happened. What nobody foresaw is `libvirt-other` with libvirt's own words."""
    number = error.get_error_code() or 0
    detail = words_of(error)
    return Failure(
        code=_code(number, detail),
        params={"words": bounded(detail, 300)},
        detail=detail,
        libvirt_code=number,
        libvirt_domain=error.get_error_domain() or 0,
    )


def _code(number: int, detail: str) -> str:
    if number in (libvirt.VIR_ERR_NO_DOMAIN, libvirt.VIR_ERR_NO_SUPPORT):
        return _CODES[number]
    for pattern, code in _WORDS:
        if pattern.search(detail):
            return code
    return _CODES.get(number, "libvirt-other")


def words_of(error: libvirt.libvirtError) -> str:
    return bounded(error.get_error_message() or str(error), _MAX_DETAIL)


def unknown_of(error: libvirt.libvirtError) -> Unknown:
    """Why a fact is missing when the call for it failed."""
    failure = failure_of(error)
    return Unknown(_REASONS.get(failure.code, Reason.FAILED), bounded(failure.detail, 300))


def ends_connection(error: libvirt.libvirtError) -> bool:
    """Whether this error means that nothing more will come from this connection."""
    return failure_of(error).code in _CLOSED


def is_gone(error: libvirt.libvirtError) -> bool:
    return bool(error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN)
