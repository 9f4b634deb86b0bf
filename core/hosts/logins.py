"""How we get into a host: which shell, whose keys, which certificates, which secrets.

Secrets come from the user or the desktop's keyring, live in this process for as long as the
session does, and are asked for again after they were refused. Never from a file in plain text.
"""

import asyncio
import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from core.facts import Transport
from core.hosts.process import Launch, module_launch
from core.hosts.prompts import Prompts
from core.hosts.protocol import Credential
from core.hosts.ssh.protocol import LIBVIRT_URIS, Connect
from core.hosts.uri import HostUri, valid_host
from core.settings.model import HostEntry
from core.settings.places import Places
from core.settings.secrets import Secrets
from core.text import RingfenceError

VIR_CRED_USERNAME = 1
VIR_CRED_AUTHNAME = 2
VIR_CRED_PASSPHRASE = 5
VIR_CRED_NOECHOPROMPT = 7

_LOG = logging.getLogger("ringfence.hosts")
_SSH_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@\\$-]{0,63}")
_CERTIFICATE_FILES = ("cacert.pem", "clientcert.pem", "clientkey.pem")


class Logins:
    """Answers what one host asks for, each question once; itself a `Prompts`."""

    def __init__(
        self, entry: HostEntry, uri: HostUri, prompts: Prompts, secrets: Secrets | None = None
    ) -> None:
        self._entry = entry
        self._uri = uri
        self._prompts = prompts
        self._secrets = secrets
        self._known: dict[str, str] = {}
        self._wanted = uri.transport is Transport.HTTPS
        self._refused = 0

    @property
    def may_ask(self) -> bool:
        """Whether another try with newly asked values makes sense after a refusal."""
        return self._refused <= 2 and self._uri.transport in (Transport.TLS, Transport.HTTPS)

    async def forget(self) -> None:
        """What we had was refused (or nothing was asked yet): ask from now on, ask anew."""
        for what in self._known:
            await self._keyring("forget", what)
        self._known.clear()
        self._refused += 1
        self._wanted = self.may_ask

    async def credentials(self) -> tuple[Credential, ...]:
        """Name and password for libvirt's own authentication, where the host wants one.

        Raises:
            RingfenceError: credentials-missing: the user gave none.
        """
        if not self._wanted:
            return ()
        name = self._uri.user or await self._value("user", secret=False)
        password = await self._value(f"libvirt-password {name}", secret=True)
        return (
            Credential(VIR_CRED_USERNAME, name),
            Credential(VIR_CRED_AUTHNAME, name),
            Credential(VIR_CRED_PASSPHRASE, password),
            Credential(VIR_CRED_NOECHOPROMPT, password),
        )

    async def _value(self, what: str, *, secret: bool) -> str:
        value = await self.credential(self._entry.name, what, secret)
        if value is None:
            raise RingfenceError("credentials-missing", host=self._entry.name)
        return value

    async def credential(self, host: str, what: str, secret: bool) -> str | None:
        if what in self._known:
            return self._known[what]
        value = await self._keyring("get", what)
        if value is None:
            value = await self._prompts.credential(host, what, secret)
            if value is None:
                return None
            await self._keyring("put", what, value)
        self._known[what] = value
        return value

    async def _keyring(
        self, verb: Literal["get", "put", "forget"], what: str, value: str = ""
    ) -> str | None:
        """The desktop may ask for a password meanwhile: never on the loop. A keyring that
        refuses is no reason not to connect: then the user is asked each time."""
        secrets, host = self._secrets, self._entry.name
        if secrets is None:
            return None
        try:
            if verb == "get":
                return await asyncio.to_thread(secrets.get, host, what)
            if verb == "put":
                await asyncio.to_thread(secrets.put, host, what, value)
            else:
                await asyncio.to_thread(secrets.forget, host, what)
        except RingfenceError as error:
            _LOG.warning("%s: keyring: %s", host, error.detail)
        return None

    async def trust_host_key(
        self, host: str, address: str, kind: str, fingerprint: str, known: str | None
    ) -> bool:
        return await self._prompts.trust_host_key(host, address, kind, fingerprint, known)

    def agent(self) -> Mapping[str, str]:
        """What only the SSH process may know of the user's environment."""
        if not self.over_ssh:
            return {}
        names = ("SSH_AUTH_SOCK", "KRB5CCNAME")
        return {name: value for name in names if (value := os.environ.get(name, ""))}

    @property
    def over_ssh(self) -> bool:
        return self._uri.transport is Transport.SSH or self._entry.ssh is not None


def has_shell(uri: HostUri, entry: HostEntry) -> bool:
    """Whether we can read what only the host's shell tells."""
    if uri.transport is Transport.IN_PROCESS:
        return False
    return uri.transport in (Transport.SSH, Transport.LOCAL) or entry.ssh is not None


def reaches_helper(uri: HostUri, entry: HostEntry) -> bool:
    """Whether there is an SSH login at all, which ringfence-host needs."""
    return has_shell(uri, entry) and (uri.transport is Transport.SSH or entry.ssh is not None)


def shell_launch(uri: HostUri, entry: HostEntry) -> Launch:
    """The SSH process, or for this very machine the reader that needs no login."""
    if uri.transport is Transport.LOCAL and entry.ssh is None:
        return module_launch("core.hosts.hostfacts")
    return module_launch("core.hosts.ssh")


def connect_order(
    entry: HostEntry, uri: HostUri, places: Places, scratch: Path, socket_path: str
) -> Connect:
    """Whom the SSH process shall reach: the entry's own words win over the URI's.

    Raises:
        RingfenceError: ssh-target: a name that could be taken for something else.
    """
    ssh = entry.ssh
    address = ssh.host if ssh else uri.host
    user = (ssh.user if ssh else "") or uri.user
    port = (ssh.port if ssh else 0) or (uri.port if uri.transport is Transport.SSH else 0)
    if address and not valid_host(address):
        raise RingfenceError("ssh-target", target=address)
    if user and not _SSH_USER.fullmatch(user):
        raise RingfenceError("ssh-target", target=user)
    libvirt_uri = f"{uri.driver}://{uri.path}"
    return Connect(
        host=entry.name,
        address=address,
        user=user,
        port=port,
        key_file=_expanded((ssh.key_file if ssh else "") or uri.params.get("keyfile", "")),
        known_hosts_file=uri.params.get("known_hosts", ""),
        station_known_hosts=str(places.state_dir / "known_hosts"),
        user_home=str(Path.home()),
        config_file=os.environ.get("RINGFENCE_SSH_CONFIG", ""),
        scratch_dir=str(scratch),
        socket_path=socket_path,
        libvirt_uri=libvirt_uri if libvirt_uri in LIBVIRT_URIS else "",
        read_only=entry.read_only,
    )


def _expanded(file: str) -> str:
    return str(Path(file).expanduser()) if file else ""


def pki_dir_of(entry: HostEntry, uri: HostUri, places: Places) -> str:
    """The host's own certificates; else the user's; else (empty) the system's."""
    if uri.transport is not Transport.TLS:
        return ""
    declared = entry.pki_dir or uri.params.get("pkipath", "")
    if declared:
        return str(Path(declared).expanduser())
    for folder in (places.pki_dir / entry.name, Path.home() / ".pki" / "libvirt"):
        if all((folder / name).is_file() for name in _CERTIFICATE_FILES):
            return str(folder)
    return ""
