"""As whom we are on a host, as far as the worker can tell; it never asks the host's shell."""

import os
import pwd
from urllib.parse import parse_qs, urlsplit

from core.facts import Identity, Reason, Transport, Unknown
from core.hosts.protocol import Open


def transport_of(order: Open) -> Transport:
    """Judged from the URI the worker was given; a socket of the SSH process means SSH."""
    scheme = urlsplit(order.uri).scheme
    if order.socket_path:
        return Transport.SSH
    if scheme.startswith("test"):
        return Transport.IN_PROCESS
    if scheme.split("+")[0] in {"esx", "gsx", "vpx", "hyperv"}:
        return Transport.HTTPS
    if scheme.endswith("+tls") or (urlsplit(order.uri).netloc and "+" not in scheme):
        return Transport.TLS
    return Transport.LOCAL


def peer_is_verified(order: Open) -> bool:
    return parse_qs(urlsplit(order.uri).query).get("no_verify", ["0"])[-1] in ("0", "")


def identity_of(order: Open, transport: Transport) -> Identity | Unknown:
    """Only what this process can be believed in; the session knows certificates and SSH."""
    match transport:
        case Transport.LOCAL | Transport.IN_PROCESS:
            return _local_identity()
        case Transport.HTTPS:
            user = urlsplit(order.uri).username or _asked_name(order)
            return Identity(user=user, how="password") if user else Unknown(Reason.NOT_READ)
        case _:
            return Unknown(Reason.NOT_READ)


def _asked_name(order: Open) -> str:
    return next((c.value for c in order.credentials if c.kind == 2), "")


def _local_identity() -> Identity:
    uid = os.getuid()
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:
        user = str(uid)
    return Identity(user=user, how="local socket", uid=uid, root=uid == 0)
