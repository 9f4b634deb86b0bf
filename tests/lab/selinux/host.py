"""The SELinux host while it runs: an emulated machine, reached over SSH and TLS on our loopback."""

import re
import shlex
import socket
import subprocess
import time
from pathlib import Path

from tests.lab.commands import Completed, plain_environment, run
from tests.lab.selinux.image import SelinuxImage
from tests.lab.selinux.monitor import Monitor

MEMORY_MIB = 2048
BOOT_TIMEOUT_SECONDS = 240
ADDRESS = "127.0.0.1"


class SelinuxHost:
    """One run of the image; `preparing` means from its first boot on, and writes are kept.

    Afterwards it wakes up where the preparation left it, in seconds. What it writes then goes with
    its directory; a reboot finds it.
    """

    name = "selinux"

    def __init__(self, image: SelinuxImage, directory: Path, *, preparing: bool = False) -> None:
        self.pki_dir = image.pki_dir
        self.ssh_key = image.ssh_key
        self.known_hosts = directory / "known_hosts"
        self.address = ADDRESS
        self.ssh_port = _free_port()
        self.tls_port = _free_port()
        self._image = image
        self._directory = directory
        self._preparing = preparing
        self._waking = not preparing
        self._emulator: subprocess.Popen[bytes] | None = None

    @property
    def tls_uri(self) -> str:
        return f"qemu://{ADDRESS}:{self.tls_port}/system?pkipath={self.pki_dir}"

    @property
    def ssh_uri(self) -> str:
        return self.ssh_uri_as("root")

    def ssh_uri_as(self, user: str) -> str:
        keys = f"keyfile={self.ssh_key}&known_hosts={self.known_hosts}"
        return f"qemu+ssh://{user}@{ADDRESS}:{self.ssh_port}/system?{keys}"

    def libssh_uri(self, user: str = "root") -> str:
        """The same for a bare libvirt client, which is told the host keys in the URI."""
        return (
            f"qemu+libssh://{user}@{ADDRESS}:{self.ssh_port}/system?keyfile={self.ssh_key}"
            f"&known_hosts={self.known_hosts}&known_hosts_verify=normal&sshauth=privkey"
        )

    def boot(self) -> None:
        """Switch the machine on and wait until it lets us in."""
        self._directory.mkdir(parents=True, exist_ok=True)
        kind, key, _ = self._image.host_key.read_text().split()
        self.known_hosts.write_text(f"[{ADDRESS}]:{self.ssh_port} {kind} {key}\n")
        if not self._preparing:
            words = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw"]
            run([*words, "-b", str(self._image.disk), str(self._written)])
        self._switch_on()
        self._wait_for_login()
        # A machine that was woken up believes it is the day it was saved.
        self.exec(["date", "--utc", "--set", f"@{time.time():.0f}"])

    @property
    def _written(self) -> Path:
        """What this run wrote over the image's disk."""
        return self._directory / "written.qcow2"

    def _switch_on(self) -> None:
        # The machine dies with us: nothing has to be found and removed after a killed run.
        tied = ["setpriv", "--pdeathsig", "KILL"]
        with (self._directory / "console.log").open("ab") as console:
            self._emulator = subprocess.Popen(
                [*tied, *self._emulator_words()],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env=plain_environment(),
            )

    def down(self) -> None:
        """Pull the plug; what the machine wrote is gone, unless writes are kept."""
        if self._emulator is not None:
            self._emulator.kill()
            self._emulator.wait()
            self._emulator = None

    def reboot(self) -> None:
        """As an admin would, to its end; then the machine is switched on as after a reset. (One
        that was woken up runs into its own watchdogs when its emulator resets it.)"""
        self.exec(["systemctl", "reboot"], check=False)
        run([*self._login("root"), "-O", "exit"], check=False)
        if self._emulator is not None:
            self._emulator.wait(BOOT_TIMEOUT_SECONDS)
        self._waking = False
        self._switch_on()
        self._wait_for_login()

    def save(self) -> None:
        """Keep the machine as it is this moment, for the image to wake up from."""
        self.exec(["sync"])
        monitor = Monitor(self._directory / "monitor")
        try:
            monitor.save(self._image.state)
        finally:
            monitor.close()

    def exec(
        self,
        argv: list[str],
        *,
        user: str = "root",
        check: bool = True,
        timeout_seconds: float = 120,
    ) -> Completed:
        """Run a command on the host over SSH; each word arrives as it is."""
        words = [*self._login(user), shlex.join(argv)]
        return run(words, check=check, timeout_seconds=timeout_seconds)

    def virsh(self, argv: list[str], *, check: bool = True) -> str:
        """What virsh, run on the host itself, prints."""
        words = ["virsh", "--quiet", "--connect", "qemu:///system", *argv]
        return self.exec(words, check=check).stdout

    def set_enforcing(self, enforcing: bool) -> None:
        """Turn SELinux's enforcement on or off, as `setenforce` does."""
        self.exec(["setenforce", "1" if enforcing else "0"])

    def process_labels(self) -> dict[str, str]:
        """The label of each running machine's QEMU process, as `ps` on the host tells it."""
        listing = self.exec(["ps", "-eo", "label:100,args", "--no-headers"]).stdout
        labels: dict[str, str] = {}
        for line in listing.splitlines():
            if found := re.search(r"^(\S+)\s+\S*qemu-system\S* -name guest=([^, ]+)", line):
                labels[found[2]] = found[1]
        return labels

    def wait_for_machines(self, names: tuple[str, ...], timeout_seconds: float = 120) -> None:
        """Wait until these machines, which start by themselves, run."""
        deadline = time.monotonic() + timeout_seconds
        while not set(names) <= self.process_labels().keys():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{' '.join(names)} do not all run: {self.process_labels()}")
            time.sleep(0.5)

    def _said(self) -> str:
        return (self._directory / "console.log").read_text(errors="replace")[-2000:]

    def _wait_for_login(self) -> None:
        deadline = time.monotonic() + BOOT_TIMEOUT_SECONDS
        while self.exec(["true"], check=False).returncode != 0:
            if self._emulator is None or self._emulator.poll() is not None:
                raise RuntimeError(f"the SELinux host ended: {self._said()}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"the SELinux host lets nobody in: {self._said()}")
            time.sleep(0.5)

    def _login(self, user: str) -> list[str]:
        options = (
            "BatchMode=yes",
            "ConnectTimeout=5",
            "StrictHostKeyChecking=yes",
            f"UserKnownHostsFile={self.known_hosts}",
            "GlobalKnownHostsFile=/dev/null",
            "LogLevel=ERROR",
            # Each login costs seconds of emulated arithmetic; they share one.
            "ControlMaster=auto",
            "ControlPersist=yes",
            f"ControlPath={self._directory}/%r",
        )
        words = ["ssh", "-F", "none", "-i", str(self.ssh_key), "-p", str(self.ssh_port)]
        return [*words, *(f"-o{option}" for option in options), f"{user}@{ADDRESS}"]

    def _emulator_words(self) -> list[str]:
        forward = (
            f"hostfwd=tcp:{ADDRESS}:{self.ssh_port}-:22,"
            f"hostfwd=tcp:{ADDRESS}:{self.tls_port}-:16514"
        )
        file, form = (self._image.disk, "raw") if self._preparing else (self._written, "qcow2")
        disk = f"file={file},if=virtio,format={form},cache=unsafe"
        kernel_words = (
            "root=/dev/vda rw console=ttyS0 net.ifnames=0 quiet "
            "security=selinux selinux=1 enforcing=1"
        )
        waking = ["-incoming", f"exec:cat '{self._image.state}'"] if self._waking else []
        return [
            *("qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max"),
            *("-smp", "2", "-m", str(MEMORY_MIB), "-nodefaults", "-display", "none"),
            *("-serial", "stdio", "-no-reboot"),
            *("-kernel", str(self._image.kernel), "-initrd", str(self._image.initramfs)),
            *("-append", kernel_words),
            *("-drive", disk),
            *("-nic", f"user,model=virtio-net-pci,{forward}"),
            *("-qmp", f"unix:{self._directory}/monitor,server=on,wait=off"),
            *waking,
        ]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((ADDRESS, 0))
        port: int = listener.getsockname()[1]
        return port
