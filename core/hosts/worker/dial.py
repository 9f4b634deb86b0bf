"""Opening libvirt connections with values prepared beforehand: nobody is asked in a callback."""

import contextlib
from collections.abc import Sequence
from typing import Any

import libvirt

from core.hosts.protocol import Open

KEEPALIVE_S = 5
KEEPALIVE_COUNT = 3
_ASKED = [
    libvirt.VIR_CRED_AUTHNAME,
    libvirt.VIR_CRED_PASSPHRASE,
    libvirt.VIR_CRED_ECHOPROMPT,
    libvirt.VIR_CRED_NOECHOPROMPT,
]


class Dialer:
    """Opens the connections of one `Open` order."""

    def __init__(self, order: Open) -> None:
        self._uri = order.uri
        self._flags = libvirt.VIR_CONNECT_RO if order.read_only else 0
        self._answers = {credential.kind: credential.value for credential in order.credentials}

    def __call__(self) -> libvirt.virConnect:
        """Raises libvirt.libvirtError; the link that called turns it into a failure."""
        binding: Any = libvirt  # its types leave open what stands in the list
        asking = [_ASKED, self._answer, None]
        connection: libvirt.virConnect = binding.openAuth(self._uri, asking, self._flags)
        with contextlib.suppress(libvirt.libvirtError):  # some drivers have no keep-alive
            connection.setKeepAlive(KEEPALIVE_S, KEEPALIVE_COUNT)
        return connection

    def _answer(self, asked: Sequence[list[Any]], _opaque: object) -> int:
        for question in asked:
            value = self._answers.get(question[0])
            if value is None:
                return -1
            question[4] = value
        return 0
