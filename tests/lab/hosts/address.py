"""Which names and addresses the parts of one numbered lab have; two labs never share any."""

import msgspec

HOST_NAMES = ("h1", "h2", "h3")
NAME_PREFIX = "rfl"


class LabAddress(msgspec.Struct, frozen=True):
    """The names and the subnet of lab `number` (0 to 255)."""

    number: int

    @property
    def bridge(self) -> str:
        return f"{NAME_PREFIX}{self.number}"

    @property
    def station(self) -> str:
        """Our own address on the lab's network: where the product connects from."""
        return f"10.77.{self.number}.1"

    def namespace(self, host: str) -> str:
        """The network namespace; also the name of the host's cable on the bridge."""
        return f"{self.bridge}-{host}"

    def host(self, host: str) -> str:
        return f"10.77.{self.number}.{10 + int(host[1:])}"

    def bridged_guest(self, offset: int) -> str:
        """An address on the lab's own network, for a guest that is bridged to it."""
        return f"10.77.{self.number}.{100 + offset}"
