"""A host's worker that dies around its n-th effect: `python -m tests.lab.dying_worker MOMENT FD`.

MOMENT is "before:N" or "after:N". The product's worker is the same in every other way.
"""

import os
import signal
import sys
import threading

from core.hosts.protocol import ReadXml
from core.hosts.worker import __main__ as worker
from core.hosts.worker.link import Link
from core.hosts.worker.orders import MachineOrder
from core.hosts.worker.source import LibvirtSource, Result


class Counter:
    """Counts effects over all links and ends the process at the moment."""

    def __init__(self, moment: str) -> None:
        self._moment = moment
        self._lock = threading.Lock()
        self._effects = 0

    def next(self) -> int:
        with self._lock:
            self._effects += 1
            return self._effects

    def reach(self, moment: str) -> None:
        if moment == self._moment:
            os.kill(os.getpid(), signal.SIGKILL)


def make_mortal(moment: str) -> None:
    """Put the counter around every effect of a driver."""
    counter, carry_out = Counter(moment), LibvirtSource.carry_out

    def mortal(self: LibvirtSource, link: Link, order: MachineOrder) -> Result:
        if isinstance(order, ReadXml):
            return carry_out(self, link, order)
        number = counter.next()
        counter.reach(f"before:{number}")
        result = carry_out(self, link, order)
        counter.reach(f"after:{number}")
        return result

    LibvirtSource.carry_out = mortal  # type: ignore[method-assign]  # this process is the test's


if __name__ == "__main__":
    make_mortal(sys.argv.pop(1))
    code = worker.main()
    sys.stderr.flush()
    os._exit(code)
