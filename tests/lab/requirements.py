"""What the lab needs of the machine it runs on; a missing thing is named, never guessed around."""

import os
import shutil
from pathlib import Path

from tests.lab.commands import SYSTEM_PATH

HOST_TOOLS = (
    "ip",
    "unshare",
    "nsenter",
    "mount",
    "libvirtd",
    "virsh",
    "virt-ssh-helper",
    "qemu-system-x86_64",
    "qemu-img",
    "dnsmasq",
    "sshd",
    "ssh-keygen",
    "nft",
    "iptables",
    "ebtables",
    "busybox",
    "ping",
)
IMAGE_TOOLS = ("debootstrap", "setfiles", "mke2fs", "chroot", "apt-get", "dpkg-deb")


def reason_not_to_run() -> str | None:
    """Why the hosts cannot be built here, in words for the summary line; None when they can."""
    if os.uname().sysname != "Linux":
        return "needs Linux"
    if os.geteuid() != 0:
        return "needs root"
    return _missing(HOST_TOOLS) or _no_namespaces()


def reason_not_to_run_selinux() -> str | None:
    """Why the SELinux host cannot be built here; None when it can."""
    return reason_not_to_run() or _missing(IMAGE_TOOLS)


def _missing(tools: tuple[str, ...]) -> str | None:
    absent = [tool for tool in tools if shutil.which(tool, path=SYSTEM_PATH) is None]
    return f"missing: {' '.join(absent)} (packaging/bootstrap.sh test)" if absent else None


def _no_namespaces() -> str | None:
    kinds = ("net", "mnt", "uts", "pid")
    absent = [kind for kind in kinds if not Path("/proc/self/ns", kind).exists()]
    return f"the kernel has no {' '.join(absent)} namespaces" if absent else None
