"""Nobody is there to be asked: what a test needs stands in its configuration."""


class Nobody:
    """Gives no credential and trusts no key."""

    async def credential(self, host: str, what: str, secret: bool) -> str | None:
        return None

    async def trust_host_key(
        self, host: str, address: str, kind: str, fingerprint: str, known: str | None
    ) -> bool:
        return False
