"""ringfence-host on a lab host as preparation leaves it: program, operator, hooks, keeper."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.hosts.helper.holds import HoldEvent, HoldFile, HoldsSeen, WriteHold
from core.hosts.helper.on_host.prepare_items import (
    NETWORK_HOOK,
    PROGRAM_FILE,
    QEMU_HOOK,
    Preparation,
    wanted_files,
)
from core.hosts.helper.one_file import one_file
from core.hosts.helper.orders import Door
from core.incidents.documents import HoldDocument, signed_hold
from core.incidents.model import Mode
from core.keys.operator import OperatorKey
from tests.lab.hosts.host import Host

PROGRAM = "/root/ringfence-host"
KEY = OperatorKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
HOOKS = {"qemu": QEMU_HOOK, "network": NETWORK_HOOK}
TRACES = ("/etc/ringfence", "/var/lib/ringfence", "/run/ringfence")


def write(host: Host, place: str, text: str, mode: int) -> None:
    file = host.path(place)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)


@contextmanager
def installed(host: Host) -> Generator[None]:
    """Everything but the keeper; libvirtd starts anew, for it looks for hooks only then."""
    write(host, PROGRAM, "#!/usr/bin/python3 -IS\n" + one_file().decode(), 0o755)
    write(host, "/etc/ringfence/operators/test.pub", KEY.public_hex + "\n", 0o644)
    host.path("/var/lib/ringfence/holds").mkdir(parents=True, mode=0o700)
    for name, item in HOOKS.items():
        [file] = wanted_files(item, Preparation((), False, ""), b"")
        hook = file.body.decode().replace(PROGRAM_FILE, PROGRAM)
        write(host, f"/etc/libvirt/hooks/{name}", hook, file.mode)
    restart(host)
    try:
        yield
    finally:
        for name in HOOKS:
            host.path(f"/etc/libvirt/hooks/{name}").unlink()
        host.exec(["rm", "-rf", *TRACES, PROGRAM])
        for table in tables(host):
            host.exec(["nft", "delete", "table", *table], check=False)
        restart(host)


def restart(host: Host) -> None:
    host.kill_libvirtd()
    host.start_libvirtd()


def tables(host: Host) -> list[list[str]]:
    listed = host.exec(["nft", "list", "tables"]).stdout.splitlines()
    return [line.split()[1:] for line in listed if "ringfence" in line]


@contextmanager
def keeper(host: Host) -> Generator[None]:
    host.exec(["sh", "-c", f"setsid {PROGRAM} keep </dev/null >/run/keep.log 2>&1 &"])
    wait_until(lambda: host.path("/run/ringfence/keep.lock").exists() and locked(host))
    pid = int(host.exec(["pgrep", "-f", f"{PROGRAM} keep"]).stdout.split()[0])
    try:
        yield
    finally:
        host.exec(["kill", str(pid)], check=False)
        wait_until(lambda: not locked(host))
        complaint = host.path("/run/keep.log").read_text()
        assert not complaint, complaint


def locked(host: Host) -> bool:
    lock = "/run/ringfence/keep.lock"
    return host.exec(["flock", "-n", "-s", lock, "true"], check=False).returncode == 1


def wait_until(seen: Callable[[], bool], limit_seconds: float = 10.0) -> None:
    deadline = time.monotonic() + limit_seconds
    while not seen():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def uuid_of(host: Host, machine: str) -> str:
    return host.virsh(["domuuid", machine]).strip()


def macs_of(host: Host, machine: str) -> tuple[str, ...]:
    lines = host.virsh(["domiflist", machine]).splitlines()
    return tuple(line.split()[-1] for line in lines if line.strip())


def hold_of(
    uuid: str,
    macs: tuple[str, ...],
    mode: Mode = Mode.FREEZE,
    doors: tuple[Door, ...] = (),
    generation: int = 1,
) -> WriteHold:
    now = datetime.now(UTC)
    document = HoldDocument(
        uuid=uuid,
        name="machine",
        case="019a0000-0000-7000-8000-000000000001",
        mode=mode,
        owner="tester",
        station="station",
        since=now,
        reason="test",
        generation=generation,
        macs=macs,
        doors=doors,
        drill=False,
        ran=True,
        autostart=None,
        raise_on_release=macs,
        before_stored="",
        before_live="",
        writer="tester",
        written=now,
    )
    text, signature = signed_hold(document, KEY)
    return WriteHold(0, uuid, text, signature, generation - 1)


def file_of(seen: HoldsSeen, uuid: str) -> HoldFile:
    return next(each for each in seen.holds if each.uuid == uuid)


def events_of(seen: HoldsSeen, uuid: str, what: str) -> list[HoldEvent]:
    return [event for event in file_of(seen, uuid).events if event.what == what]
