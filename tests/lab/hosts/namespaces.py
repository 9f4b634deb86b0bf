"""A host's own mounts, name and process numbers, and the way in.

The first process inside is a shell that only waits: libvirtd as PID 1 would not reap the orphans of
QEMU, and each of its calls would stall.
"""

import time
from pathlib import Path

from tests.lab.commands import launch
from tests.lab.hosts.wiring import processes_in

# The tree is reached by way of /mnt, for it may itself be in a place that is covered here.
# /dev is the host's own, because a kvm node that cannot be used makes libvirt probe QEMU at each
# call; the old one is unmounted first, or QEMU's own namespace trips over the hidden /dev/pts.
FIRST_PROCESS = r"""
set -eu
mount --make-rprivate /
hostname "$2"
mount --rbind "$1" /mnt
tree=/mnt
[ ! -d /var/lib/dpkg ] || mount --bind -o ro /var/lib/dpkg "$tree/var/lib/dpkg"

mount -t tmpfs -o mode=755,size=64m lab "$tree/dev"
cd "$tree/dev"
mkdir pts shm net
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 lab pts
chmod 1777 shm
mknod -m 666 null c 1 3
mknod -m 666 zero c 1 5
mknod -m 666 full c 1 7
mknod -m 666 random c 1 8
mknod -m 666 urandom c 1 9
mknod -m 666 tty c 5 0
mknod -m 666 net/tun c 10 200
ln -s pts/ptmx ptmx
ln -s /proc/self/fd fd
ln -s fd/0 stdin
ln -s fd/1 stdout
ln -s fd/2 stderr
cd /

for place in etc run root home; do mount --rbind "$tree/$place" "/$place"; done
mount --rbind "$tree/local" /usr/local
cp -a /usr/sbin "$tree/sbin"
mount --rbind "$tree/sbin" /usr/sbin
mount --rbind "$tree/var" /var
umount -R -l /dev
mount --move "$tree/dev" /dev
mount --rbind "$tree/tmp" /tmp
umount -l /mnt
touch /run/lab-ready
while :; do sleep 3600; done
"""


def start_first_process(space: str, tree: Path, host: str) -> None:
    """Start the waiting shell; it outlives us until the lab is taken down."""
    ready = tree / "run/lab-ready"
    ready.unlink(missing_ok=True)
    inner = ["sh", "-c", FIRST_PROCESS, "first", str(tree), host]
    unshare = ["unshare", "--mount", "--uts", "--pid", "--fork", "--mount-proc", "--kill-child"]
    log = tree / "first-process.log"
    launch(["ip", "netns", "exec", space, *unshare, *inner], log)
    deadline = time.monotonic() + 20
    while not ready.exists():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{host} did not come up: {log.read_text(errors='replace')}")
        time.sleep(0.01)


def first_process(space: str) -> int:
    """The pid, out here, of the shell that is process 1 of the host."""
    for pid in processes_in(space):
        if _number_inside(pid) == "1":
            return pid
    raise RuntimeError(f"{space} has no first process: the host is not up")


def _number_inside(pid: int) -> str:
    try:
        status = Path("/proc", str(pid), "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    numbers = fields.get("NSpid", "").split()
    return numbers[-1] if len(numbers) > 1 else ""


def way_in(pid: int) -> list[str]:
    """The words to put before a command so that it runs inside the host."""
    return ["nsenter", "--target", str(pid), "--mount", "--uts", "--net", "--pid", "--"]
