"""A host's own files: a copy of /etc and an almost empty /var, /run, /root, /home, /tmp.

Nothing a host does to its files is seen by the machine it runs on, or by another host.
"""

import shutil
from pathlib import Path

from tests.lab.commands import run
from tests.lab.hosts import daemon_settings, zone_networks
from tests.lab.hosts.address import LabAddress

PLACES = ("etc", "run/sshd", "run/lock", "root/.ssh", "home", "tmp", "dev", "var/log/libvirt")
LOCAL_PLACES = ("local/bin", "local/sbin", "local/lib", "local/share")
VAR_PLACES = ("var/lib/dpkg", "var/lib/libvirt/images", "var/lib/libvirt/boot", "var/tmp")
CAPABILITIES = "var/cache/libvirt/qemu/capabilities"
KEEPER = "keeper"  # not root, in the group libvirt: may manage
OUTSIDER = "outsider"  # not root, in no group: libvirt refuses
_USERS = {KEEPER: 60001, OUTSIDER: 60002}


def build_tree(tree: Path, address: LabAddress, host: str, client_public_key: str) -> None:
    """Make the whole tree; what was there before is gone."""
    shutil.rmtree(tree, ignore_errors=True)
    for place in (*PLACES, *LOCAL_PLACES, *VAR_PLACES, CAPABILITIES):
        (tree / place).mkdir(parents=True, exist_ok=True)
    for world_writable in ("tmp", "var/tmp"):
        (tree / world_writable).chmod(0o1777)
    (tree / "root").chmod(0o700)
    (tree / "var/lib/libvirt/boot").chmod(0o711)
    (tree / "var/lib/libvirt/images").chmod(0o711)
    (tree / "var/run").symlink_to("/run")
    (tree / "var/lock").symlink_to("/run/lock")
    run(["cp", "-a", "/etc/.", str(tree / "etc")])
    _write_settings(tree, address, host)
    _write_people(tree, client_public_key)


def _write_settings(tree: Path, address: LabAddress, host: str) -> None:
    etc = tree / "etc"
    (etc / "hostname").write_text(f"{host}\n")
    (etc / "hosts").write_text(f"127.0.0.1 localhost\n{address.host(host)} {host}\n")
    shutil.rmtree(etc / "libvirt")
    (etc / "libvirt/qemu").mkdir(parents=True)
    (etc / "libvirt/libvirtd.conf").write_text(daemon_settings.libvirtd_conf(address, host))
    (etc / "libvirt/qemu.conf").write_text(daemon_settings.QEMU_CONF)
    shutil.copytree("/etc/libvirt/nwfilter", etc / "libvirt/nwfilter", dirs_exist_ok=True)
    zone_networks.write_networks(etc)
    zone_networks.write_pool(etc)
    shutil.rmtree(etc / "ssh")
    (etc / "ssh").mkdir()
    (etc / "ssh/sshd_config").write_text(daemon_settings.SSHD_CONFIG)
    key = etc / "ssh/ssh_host_ed25519_key"
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", host, "-f", str(key)])


def _write_people(tree: Path, public_key: str) -> None:
    etc = tree / "etc"
    passwd, group, shadow = etc / "passwd", etc / "group", etc / "shadow"
    libvirt_line = next(line for line in group.read_text().splitlines() if line[:8] == "libvirt:")
    member = f"{libvirt_line}{'' if libvirt_line.endswith(':') else ','}{KEEPER}"
    group.write_text(group.read_text().replace(f"{libvirt_line}\n", f"{member}\n"))
    _allow_key(tree / "root", 0, public_key)
    shadow.write_text("root:*:19000:0:99999:7:::\n" + _without_root(shadow.read_text()))
    for name, number in _USERS.items():
        with passwd.open("a") as lines:
            lines.write(f"{name}:x:{number}:{number}::/home/{name}:/bin/sh\n")
        with group.open("a") as lines:
            lines.write(f"{name}:x:{number}:\n")
        with shadow.open("a") as lines:
            lines.write(f"{name}:*:19000:0:99999:7:::\n")
        _allow_key(tree / "home" / name, number, public_key)


def _without_root(shadow: str) -> str:
    return "".join(
        line for line in shadow.splitlines(keepends=True) if not line.startswith("root:")
    )


def _allow_key(home: Path, number: int, public_key: str) -> None:
    ssh = home / ".ssh"
    ssh.mkdir(parents=True, exist_ok=True)
    (ssh / "authorized_keys").write_text(public_key)
    run(["chown", "-R", f"{number}:{number}", str(home)])
    run(["chmod", "-R", "go=", str(home)])
