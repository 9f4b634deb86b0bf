"""One SSH login with paramiko, through jump hosts where the user's ssh_config has them."""

import socket
from collections.abc import Callable
from pathlib import Path

from paramiko import Channel, SSHException, Transport

from core.hosts.ssh.authenticate import AskSecret, authenticate
from core.hosts.ssh.effective import Target, effective
from core.hosts.ssh.host_keys import (
    AskTrust,
    HostKeyBook,
    check,
    known_hosts_name,
    prefer_known,
)
from core.hosts.ssh.problems import SshProblem, of_connecting
from core.hosts.ssh.protocol import Connect

ALIVE_EVERY_S = 5
ALIVE_COUNT = 3
MAX_JUMPS = 5

SplitJump = Callable[[str], tuple[str, str, int]]


class Login:
    """A chain of transports, the last one to the host itself."""

    def __init__(self, order: Connect, ask_trust: AskTrust, ask_secret: AskSecret) -> None:
        self._order = order
        self._ask_trust = ask_trust
        self._ask_secret = ask_secret
        self._chain: list[Transport] = []
        self.how = ""

    @property
    def transport(self) -> Transport:
        return self._chain[-1]

    def open(self, target: Target) -> None:
        """Connect and authenticate, hop by hop.

        Raises:
            SshProblem: whatever stands in the way, named.
        """
        if len(target.jumps) > MAX_JUMPS:
            raise SshProblem("ssh-config", f"more than {MAX_JUMPS} jump hosts")
        for jump in target.jumps:
            user, address, port = split_jump(jump)
            hop = effective(
                address,
                user,
                port,
                home=Path(self._order.user_home),
                config_file=self._order.config_file,
                timeout_s=self._order.timeout_s,
            )
            self._hop(hop, "")
        self._hop(target, self._order.key_file)

    def close(self) -> None:
        for transport in reversed(self._chain):
            transport.close()

    def _hop(self, target: Target, key_file: str) -> None:
        transport = Transport(self._way(target))
        self._chain.append(transport)
        book = HostKeyBook(self._known_hosts(target), self._order.station_known_hosts)
        name = known_hosts_name(target.address, target.port, target.host_key_alias)
        known = book.known(name)
        prefer_known(transport, known)
        try:
            transport.banner_timeout = target.connect_timeout_s
            transport.start_client(timeout=target.connect_timeout_s)
            check(book, name, transport.get_remote_server_key(), known, self._ask_trust)
            self.how = authenticate(transport, target, key_file, self._ask_secret)
        except (SSHException, EOFError, OSError) as error:
            where = {"address": target.address, "port": str(target.port)}
            raise SshProblem("ssh-protocol", str(error), **where) from error
        transport.set_keepalive(target.alive_every_s or ALIVE_EVERY_S)

    def _way(self, target: Target) -> socket.socket | Channel:
        """The wire to the next hop: TCP, or a channel through the hop before it."""
        if not self._chain:
            return tcp(target.address, target.port, target.connect_timeout_s)
        try:
            return self.transport.open_channel(
                "direct-tcpip",
                (target.address, target.port),
                ("127.0.0.1", 0),
                timeout=target.connect_timeout_s,
            )
        except SSHException as error:
            where = {"address": target.address, "port": str(target.port)}
            raise SshProblem("unreachable", str(error), **where) from error

    def _known_hosts(self, target: Target) -> list[str]:
        own = self._order.known_hosts_file
        return [own] if own else list(target.known_hosts_files)


def tcp(address: str, port: int, timeout_s: float) -> socket.socket:
    """A TCP connection whose death is noticed by the kernel too.

    Raises:
        SshProblem: name-unresolved, port-closed, timed-out, unreachable.
    """
    try:
        wire = socket.create_connection((address, port), timeout_s)
    except (OSError, UnicodeError) as error:
        raise of_connecting(
            error if isinstance(error, OSError) else OSError(str(error)), address, port
        ) from error
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, ALIVE_EVERY_S * ALIVE_COUNT * 1000)
    return wire


def split_jump(text: str) -> tuple[str, str, int]:
    """user@host:port of a ProxyJump word.

    Raises:
        SshProblem: ssh-config.
    """
    user, _, address = text.removeprefix("ssh://").rpartition("@")
    host, colon, port = address.rpartition(":")
    if not colon or address.endswith("]"):
        host, port = address, ""
    if port and not port.isdecimal():
        raise SshProblem("ssh-config", f"ProxyJump {text}")
    return user, host.strip("[]"), int(port or 0)
