"""What is said of a held machine that was moved to another of our hosts, until it is cut there.

Never contained: its barrier stayed behind. Whether its links are down is read as always.
"""

from msgspec import structs

from core.fleet.model import FleetView, Key, MachineView
from core.incidents.hold import Hold

MOVED_HERE = "host: moved-here"


def is_gone(hold: Hold, view: FleetView) -> bool:
    """Whether its host, read well, no longer has the machine."""
    host = view.hosts.get(hold.host)
    if host is None or host.health.state != "connected":
        return False
    return Key(hold.host, hold.uuid) not in view.machines


def came_from(hold: Hold, key: Key, view: FleetView) -> bool:
    return key.uuid == hold.uuid and key.host != hold.host and is_gone(hold, view)


def here_from(hold: Hold, host: str) -> Hold:
    """The same hold where the machine is now: of a barrier and its memory nothing is known."""
    return structs.replace(hold, host=host, barrier=(), run=0, lost_at=None, trouble=MOVED_HERE)


def is_said_to_be_moved(machine: MachineView) -> bool:
    held = machine.quarantine
    return held is not None and MOVED_HERE in held.missing
