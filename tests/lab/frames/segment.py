"""A neighbour of a guest: a namespace of its own, plugged into one of the host's bridges."""

from collections.abc import Generator
from contextlib import contextmanager

from tests.lab.commands import run
from tests.lab.hosts.lab import Lab

NEAR, FAR = "rfs0", "rfs1"


@contextmanager
def beside(lab: Lab, host: str, bridge: str, *addresses: str) -> Generator[str]:
    """Plug a neighbour with these addresses in; yields its namespace, where its card is FAR."""
    space, own = lab.address.namespace(host), f"{lab.address.bridge}-nb"
    run(["ip", "netns", "add", own])
    try:
        run(["ip", "-n", space, "link", "add", NEAR, "type", "veth", "peer", FAR, "netns", own])
        run(["ip", "-n", space, "link", "set", NEAR, "master", bridge, "up"])
        lines = ["link set lo up", f"link set {FAR} up"]
        lines += [
            f"address add {address} dev {FAR} nodad" for address in addresses if ":" in address
        ]
        lines += [f"address add {address} dev {FAR}" for address in addresses if ":" not in address]
        run(["ip", "-n", own, "-batch", "-"], input_text="\n".join(lines) + "\n")
        yield own
    finally:
        run(["ip", "-n", space, "link", "delete", NEAR], check=False)
        run(["ip", "netns", "delete", own])
