"""What every order has: orders to a host's worker, and to ringfence-host on the host."""

from msgspec import Struct


class Order(Struct, frozen=True, tag_field="order"):
    """An order carries the number its answer will carry."""

    number: int
