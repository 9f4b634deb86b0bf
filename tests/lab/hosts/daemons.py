"""The two daemons of a lab host, sshd and libvirtd: started, killed, frozen."""

import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.lab.commands import Completed
from tests.lab.hosts.wiring import processes_in

TLS_PORT = 16514
SSH_PORT = 22
Execute = Callable[[list[str]], Completed]


def start_sshd(execute: Execute) -> None:
    execute(["/usr/sbin/sshd", "-E", "/var/log/sshd.log"])


def start_libvirtd(execute: Execute, address: str) -> None:
    """Start it and wait until it answers on its TLS port."""
    execute(["/usr/sbin/libvirtd", "--daemon", "--listen"])
    wait_for_port(address, TLS_PORT)


def wait_for_port(address: str, port: int, timeout_seconds: float = 20) -> None:
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            socket.create_connection((address, port), timeout=1).close()
        except OSError as refusal:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{address}:{port} does not answer: {refusal}") from refusal
            time.sleep(0.02)
        else:
            return


def signal_libvirtd(space: str, number: signal.Signals) -> None:
    """Send a signal to the host's libvirtd; its machines go on running."""
    for pid in libvirtd_pids(space):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def kill_libvirtd(space: str) -> None:
    """End libvirtd as a crash would, and wait until it is gone."""
    deadline = time.monotonic() + 10
    while libvirtd_pids(space) and time.monotonic() < deadline:
        signal_libvirtd(space, signal.SIGKILL)
        time.sleep(0.02)


def libvirtd_pids(space: str) -> list[int]:
    return [pid for pid in processes_in(space) if _command(pid) == "libvirtd"]


def _command(pid: int) -> str:
    try:
        return Path("/proc", str(pid), "comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def login_count(tree: Path) -> int:
    """How many SSH logins the host has let in since it came up."""
    log = (tree / "var/log/sshd.log").read_text(errors="replace")
    return log.count("Accepted publickey for ")
