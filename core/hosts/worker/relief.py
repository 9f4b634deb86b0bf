"""Orders to one machine do not wait behind a call that hangs in the QEMU of another.

libvirt waits 30 s for a QEMU that does not answer, and whoever broke into one may keep it silent.
"""

from collections.abc import Callable

from core.hosts.worker.link import JobQueue, Link

STUCK_S = 1.0
MOST = 3  # sshd may grant fewer: a link that finds no connection just ends


class Relief:
    """Belongs to the thread that takes the orders, and is looked at with each of them."""

    def __init__(self, first: Link, orders: JobQueue, another: Callable[[str], Link]) -> None:
        self._orders = orders
        self._another = another
        self._serving = [first]

    def look(self) -> None:
        """One more link where orders wait and every link that is to carry them out hangs."""
        alive = [link for link in self._serving if link.is_alive()]
        hangs = alive and all(link.busy_s() > STUCK_S for link in alive)
        if self._orders.waiting and hangs and len(self._serving) <= MOST:
            self._serving.append(self._another(f"relief-{len(self._serving)}"))
            self._serving[-1].start()
