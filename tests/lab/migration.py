"""Live migration between hosts of the lab, as an administrator of both would do it."""

from collections.abc import Generator
from contextlib import contextmanager

from tests.lab.commands import Completed, run
from tests.lab.guests.definition import IMAGES
from tests.lab.hosts.host import Host
from tests.lab.hosts.lab import Lab
from tests.lab.prepared import set_free


def migrate(guest: str, source: Host, target: Host) -> Completed:
    """Its disk must be there already; whether it may go is for the hosts to say."""
    flags = ["--live", "--persistent", "--undefinesource", "--unsafe"]
    words = ["migrate", *flags, guest, target.tls_uri, "--migrateuri", f"tcp://{target.address}"]
    return run(["virsh", "-c", source.tls_uri, *words], check=False, timeout_seconds=120)


@contextmanager
def can_go(lab: Lab, guest: str, target: Host) -> Generator[Host]:
    """The guest runs where it belongs, and can be moved; afterwards it is defined there again."""
    host = lab.host_of(guest)
    set_free(lab, guest)
    lab.wait_until_answers(guest)
    disk = target.path(f"{IMAGES}/{guest}.img")
    disk.write_bytes(host.path(f"{IMAGES}/{guest}.img").read_bytes())
    try:
        yield host
    finally:
        for each in (target, host):
            each.virsh(["destroy", guest], check=False)
            each.virsh(["undefine", guest], check=False)
        disk.unlink()
        host.define_guest(lab.guests[guest])
