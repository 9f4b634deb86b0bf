"""What a host's own network says of who stands where: for whom a machine serves."""

from msgspec import Struct


class StoragePeer(Struct, frozen=True, gc=False):
    """Storage a host uses over the network."""

    kind: str  # mount, iscsi
    address: str
    what: str  # where it is mounted, or the target's name


class HostNetwork(Struct, frozen=True, gc=False, tag="host-network"):
    """Addresses as the host has them now; all of it is a claim of its neighbours'."""

    storage: tuple[StoragePeer, ...] = ()
    neighbours: tuple[tuple[str, str], ...] = ()  # (address, MAC in lower case)
    routers: tuple[str, ...] = ()
    resolvers: tuple[str, ...] = ()
