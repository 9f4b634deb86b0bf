"""Three hosts on one bridge, with guests; up in seconds, and gone without a trace."""

import fcntl
import shutil
import time
from pathlib import Path
from typing import IO

from tests.lab.commands import run
from tests.lab.guests.catalogue import guests, shelf
from tests.lab.guests.definition import Guest
from tests.lab.guests.kernel import guest_kernel
from tests.lab.hosts import capabilities, wiring
from tests.lab.hosts.address import HOST_NAMES, LabAddress
from tests.lab.hosts.host import Host
from tests.lab.pki import CertificateAuthority

LOCKS = Path("/run/ringfence-lab")


class Lab:
    """The hosts h1, h2 and h3 of one numbered lab; labs of different numbers can stand together."""

    def __init__(self, directory: Path, number: int = 0) -> None:
        self.directory = directory.absolute()
        self.address = LabAddress(number)
        self.authority = CertificateAuthority()
        self.guests = {guest.name: guest for guest in guests(self.address)}
        self.hosts = {
            name: Host(self.directory, self.address, name, self.authority) for name in HOST_NAMES
        }

    def up(self) -> None:
        """Remove what a killed run may have left, then bring everything up, guests defined."""
        self.down()
        self.directory.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._make_client_key()
        kernel = guest_kernel()
        wiring.lay_bridge(self.address)
        for host in self.hosts.values():
            host.up(kernel)
            capabilities.hand_out(host.tree)
            host.start_daemons()
            self._define_machines(host)
            capabilities.keep(host.tree)

    def down(self) -> None:
        """Remove every process, namespace, cable and file of this lab."""
        wiring.remove_all(self.address)
        shutil.rmtree(self.directory, ignore_errors=True)

    def start_guest(self, name: str) -> None:
        self.host_of(name).start_guest(name)

    def host_of(self, guest: str) -> Host:
        return self.hosts[self.guests[guest].host]

    def add_guest(self, guest: Guest) -> None:
        """Define one more guest than the lab has of itself."""
        self.guests[guest.name] = guest
        self.hosts[guest.host].define_guest(guest)

    def ping(self, name: str) -> bool:
        """Whether a guest answers one ping, sent by its own host, on its first card."""
        return self.host_of(name).answers(self.guests[name].nics[0].address)

    def wait_until_answers(self, name: str, timeout_seconds: float = 60) -> None:
        """Start a guest if need be and wait for its first answer."""
        self.start_guest(name)
        deadline = time.monotonic() + timeout_seconds
        while not self.ping(name):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} does not answer")

    def _define_machines(self, host: Host) -> None:
        for guest in self.guests.values():
            if guest.host == host.name:
                host.define_guest(guest)
        for xml in shelf(host.name):
            host.define(xml)

    def _make_client_key(self) -> None:
        keys = self.directory / "ssh"
        keys.mkdir(mode=0o700)
        key = keys / "id_ed25519"
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "station", "-f", str(key)])

    def repair(self) -> None:
        """Undo what a test did to cables and daemons; machines are left as they are."""
        for host in self.hosts.values():
            host.repair()


def claim_number(numbers: range) -> tuple[int, IO[str]]:
    """The first lab number no living process has; it is given back when the file is closed.

    What killed runs left behind under the other free numbers is removed.
    """
    free = [(number, lock) for number in numbers if (lock := _locked(number)) is not None]
    if not free:
        raise RuntimeError(f"all labs from {numbers.start} to {numbers.stop - 1} are in use")
    for number, lock in free[1:]:
        wiring.remove_all(LabAddress(number))
        lock.close()
    return free[0]


def _locked(number: int) -> IO[str] | None:
    LOCKS.mkdir(exist_ok=True)
    handle = (LOCKS / f"{number}.lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle
