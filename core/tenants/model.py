"""Who a machine belongs to and how risky it is, with the source of the statement kept apart."""

from msgspec import Struct


class Ownership(Struct, frozen=True, gc=False):
    """Tenant or risk: `declared` by fleet.toml wins, `claimed` is the machine's own word."""

    declared: str
    claimed: str

    @property
    def value(self) -> str:
        return self.declared or self.claimed

    @property
    def only_claimed(self) -> bool:
        return bool(self.claimed) and not self.declared

    @property
    def disputed(self) -> bool:
        return bool(self.claimed and self.declared) and self.claimed != self.declared
