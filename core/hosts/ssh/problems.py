"""What can go wrong on the way to a shell, as codes of the catalogue."""

import errno
import socket

from core.hosts.protocol import Failure


class SshProblem(Exception):
    """A failure with its code and parameters; `detail` is the other side's own words."""

    def __init__(self, code: str, detail: str = "", **params: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.params = params

    def as_failure(self, host: str) -> Failure:
        return Failure(self.code, {"host": host, **self.params}, self.detail)


def of_connecting(error: OSError, address: str, port: int) -> SshProblem:
    """Why no TCP connection came about."""
    where = {"address": address, "port": str(port)}
    if isinstance(error, socket.gaierror):
        return SshProblem("name-unresolved", str(error), **where)
    if isinstance(error, TimeoutError):
        return SshProblem("timed-out", str(error), **where)
    if error.errno == errno.ECONNREFUSED:
        return SshProblem("ssh-port-closed", str(error), **where)
    return SshProblem("unreachable", str(error), **where)
