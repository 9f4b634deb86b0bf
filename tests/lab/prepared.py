"""A lab host that knows operators: what a preparation leaves on a host, laid down by hand."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from core.hosts.helper.one_file import one_file
from core.keys.operator import operator_key
from core.keys.store import open_keys
from core.settings.places import Places
from tests.lab.hosts.host import Host
from tests.lab.hosts.lab import Lab

SBIN = "/usr/sbin"
ABOVE = "/run/above-sbin"  # what the host puts over the machine's own directory
PROGRAM = f"{SBIN}/ringfence-host"
MEMORY = ("/etc/ringfence", "/var/lib/ringfence", "/run/ringfence")


@contextmanager
def prepared(host: Host, homes: list[Path], *, two_people: bool = False) -> Generator[None]:
    """Let the host know the operators of these homes, and forget all of it afterwards."""
    host.exec(["mkdir", "-p", ABOVE])
    host.exec(["mount", "-t", "tmpfs", "ringfence", ABOVE])
    try:
        host.exec(["mkdir", f"{ABOVE}/upper", f"{ABOVE}/work"])
        layers = f"lowerdir={SBIN},upperdir={ABOVE}/upper,workdir={ABOVE}/work"
        host.exec(["mount", "-t", "overlay", "-o", layers, "overlay", SBIN])
        try:
            _lay_down(host, homes, two_people)
            yield
        finally:
            host.exec(["umount", "-l", SBIN])
    finally:
        host.exec(["umount", "-l", ABOVE])
        host.exec(["rm", "-rf", *MEMORY])


def _lay_down(host: Host, homes: list[Path], two_people: bool) -> None:
    program = "#!/usr/bin/env -S python3 -I -S\n" + one_file().decode()
    files = {PROGRAM: program, "/etc/ringfence/policy.json": _policy(two_people)}
    for home in homes:
        files[f"/etc/ringfence/operators/{home.name}.pub"] = operator_of(home) + "\n"
    for path, text in files.items():
        host.exec(["mkdir", "-p", str(Path(path).parent)])
        host.exec(["sh", "-c", 'umask 022; cat > "$0"', path], input_text=text)
    host.exec(["chmod", "755", PROGRAM])


def set_free(lab: Lab, guest: str) -> None:
    """Whatever a test left behind: the guest as it was defined, and no table of ours."""
    host = lab.host_of(guest)
    listed = host.exec(["nft", "list", "tables"]).stdout.splitlines()
    for table in (line.split() for line in listed if "ringfence_" in line):
        host.exec(["nft", "delete", *table], check=False)
    if "link state='down'" in host.virsh(["dumpxml", guest]) or host.state(guest) != "running":
        for word in ("destroy", "undefine"):
            host.virsh([word, guest], check=False)
        host.define_guest(lab.guests[guest])


def operator_of(home: Path) -> str:
    """The public key of a home's operator, as a host is given it."""
    keys = open_keys(Places.under(home).make().state_dir / "keys", None)
    return operator_key(keys).public_hex


def _policy(two_people: bool) -> str:
    return '{"two_people": true}' if two_people else '{"two_people": false}'
