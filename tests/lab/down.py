"""`make lab-down`: take away the hosts that `make lab` left standing, and everything of theirs."""

import os
import sys

from tests.lab.standing import standing_lab


def main() -> int:
    if os.geteuid() != 0:
        print("lab: only root can take it away", file=sys.stderr)
        return 1
    standing_lab().down()
    print("lab: gone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
