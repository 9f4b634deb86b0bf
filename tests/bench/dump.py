"""How long the memory of a real guest takes, against `virsh dump --memory-only` in the same run.

Only the dump itself: sealing and sending come after it, and have their own cost.
"""

import asyncio
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from core.changes.plan import new_id
from core.hosts.evidence import DumpMemory
from core.hosts.helper.evidence import BeginEvidence, DropEvidence
from core.keys.certificate import case_certificate
from core.keys.purposes import Purpose, make_key
from core.station import Station
from tests.bench.report import Line
from tests.lab.configuration import WAYS, write_home
from tests.lab.hosts.host import Host
from tests.lab.hosts.lab import Lab, claim_number
from tests.lab.stations import opened

RUNS = 7
GUEST = "g1"
LONG_S = 120.0
TARGET = "/var/lib/libvirt/dump-of-virsh.elf"


def measure() -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="ringfence-bench-") as folder:
        number, lock = claim_number(range(100))
        lab = Lab(Path(folder) / "lab", number)
        try:
            lab.up()
            lab.wait_until_answers(GUEST)
            home = Path(folder) / "home"
            write_home(home, ((host, WAYS[name]) for name, host in lab.hosts.items()))
            return asyncio.run(_measured(lab.host_of(GUEST), home))
        finally:
            lab.down()
            lock.close()


async def _measured(host: Host, home: Path) -> list[Line]:
    """In turns, so that whatever else the machine does meets both; the guest is paused."""
    host.virsh(["suspend", GUEST])
    uuid = host.virsh(["domuuid", GUEST]).strip()
    ours: list[float] = []
    theirs: list[float] = []
    async with opened(home) as station:
        for _ in range(RUNS):
            ours.append(await _our_dump(station, host.name, uuid))
            theirs.append(_their_dump(host))
    median, baseline = statistics.median(ours), statistics.median(theirs)
    name = "dump of a 160 MiB guest's memory"
    goal = "<= 1.1x"
    return [Line(name, median, "s", goal, "virsh dump --memory-only", baseline)]


async def _our_dump(station: Station, host: str, uuid: str) -> float:
    now = datetime.now(UTC)
    of = (uuid, str(uuid4()), new_id(now))
    certificate = case_certificate(make_key(Purpose.CASE), now)
    await station.hands.order(host, BeginEvidence(0, *of, certificate), LONG_S)
    began = time.perf_counter()
    await station.hands.order(host, DumpMemory(0, *of), LONG_S)
    seconds = time.perf_counter() - began
    await station.hands.order(host, DropEvidence(0, *of), LONG_S)
    return seconds


def _their_dump(host: Host) -> float:
    began = time.perf_counter()
    host.virsh(["dump", GUEST, TARGET, "--memory-only"])
    seconds = time.perf_counter() - began
    host.path(TARGET).unlink()
    return seconds
