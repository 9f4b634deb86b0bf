"""The hosts for the pictures: the lab's three and the SELinux one, with guests that run."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.lab.configuration import WAYS, AnyHost, Way, write_home
from tests.lab.guests.definition import Guest, GuestNic
from tests.lab.hosts.address import LabAddress
from tests.lab.hosts.lab import Lab, claim_number
from tests.lab.requirements import reason_not_to_run_selinux
from tests.lab.selinux.host import SelinuxHost
from tests.lab.selinux.machines import STARTED
from tests.lab.selinux.preparation import selinux_image

TARGET = "web-01"
OTHER = "mail-01"  # reached over SSH
TLS_ONLY = "ci-01"
PREPARABLE = "h2"  # a host where we are root
CLEAN = "clean-traffic"
MORE = """
[[tenants]]
name = "globex"
machines = ["h2/*", "h3/*", "selinux/*"]

[[views]]
name = "Open consoles"
filter = "console:open"

[[views]]
name = "Not confined"
filter = "-label:enforced"
"""


def guests(address: LabAddress) -> Iterator[Guest]:
    """More than the lab has of itself, named as an admin would."""
    dmz, internal, vault = "192.168.50", "192.168.60", "192.168.70"
    yield Guest(TARGET, "h1", (GuestNic("dmz", f"{dmz}.21/24"),), "vnc-open")
    yield Guest("db-01", "h1", (GuestNic("internal", f"{internal}.22/24", CLEAN),))
    yield Guest(OTHER, "h2", (GuestNic("dmz", f"{dmz}.23/24", CLEAN),), "vnc-socket")
    yield Guest("erp-01", "h2", (GuestNic("internal", f"{internal}.24/24", CLEAN),))
    yield Guest("vault-01", "h3", (GuestNic("vault", f"{vault}.25/24", CLEAN),))
    yield Guest(TLS_ONLY, "h3", (GuestNic("lan", f"{address.bridged_guest(26)}/24"),), "spice-open")


@contextmanager
def real_hosts(directory: Path) -> Generator[Path]:
    """Bring the hosts up; yields the configuration directory that knows them."""
    with ExitStack() as leaving:
        number, lock = claim_number(range(100))
        leaving.callback(lock.close)
        lab = Lab(directory / "lab", number)
        leaving.callback(lab.down)
        lab.up()
        for guest in guests(lab.address):
            lab.add_guest(guest)
        for name in lab.guests:
            lab.start_guest(name)
        known: list[tuple[AnyHost, Way]] = [(h, WAYS[name]) for name, h in lab.hosts.items()]
        if reason_not_to_run_selinux() is None:
            selinux = SelinuxHost(selinux_image(), directory / "selinux")
            leaving.callback(selinux.down)
            selinux.boot()
            selinux.wait_for_machines(STARTED)
            known.append((selinux, "tls+ssh"))
        lab.wait_until_answers(TARGET)
        home = directory / "home"
        write_home(home, known)
        with (home / "config" / "fleet.toml").open("a") as settings:
            settings.write(MORE)
        yield home
