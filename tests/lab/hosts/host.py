"""One lab host: how to reach it, how to look into it, how to hurt it."""

import shutil
import signal
import time
from pathlib import Path

from tests.lab.commands import Completed, run
from tests.lab.guests.definition import BOOT, IMAGES, Guest, guest_xml
from tests.lab.guests.kernel import GuestKernel
from tests.lab.hosts import daemons, namespaces, wiring
from tests.lab.hosts.address import LabAddress
from tests.lab.hosts.tree import build_tree
from tests.lab.pki import CertificateAuthority, ServerCertificate

GUEST_DISK_BYTES = 16 * 1024 * 1024


class Host:
    """A libvirt host in namespaces; `directory` holds its tree and the keys a client needs."""

    def __init__(
        self, directory: Path, address: LabAddress, name: str, authority: CertificateAuthority
    ) -> None:
        self.name = name
        self.address = address.host(name)
        self.ssh_port = daemons.SSH_PORT
        self.tree = directory / name
        self.pki_dir = directory / "pki" / name
        self.ssh_key = directory / "ssh/id_ed25519"
        self.known_hosts = directory / "ssh/known_hosts"
        self._lab_address = address
        self._space = address.namespace(name)
        self._authority = authority

    @property
    def tls_uri(self) -> str:
        return f"qemu://{self.address}/system?pkipath={self.pki_dir}"

    @property
    def ssh_uri(self) -> str:
        return self.ssh_uri_as("root")

    def ssh_uri_as(self, user: str) -> str:
        keys = f"keyfile={self.ssh_key}&known_hosts={self.known_hosts}"
        return f"qemu+ssh://{user}@{self.address}/system?{keys}"

    def libssh_uri(self, user: str = "root") -> str:
        """The same for a bare libvirt client, which is told the host keys in the URI."""
        return (
            f"qemu+libssh://{user}@{self.address}/system?keyfile={self.ssh_key}"
            f"&known_hosts={self.known_hosts}&known_hosts_verify=normal&sshauth=privkey"
        )

    def path(self, inside: str) -> Path:
        """Where a file of the host is, seen from out here."""
        return self.tree / inside.lstrip("/")

    def up(self, kernel: GuestKernel) -> None:
        """Bring the host up: cable, files, certificates, namespaces, daemons."""
        wiring.lay_cable(self._lab_address, self.name)
        build_tree(self.tree, self._lab_address, self.name, self._public_key())
        shutil.copy(kernel.kernel, self.path(f"{BOOT}/vmlinuz"))
        shutil.copy(kernel.initramfs, self.path(f"{BOOT}/initramfs"))
        self._write_server_certificate("good")
        self._authority.write_client(self.pki_dir, "station")
        self._publish_host_key()
        namespaces.start_first_process(self._space, self.tree, self.name)

    def start_daemons(self) -> None:
        daemons.start_sshd(self.exec)
        self.start_libvirtd()

    def exec(
        self,
        argv: list[str],
        *,
        input_text: str | None = None,
        check: bool = True,
        timeout_seconds: float = 60,
    ) -> Completed:
        """Run a command inside the host, as root."""
        inside = namespaces.way_in(namespaces.first_process(self._space))
        return run(
            [*inside, *argv], input_text=input_text, check=check, timeout_seconds=timeout_seconds
        )

    def virsh(self, argv: list[str], *, check: bool = True, timeout_seconds: float = 60) -> str:
        """What virsh, run on the host itself, prints."""
        words = ["virsh", "--quiet", "--connect", "qemu:///system", *argv]
        return self.exec(words, check=check, timeout_seconds=timeout_seconds).stdout

    def define(self, xml: str) -> None:
        """Define a machine as somebody else would: with virsh, on the host."""
        file = self.path("/tmp/machine.xml")
        file.write_text(xml)
        self.virsh(["define", "/tmp/machine.xml"])

    def define_guest(self, guest: Guest) -> None:
        """Define a guest that can boot, with a small empty disk."""
        with self.path(f"{IMAGES}/{guest.name}.img").open("wb") as disk:
            disk.truncate(GUEST_DISK_BYTES)
        self.define(guest_xml(guest))

    def start_guest(self, name: str) -> None:
        """Start a machine, if it is not running; it answers some seconds later."""
        if self.state(name) != "running":
            self.virsh(["start", name])

    def state(self, name: str) -> str:
        return self.virsh(["domstate", name]).strip()

    def answers(self, address: str, *, timeout_seconds: int = 1) -> bool:
        """Whether one ping from the host to a guest's address comes back."""
        words = ["ping", "-n", "-q", "-c", "1", "-W", str(timeout_seconds), address.split("/")[0]]
        return self.exec(words, check=False).returncode == 0

    def freeze(self) -> None:
        """Stop libvirtd in its tracks: it keeps its connections and answers nothing."""
        daemons.signal_libvirtd(self._space, signal.SIGSTOP)

    def thaw(self) -> None:
        daemons.signal_libvirtd(self._space, signal.SIGCONT)

    def kill_libvirtd(self) -> None:
        """End libvirtd as a crash would; machines go on running."""
        daemons.kill_libvirtd(self._space)

    def start_libvirtd(self) -> None:
        daemons.start_libvirtd(self.exec, self.address)

    def serve_certificate(self, kind: ServerCertificate) -> None:
        """Give libvirtd a good or a wrong certificate, and start it again with it."""
        self._write_server_certificate(kind)
        self.kill_libvirtd()
        self.start_libvirtd()

    def cut_link(self) -> None:
        """Pull the host's network cable."""
        wiring.set_cable(self._lab_address, self.name, plugged=False)

    def restore_link(self) -> None:
        """Put the cable back and wait until the host is reached again."""
        wiring.set_cable(self._lab_address, self.name, plugged=True)
        daemons.wait_for_port(self.address, daemons.SSH_PORT)

    def ssh_login_count(self) -> int:
        """How many SSH logins the host has let in since it came up."""
        return daemons.login_count(self.tree)

    def repair(self) -> None:
        """Undo whatever a test did to cable and daemon; machines are left as they are."""
        wiring.set_cable(self._lab_address, self.name, plugged=True)
        self.thaw()
        if not daemons.libvirtd_pids(self._space):
            self.start_libvirtd()

    def wait_until(self, name: str, state: str, timeout_seconds: float = 20) -> None:
        deadline = time.monotonic() + timeout_seconds
        while (now := self.state(name)) != state:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name}/{name} is {now}, not {state}")
            time.sleep(0.1)

    def _write_server_certificate(self, kind: ServerCertificate) -> None:
        self._authority.write_server(self.path("/etc/pki"), (self.address, self.name), kind)

    def _public_key(self) -> str:
        return self.ssh_key.with_suffix(".pub").read_text()

    def _publish_host_key(self) -> None:
        kind, key, _ = self.path("/etc/ssh/ssh_host_ed25519_key.pub").read_text().split()
        with self.known_hosts.open("a") as lines:
            lines.write(f"{self.address} {kind} {key}\n")
