"""Everything in a lab host in which somebody might leave something: to see that nobody did."""

import re

from tests.lab.hosts.host import Host

PLACES = ("etc", "sbin", "var/lib", "run")
# What libvirt and others write while nobody prepares anything.
NOISE = re.compile(
    r"run/(libvirt|lock|xtables|dnsmasq|sshd)|var/lib/(libvirt|dpkg)|etc/libvirt/(qemu/.*(autostart|lan)"
    r"|storage|nwfilter|secrets)|run/.*\.(pid|lock|sock)"
)
Tree = dict[str, tuple[int, bytes | None]]


def tree_of(host: Host) -> Tree:
    """Every path that somebody might leave something in, with its mode and its bytes."""
    found: Tree = {}
    for place in PLACES:
        for each in sorted((host.tree / place).rglob("*")):
            name = str(each.relative_to(host.tree))
            if not NOISE.match(name):
                body = each.read_bytes() if each.is_file() and not each.is_symlink() else None
                found[name] = (each.lstat().st_mode, body)
    return found
