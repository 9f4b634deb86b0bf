"""A guest of the lab on a disk that can hold a snapshot, with one taken while it ran."""

from collections.abc import Generator
from contextlib import contextmanager

from tests.lab.guests.definition import IMAGES
from tests.lab.hosts.host import Host
from tests.lab.hosts.lab import Lab

SNAPSHOT = "was"


@contextmanager
def with_snapshot(lab: Lab, guest: str) -> Generator[Host]:
    """The guest as it was defined afterwards, and no snapshot."""
    host = lab.host_of(guest)
    host.virsh(["destroy", guest], check=False)
    image, wanted = f"{IMAGES}/{guest}.img", f"{IMAGES}/{guest}.qcow2"
    host.exec(["qemu-img", "create", "-q", "-f", "qcow2", wanted, "16M"])
    stored = host.virsh(["dumpxml", "--inactive", "--security-info", guest])
    host.define(stored.replace(image, wanted).replace("type='raw'", "type='qcow2'"))
    lab.wait_until_answers(guest)
    host.virsh(["snapshot-create-as", guest, SNAPSHOT])
    lab.wait_until_answers(guest)
    yield host
    host.virsh(["destroy", guest], check=False)
    host.virsh(["snapshot-delete", guest, SNAPSHOT, "--metadata"], check=False)
    host.virsh(["undefine", guest])
    host.exec(["rm", "-f", wanted])
    host.define_guest(lab.guests[guest])
