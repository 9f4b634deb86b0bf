"""The cables: one bridge a lab, one network namespace and one veth pair a host.

Everything is named after the lab's number, so that what a killed run left can be removed.
"""

import os
import signal
import time
from contextlib import suppress

from tests.lab.commands import run
from tests.lab.hosts.address import LabAddress


def lay_bridge(address: LabAddress) -> None:
    """Make the bridge that all hosts of the lab hang on, with our own address on it."""
    run(["ip", "link", "add", address.bridge, "type", "bridge"])
    run(["ip", "address", "add", f"{address.station}/24", "dev", address.bridge])
    run(["ip", "link", "set", address.bridge, "up"])


def lay_cable(address: LabAddress, host: str) -> None:
    """Make the host's network namespace; inside, `br0` carries its address and bridged guests."""
    space = address.namespace(host)
    run(["ip", "netns", "add", space])
    run(["ip", "link", "add", space, "type", "veth", "peer", "name", "eth0", "netns", space])
    run(["ip", "link", "set", space, "master", address.bridge, "up"])
    inside = (
        "link set lo up",
        "link add br0 type bridge",
        "link set eth0 master br0 up",
        f"address add {address.host(host)}/24 dev br0",
        "link set br0 up",
        f"route add default via {address.station}",
    )
    run(["ip", "-n", space, "-batch", "-"], input_text="\n".join(inside) + "\n")


def set_cable(address: LabAddress, host: str, *, plugged: bool) -> None:
    """Pull the host's cable out of the bridge, or put it back."""
    run(["ip", "link", "set", address.namespace(host), "up" if plugged else "down"])


def remove_all(address: LabAddress) -> None:
    """Remove every process, namespace and cable of this lab, whoever left them."""
    spaces = [name for name in _namespaces() if name.startswith(f"{address.bridge}-")]
    for space in spaces:
        _end_processes(space)
        run(["ip", "netns", "delete", space], check=False)
    for link in (*spaces, address.bridge):
        run(["ip", "link", "delete", link], check=False)


def _namespaces() -> list[str]:
    listing = run(["ip", "netns", "list"], check=False).stdout
    return [line.split()[0] for line in listing.splitlines() if line.strip()]


def _end_processes(space: str) -> None:
    deadline = time.monotonic() + 10
    while (pids := processes_in(space)) and time.monotonic() < deadline:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def processes_in(space: str) -> list[int]:
    """Every process in a network namespace of the lab, by its pid out here."""
    return [int(pid) for pid in run(["ip", "netns", "pids", space], check=False).stdout.split()]
