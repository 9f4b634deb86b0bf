"""A libvirt URI is a program: only allow-listed drivers, transports and parameters pass.

`parse_uri` returns what it understood; the text that reaches libvirt is always written anew from
those parts (`HostUri.text`, `HostUri.for_worker`), never the text that came in. `command`,
`netcat`, `proxy`, `socket` and their like are set by us alone (house rule 8).
"""

import ipaddress
import re
from urllib.parse import quote, unquote

from msgspec import Struct

from core.facts import Transport
from core.text import RingfenceError

MAX_URI_LENGTH = 2048

_SHAPE = re.compile(
    r"(?P<driver>[a-z]+)(?:\+(?P<transport>[a-z0-9]+))?://(?P<authority>[^/?#]*)"
    r"(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?"
)
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?\.?")
_USER = re.compile(r"[A-Za-z0-9_.$][A-Za-z0-9_.@$\\ +-]{0,127}")
_SCOPE = re.compile(r"[A-Za-z0-9_.-]{1,15}")
_FILE = re.compile(r"/[^\x00-\x1f\x7f]{1,1023}")
_DATACENTER = re.compile(r"(?:/[A-Za-z0-9 ()_.+-]{1,80}){1,8}")
_PRIORITY = re.compile(r"[A-Za-z0-9+:%!._@-]{1,200}")

_DAEMON_DRIVERS = frozenset({"qemu", "xen", "lxc", "ch"})
_VMWARE_DRIVERS = frozenset({"esx", "gsx", "vpx"})
_HTTPS_DRIVERS = _VMWARE_DRIVERS | {"hyperv"}
DRIVERS = _DAEMON_DRIVERS | _HTTPS_DRIVERS | {"test"}

_DAEMON_TRANSPORTS = {"tls": Transport.TLS, "ssh": Transport.SSH, "unix": Transport.LOCAL}
_REFUSED_TRANSPORTS = frozenset({"tcp", "ext", "libssh", "libssh2"})
_REFUSED_PARAMETERS = frozenset(
    {"command", "netcat", "proxy", "socket", "ext", "name", "known_hosts_verify", "sshauth"}
)
_ALLOWED_PARAMETERS = {
    Transport.LOCAL: frozenset({"mode"}),
    Transport.TLS: frozenset({"mode", "pkipath", "no_verify", "tls_priority"}),
    Transport.SSH: frozenset({"mode", "keyfile", "known_hosts", "no_tty"}),
    Transport.HTTPS: frozenset({"no_verify", "transport", "vcenter", "auto_answer"}),
    Transport.IN_PROCESS: frozenset[str](),
}
_PATHS = {
    "qemu": ("/system", "/session"),
    "ch": ("/system", "/session"),
    "lxc": ("/system",),
    "xen": ("/system",),
}


class HostUri(Struct, frozen=True):
    """The parts of a URI that passed. `host` is without brackets, empty for this machine."""

    driver: str
    transport: Transport
    host: str = ""
    port: int = 0
    user: str = ""
    path: str = ""
    params: dict[str, str] = {}

    @property
    def verified(self) -> bool:
        """Whether the peer is made to prove who it is; False only with no_verify."""
        return self.params.get("no_verify", "0") == "0"

    @property
    def text(self) -> str:
        """The URI written anew from its parts."""
        return self._written(self.params)

    def for_worker(self, *, pki_dir: str = "", socket_path: str = "") -> str:
        """Write the URI that libvirt opens: through our own socket, with our own PKI directory."""
        if socket_path:
            shape = quote(socket_path, safe="/")
            return f"{self.driver}+unix://{self.path}?socket={shape}"
        params = dict(self.params)
        if self.transport is Transport.TLS and pki_dir:
            params["pkipath"] = pki_dir
        return self._written(params)

    def _written(self, params: dict[str, str]) -> str:
        user = quote(self.user, safe="") + "@" if self.user else ""
        host = f"[{self.host.replace('%', '%25')}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port else ""
        query = "&".join(f"{name}={quote(value, safe='/')}" for name, value in params.items())
        scheme = self.driver + _SCHEME_ENDING.get(self.transport, "")
        path = quote(self.path, safe="/")
        return f"{scheme}://{user}{host}{port}{path}" + (f"?{query}" if query else "")


_SCHEME_ENDING = {Transport.TLS: "+tls", Transport.SSH: "+ssh"}


def parse_uri(text: str) -> HostUri:
    """Understand a URI, or refuse it.

    Raises:
        RingfenceError: the code names what was refused (`uri-*`).
    """
    if not text or len(text) > MAX_URI_LENGTH:
        raise RingfenceError("uri-length", maximum=MAX_URI_LENGTH)
    match = _SHAPE.fullmatch(text)
    if match is None or not text.isascii() or not text.isprintable() or " " in text:
        raise RingfenceError("uri-shape")
    driver, path = match["driver"], _decoded(match["path"] or "")
    user, host, port = _authority(match["authority"])
    transport = _transport(driver, match["transport"], host)
    if transport in (Transport.LOCAL, Transport.IN_PROCESS) and (user or port):
        raise RingfenceError("uri-authority-local")
    params = _parameters(match["query"] or "", transport)
    return HostUri(driver, transport, host, port, user, _path(driver, path), params)


