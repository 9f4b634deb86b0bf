"""Confinement before the first connection."""

from collections.abc import Iterator

from core.hosts.protocol import Open


def confine(order: Open) -> Iterator[str]:
    yield f"confining {order.host}"
