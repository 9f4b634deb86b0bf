"""`python -m tests.bench [PART ...]`: one Markdown table; without a name all parts.

Each part has a process of its own, as the program has: what one leaves in memory would slow the
next. A part that needs real hosts says so when this is not root.
"""

import os
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GLIB", "1")

from tests.bench.machine import described
from tests.bench.parts import IN_OTHERS, NEED_ROOT, PARTS, measured
from tests.bench.report import Line, markdown


def _alone(part: str) -> list[Line]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as own:
        return own.submit(measured, part).result()


def main(names: list[str]) -> int:
    wrong = [name for name in names if name not in PARTS]
    if wrong:
        print(f"bench: no part {', '.join(wrong)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    chosen = names or [part for part in PARTS if part not in IN_OTHERS]
    print(described(), flush=True)
    lines: list[Line] = []
    for part in chosen:
        if part in NEED_ROOT and os.geteuid() != 0:
            print(f"bench: {part} left out: only root can build real hosts")
            continue
        lines += _alone(part)
    print("\n" + markdown(lines))
    if shutil.which("virt-manager") is None:
        print("\nvirt-manager is not installed here: not compared.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