def _transport(driver: str, ending: str | None, host: str) -> Transport:
    if driver not in DRIVERS:
        raise RingfenceError("uri-driver", driver=driver)
    if ending in _REFUSED_TRANSPORTS:
        raise RingfenceError("uri-transport-refused", transport=ending)
    if driver in _HTTPS_DRIVERS or driver == "test":
        return _fixed_transport(driver, ending, host)
    if ending is not None and ending not in _DAEMON_TRANSPORTS:
        raise RingfenceError("uri-transport", transport=ending)
    remote = _DAEMON_TRANSPORTS[ending] if ending else Transport.TLS
    if host and remote is Transport.LOCAL:
        raise RingfenceError("uri-authority-local")
    if not host and ending in ("tls", "ssh"):
        raise RingfenceError("uri-host-missing")
    return remote if host else Transport.LOCAL


def _fixed_transport(driver: str, ending: str | None, host: str) -> Transport:
    if ending is not None:
        raise RingfenceError("uri-transport", transport=ending)
    if driver == "test":
        if host:
            raise RingfenceError("uri-authority-local")
        return Transport.IN_PROCESS
    if not host:
        raise RingfenceError("uri-host-missing")
    return Transport.HTTPS


def _authority(text: str) -> tuple[str, str, int]:
    user_text, at, address = text.rpartition("@")
    if at and ":" in user_text:
        raise RingfenceError("uri-password")
    user = _decoded(user_text)
    if at and not _USER.fullmatch(user):
        raise RingfenceError("uri-user", user=user)
    host, port = _address(address)
    if at and not host:
        raise RingfenceError("uri-host-missing")
    return user, host, port


def _address(text: str) -> tuple[str, int]:
    if text.startswith("["):
        inside, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise RingfenceError("uri-host", host=text)
        return _ipv6(_decoded(inside)), _port(rest[1:]) if rest else 0
    host, colon, port = text.partition(":")
    if colon and not host:
        raise RingfenceError("uri-host-missing")
    if host and not valid_host(host):
        raise RingfenceError("uri-host", host=host)
    return host, _port(port) if colon else 0


def valid_host(host: str) -> bool:
    """Whether this can be a name or an address and never an option of a program."""
    if ":" in host:
        return _is_ipv6(host)
    return bool(_HOST.fullmatch(host)) and ".." not in host


def _ipv6(text: str) -> str:
    if not _is_ipv6(text):
        raise RingfenceError("uri-host", host=text)
    return text


def _is_ipv6(text: str) -> bool:
    address, percent, scope = text.partition("%")
    if percent and not _SCOPE.fullmatch(scope):
        return False
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        return False
    return True


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise RingfenceError("uri-port", port=text)
    return int(text)


def _path(driver: str, path: str) -> str:
    if driver == "test":
        allowed = path == "/default" or (
            _FILE.fullmatch(path) is not None and path.endswith(".xml") and "/.." not in path
        )
    elif driver == "vpx":
        allowed = _DATACENTER.fullmatch(path) is not None and "/.." not in path
    elif driver in _HTTPS_DRIVERS:
        allowed, path = path in ("", "/"), "/"
    else:
        allowed = path in _PATHS[driver]
    if not allowed:
        raise RingfenceError("uri-path", path=path, driver=driver)
    return path


def _parameters(query: str, transport: Transport) -> dict[str, str]:
    params: dict[str, str] = {}
    if ";" in query:  # libvirt splits there too
        raise RingfenceError("uri-parameter-value", parameter=";", value=query)
    for part in query.split("&") if query else ():
        raw_name, _, raw_value = part.partition("=")
        name, value = _decoded(raw_name), _decoded(raw_value)
        _check_parameter(name, value, transport)
        if name in params:
            raise RingfenceError("uri-parameter-twice", parameter=name)
        params[name] = value
    return params


def _check_parameter(name: str, value: str, transport: Transport) -> None:
    allowed = _ALLOWED_PARAMETERS[transport]
    if name.lower() in _REFUSED_PARAMETERS:
        raise RingfenceError("uri-parameter-refused", parameter=name)
    if name not in allowed:
        raise RingfenceError("uri-parameter-unknown", parameter=name, allowed=" ".join(allowed))
    if not _good_value(name, value):
        raise RingfenceError("uri-parameter-value", parameter=name, value=value)


def _good_value(name: str, value: str) -> bool:
    if name in ("no_verify", "no_tty", "auto_answer"):
        return value in ("0", "1")
    if name == "mode":
        return value in ("auto", "direct", "legacy")
    if name == "transport":
        return value == "https"
    if name == "vcenter":
        return value == "*" or valid_host(value)
    if name == "tls_priority":
        return _PRIORITY.fullmatch(value) is not None
    return _FILE.fullmatch(value) is not None


def _decoded(text: str) -> str:
    """Undo percent-encoding; what is then not printable text is refused."""
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise RingfenceError("uri-shape") from None
    if re.search(r"%(?![0-9A-Fa-f]{2})", text) or not plain.isprintable():
        raise RingfenceError("uri-shape")
    return plain
