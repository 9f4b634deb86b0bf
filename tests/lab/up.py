"""`make lab`: three real hosts with running guests, and a configuration that knows them."""

import argparse
import signal
import sys

from tests.lab.hosts.lab import Lab
from tests.lab.requirements import reason_not_to_run
from tests.lab.standing import furnish, standing_lab


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.lab.up", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the hosts running and return")
    keep = parser.parse_args().keep
    if reason := reason_not_to_run():
        print(f"lab: cannot be built here: {reason}", file=sys.stderr)
        return 1
    lab = standing_lab()
    try:
        lab.up()
        _tell(lab, keep=keep)
        if not keep:
            ends = {signal.SIGINT, signal.SIGTERM}
            signal.pthread_sigmask(signal.SIG_BLOCK, ends)
            signal.sigwait(ends)
    except BaseException:
        lab.down()
        raise
    if not keep:
        lab.down()
    return 0


def _tell(lab: Lab, *, keep: bool) -> None:
    home = furnish(lab)
    for host in lab.hosts.values():
        guests = [guest.name for guest in lab.guests.values() if guest.host == host.name]
        print(f"{host.name}  {host.address}  running: {' '.join(guests)}")
    print(f"\nThe window:    RINGFENCE_HOME={home} .venv/bin/ringfence")
    print(f"The terminal:  RINGFENCE_HOME={home} .venv/bin/ringfence fleet")
    print(f"Take it away:  {'make lab-down' if keep else 'Ctrl+C'}")


if __name__ == "__main__":
    sys.exit(main())
