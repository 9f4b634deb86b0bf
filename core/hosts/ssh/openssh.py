"""OpenSSH as a child, where ssh_config asks for what paramiko cannot do: one login as well.

A master connection is opened once; shells and libvirt's channels go through it. It asks nobody:
no prompt, and only host keys that are known already.
"""

import base64
import re
import socket
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

from core.hosts.ssh.effective import Target
from core.hosts.ssh.host_keys import fingerprint
from core.hosts.ssh.problems import SshProblem
from core.hosts.ssh.protocol import Connect

MAX_ERROR_BYTES = 4000

# OpenSSH's own words -> code
_WORDS = (
    ("host key verification failed", "ssh-openssh-untrusted"),
    ("permission denied", "ssh-login-refused"),
    ("too many authentication failures", "ssh-login-refused"),
    ("could not resolve hostname", "name-unresolved"),
    ("connection refused", "ssh-port-closed"),
    ("connection timed out", "timed-out"),
    ("no route to host", "unreachable"),
    ("network is unreachable", "unreachable"),
    ("bad configuration option", "ssh-config"),
)


class OpenSshWire:
    """Opens the master, then runs what is asked through it."""

    carrier = "openssh"

    def __init__(self, order: Connect, target: Target, control_path: Path) -> None:
        self._order = order
        self._target = target
        self._control = control_path
        self._errors = control_path.with_suffix(".err")
        self._master: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Log in.

        Raises:
            SshProblem: named from what ssh says.
        """
        with self._errors.open("wb") as errors:
            self._master = subprocess.Popen(
                ["ssh", "-M", "-N", "-T", *self._options(), "--", self._order.address],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        ends_at = time.monotonic() + self._target.connect_timeout_s + 10
        while not self._control.is_socket():
            if self._master.poll() is not None:
                raise self._problem()
            if time.monotonic() > ends_at:
                self.close()
                where = {"address": self._target.address, "port": str(self._target.port)}
                raise SshProblem("timed-out", self._said(), **where)
            time.sleep(0.02)

    def run(self, script: bytes, most_bytes: int, deadline_s: float) -> bytes:
        """What the script prints, cut at `most_bytes`: a host that never stops is not awaited.

        Raises:
            TimeoutError: it printed less and did not end in time.
        """
        with subprocess.Popen(
            self._through("/bin/sh"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as child:
            late = threading.Timer(deadline_s, child.kill)
            late.start()
            try:
                said = _exchanged(child, script, most_bytes)
                in_time = late.is_alive()
            finally:
                late.cancel()
                child.kill()
        if not in_time:
            raise TimeoutError("the host's shell did not answer in time")
        return said

    def join(self, near: socket.socket, command: str) -> str:
        with (
            near,
            subprocess.Popen(
                self._through(command),
                stdin=near.fileno(),
                stdout=near.fileno(),
                stderr=subprocess.PIPE,
            ) as channel,
        ):
            near.close()  # the child holds the connection now
            said = channel.stderr.read(MAX_ERROR_BYTES) if channel.stderr else b""
        return said.decode("utf-8", "replace").strip()

    def wait_end(self) -> str:
        if self._master is not None:
            self._master.wait()
        return self._said()

    def close(self) -> None:
        if self._master is not None and self._master.poll() is None:
            self._master.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._master.wait(1.0)

    def _options(self) -> list[str]:
        order = self._order
        known = order.known_hosts_file or " ".join(self._target.known_hosts_files)
        pairs = {
            "BatchMode": "yes",
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": f"{known} {order.station_known_hosts}".strip(),
            "ControlPath": str(self._control),
            "ControlPersist": "no",
            "ConnectTimeout": f"{max(1, int(self._target.connect_timeout_s))}",
            "ServerAliveInterval": "5",
            "ServerAliveCountMax": "3",
            "ForwardAgent": "no",
            "ForwardX11": "no",
            "ClearAllForwardings": "yes",
            "PermitLocalCommand": "no",
        }
        if order.key_file:
            pairs |= {"IdentityFile": order.key_file, "IdentitiesOnly": "yes"}
        options = [part for name, value in pairs.items() for part in ("-o", f"{name}={value}")]
        options += ["-F", order.config_file] if order.config_file else []
        options += ["-l", order.user] if order.user else []
        return options + (["-p", str(order.port)] if order.port else [])

    def _through(self, command: str) -> list[str]:
        """Only the master's way: a channel never becomes a login of its own."""
        refuse = ["-o", "ProxyCommand=false", "-o", "ProxyJump=none"]
        return [
            *("ssh", "-S", str(self._control), "-T", *self._options(), *refuse),
            *("--", self._order.address, command),
        ]

    def _said(self) -> str:
        try:
            return self._errors.read_bytes()[-MAX_ERROR_BYTES:].decode("utf-8", "replace").strip()
        except OSError:
            return ""

    def _problem(self) -> SshProblem:
        said = self._said()
        lower = said.lower()
        where = {"address": self._target.address, "port": str(self._target.port)}
        if "identification has changed" in lower:
            return changed_key(said, self._target.address)
        for words, code in _WORDS:
            if words in lower:
                return SshProblem(code, said, **where, user=self._target.user)
        return SshProblem("ssh-protocol", said, **where)


def changed_key(said: str, name: str) -> SshProblem:
    """Both fingerprints, from ssh's warning and from the line of known_hosts it points at."""
    offered = re.search(r"SHA256:[A-Za-z0-9+/]+", said)
    offending = re.search(r"Offending (\S+) key in (.+):(\d+)", said)
    kind, file, line = offending.groups() if offending else ("", "", "0")
    return SshProblem(
        "ssh-key-changed",
        said,
        name=name,
        kind=kind,
        known=_fingerprint_at(Path(file), int(line)) if file else "?",
        offered=offered.group(0) if offered else "?",
        file=file,
    )


def _fingerprint_at(file: Path, line: int) -> str:
    try:
        words = file.read_text("utf-8", "replace").splitlines()[line - 1].split()
        return fingerprint(base64.b64decode(words[2], validate=True))
    except (OSError, ValueError, IndexError):
        return "?"


def _exchanged(child: subprocess.Popen[bytes], script: bytes, most_bytes: int) -> bytes:
    assert child.stdin is not None
    assert child.stdout is not None
    with suppress(BrokenPipeError):  # a shell that ends early has said what it had to say
        child.stdin.write(script)
        child.stdin.close()
    return child.stdout.read(most_bytes)
