"""A real sshd on loopback, run by the test as whoever runs it, on a port of its own."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"

# Stands where libvirt's helper would: what is sent comes back, with what it was asked for.
HELPER = """#!/bin/sh
echo "helper $*"
exec cat
"""


def make_key(file: Path, kind: str = "ed25519", passphrase: str = "") -> Path:
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "", "-f", str(file)]
    subprocess.run(command, check=True)
    return file


class SshServer:
    """Listens from construction to `stop`; counts the logins it accepted."""

    def __init__(self, folder: Path, authorized: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.port = _free_port()
        self.user = getpass.getuser()
        self.host_key = make_key(folder / "host_key")
        self._log = folder / "log"
        (folder / "authorized").write_bytes(authorized.with_suffix(".pub").read_bytes())
        bin_folder = folder / "bin"
        bin_folder.mkdir()
        helper = bin_folder / "virt-ssh-helper"
        helper.write_text(HELPER)
        helper.chmod(0o755)
        (folder / "config").write_text(self._configuration(bin_folder))
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self._start()

    @property
    def logins(self) -> int:
        return self._log.read_text("utf-8", "replace").count("Accepted publickey ")

    @property
    def fingerprint(self) -> str:
        listed = subprocess.run(
            ["ssh-keygen", "-lf", str(self.host_key)], capture_output=True, check=True, text=True
        )
        return listed.stdout.split()[1]

    def known_hosts(self, file: Path) -> Path:
        """Write this server's key as a known one."""
        public = self.host_key.with_suffix(".pub").read_text().split()
        with file.open("a") as lines:
            lines.write(f"[127.0.0.1]:{self.port} {public[0]} {public[1]}\n")
        return file

    def change_host_key(self) -> None:
        self.stop()
        for file in (self.host_key, self.host_key.with_suffix(".pub")):
            file.unlink()
        make_key(self.host_key)
        self._start()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def cut(self) -> None:
        """End the server and every connection it serves."""
        for child in _children(self._process.pid):
            with suppress(ProcessLookupError):  # it may end by itself meanwhile
                os.kill(child, 9)
        self.stop()

    def _start(self) -> None:
        command = [SSHD, "-D", "-e", "-f", str(self.folder / "config")]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log)
        ends_at = time.monotonic() + 5
        while not _listens(self.port):
            if time.monotonic() > ends_at:
                raise TimeoutError(self._log.read_text())
            time.sleep(0.01)

    def _configuration(self, bin_folder: Path) -> str:
        return "\n".join(
            [
                f"Port {self.port}",
                "ListenAddress 127.0.0.1",
                f"HostKey {self.host_key}",
                f"AuthorizedKeysFile {self.folder / 'authorized'}",
                "PidFile none",
                "StrictModes no",
                "UsePAM no",
                "PasswordAuthentication no",
                "KbdInteractiveAuthentication no",
                "PermitRootLogin prohibit-password",
                "LogLevel VERBOSE",
                f"SetEnv PATH={bin_folder}:/usr/bin:/bin HOME={self.folder}",
                "",
            ]
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    found, frontier = list[int](), {pid}
    while frontier:
        frontier = {child for child, parent in pairs if parent in frontier}
        found.extend(frontier)
    return found
