"""A cpio archive a kernel boots from, written without any tool: busybox, modules and one script."""

import gzip
import stat

import msgspec

BUSYBOX_NAMES = [
    "sh",
    "mount",
    "insmod",
    "ip",
    "hostname",
    "mkdir",
    "cat",
    "sleep",
    "httpd",
    "nc",
    "ping",
    "ls",
    "ps",
    "dmesg",
    "poweroff",
    "setsid",
    "cttyhack",
]

INIT = """\
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do insmod "/modules/$module"; done
for word in $(cat /proc/cmdline); do
  case $word in
    lab.name=*) name=${word#*=} ;;
    lab.addresses=*) addresses=${word#*=} ;;
  esac
done
hostname "$name"
echo "$name" > /www/index.html
ip link set lo up
card=0
IFS=,
for address in $addresses; do
  ip link set "eth$card" up
  ip address add "$address" dev "eth$card"
  card=$((card + 1))
done
unset IFS
httpd -p 80 -h /www
(while :; do nc -l -p 7 -e cat; done) &
echo "lab guest $name answers"
while :; do setsid cttyhack sh; sleep 1; done
"""


class Entry(msgspec.Struct, frozen=True):
    """One name in the archive; `device` is the major and minor number of a character device."""

    name: str
    mode: int
    content: bytes = b""
    device: tuple[int, int] = (0, 0)


def build_initramfs(busybox: bytes, modules: dict[str, bytes]) -> bytes:
    """The compressed archive; modules are loaded in the order given."""
    order = "".join(f"{name}\n" for name in modules)
    entries = [
        *(Entry(name, stat.S_IFDIR | 0o755) for name in _DIRECTORIES),
        Entry("dev/console", stat.S_IFCHR | 0o600, device=(5, 1)),
        Entry("dev/null", stat.S_IFCHR | 0o666, device=(1, 3)),
        Entry("bin/busybox", stat.S_IFREG | 0o755, busybox),
        *(Entry(f"bin/{name}", stat.S_IFLNK | 0o777, b"busybox") for name in BUSYBOX_NAMES),
        *(Entry(f"modules/{name}", stat.S_IFREG | 0o644, body) for name, body in modules.items()),
        Entry("modules/order", stat.S_IFREG | 0o644, order.encode()),
        Entry("init", stat.S_IFREG | 0o755, INIT.encode()),
    ]
    return packed(entries)


def packed(entries: list[Entry]) -> bytes:
    """One archive. The kernel takes several in one file; a later one has the last word."""
    whole = [*entries, Entry("TRAILER!!!", 0)]
    archive = b"".join(_cpio(number, entry) for number, entry in enumerate(whole, 1))
    return gzip.compress(archive, 6, mtime=0)


_DIRECTORIES = ("bin", "dev", "modules", "proc", "sys", "www")


def _cpio(inode: int, entry: Entry) -> bytes:
    name = entry.name.encode() + b"\0"
    fields = (
        *(inode, entry.mode, 0, 0, 1, 0, len(entry.content)),
        *(0, 0, *entry.device, len(name), 0),
    )
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name
    return _padded(head) + _padded(entry.content)


def _padded(blob: bytes) -> bytes:
    return blob + b"\0" * (-len(blob) % 4)
