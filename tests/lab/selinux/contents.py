"""What is put into the SELinux host's root directory on top of the distribution's packages."""

from pathlib import Path

from tests.lab.commands import run
from tests.lab.selinux.machines import IMAGE_BYTES, IMAGES, NAMES, machine_xml

PACKAGES = (
    "systemd-sysv",
    "libpam-systemd",
    "dbus",
    "polkitd",
    "openssh-server",
    "sudo",
    "libvirt-daemon-system",
    "libvirt-clients",
    "qemu-system-x86",
    "selinux-policy-default",
    "policycoreutils",
    "linux-image-cloud-amd64",
    "nftables",
    "dnsmasq-base",
    "iproute2",
    "iputils-ping",
    "procps",
    "python3",
)
USERS = {"keeper": "libvirt", "outsider": "nogroup"}

# The reference policy does not let libvirtd and systemd's machine registry talk to each other.
# One type is permissive although the host enforces: such a machine is not held by its label.
POLICY_MODULE = """\
(typeattributeset cil_gen_require virtd_t)
(typeattributeset cil_gen_require systemd_machined_t)
(typeattributeset cil_gen_require systemd_logind_t)
(allow virtd_t systemd_machined_t (dbus (send_msg)))
(allow systemd_machined_t virtd_t (dbus (send_msg)))
(allow virtd_t systemd_logind_t (dbus (send_msg)))
(allow systemd_logind_t virtd_t (dbus (send_msg)))
(typeattributeset cil_gen_require svirt_prot_exec_t)
(typepermissive svirt_prot_exec_t)
"""

_NETWORK_UNIT = """\
[Unit]
Description=The one network card
DefaultDependencies=no
After=systemd-udevd.service
Before=network.target ssh.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/ip link set lo up
ExecStart=/usr/sbin/ip link set eth0 up
ExecStart=/usr/sbin/ip address add 10.0.2.15/24 dev eth0
ExecStart=/usr/sbin/ip route add default via 10.0.2.2
"""
_SETTINGS = {
    "etc/hostname": "selinux\n",
    "etc/hosts": "127.0.0.1 localhost selinux\n",
    "etc/fstab": "/dev/vda / ext4 defaults 0 1\n",
    "etc/selinux/config": "SELINUX=enforcing\nSELINUXTYPE=default\n",
    "etc/systemd/system/lab-network.service": _NETWORK_UNIT,
    "etc/libvirt/qemu.conf": (
        'namespaces = [ ]\ncgroup_controllers = [ ]\nsecurity_driver = "selinux"\n'
    ),
    "etc/libvirt/libvirtd.conf": 'unix_sock_group = "libvirt"\nauth_unix_rw = "polkit"\n',
    # Anybody may knock, so that it is polkit that refuses.
    "etc/systemd/system/libvirtd.socket.d/lab.conf": "[Socket]\nSocketMode=0666\n",
}
_WANTED = {
    "multi-user.target.wants": "/etc/systemd/system/lab-network.service",
    "sockets.target.wants": "/lib/systemd/system/libvirtd-tls.socket",
}
_UNWANTED = (
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "cron.service",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "libvirt-guests.service",
)
# One emulator is enough: libvirt asks each for its capabilities, slowly here.
_SUPERFLUOUS = ("usr/bin/qemu-system-i386", "usr/bin/qemu-system-x86_64-microvm")


def furnish(root: Path, public_key: str) -> None:
    """Write settings, units, users and machines; labels are set by the caller, afterwards."""
    for name, text in _SETTINGS.items():
        _write(root / name, text)
    units = root / "etc/systemd/system"
    for target, unit in _WANTED.items():
        (units / target / Path(unit).name).symlink_to(unit)
    for unit in _UNWANTED:
        (units / "multi-user.target.wants" / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")
    for name in _SUPERFLUOUS:
        (root / name).unlink(missing_ok=True)
    _add_users(root, public_key)
    _extend_policy(root)
    _write_machines(root)


def _add_users(root: Path, public_key: str) -> None:
    for name, group in USERS.items():
        useradd = ["useradd", "--create-home", "--shell", "/bin/sh", "--groups", group, name]
        run(["chroot", str(root), *useradd])
    for name, home in (("root", "root"), *((name, f"home/{name}") for name in USERS)):
        keys = root / home / ".ssh/authorized_keys"
        _write(keys, public_key)
        keys.parent.chmod(0o700)
        run(["chroot", str(root), "chown", "-R", f"{name}:", f"/{home}/.ssh"])
        run(["chroot", str(root), "usermod", "--password", "*", name])


def _extend_policy(root: Path) -> None:
    module = root / "root/lab.cil"
    module.write_text(POLICY_MODULE)
    run(["chroot", str(root), "semodule", "-N", "-i", "/root/lab.cil"], timeout_seconds=300)
    module.unlink()
    # TCG needs memory that can be written and executed.
    on = ["setsebool", "-N", "-P", "virt_use_execmem", "on"]
    run(["chroot", str(root), *on], timeout_seconds=300)


def _write_machines(root: Path) -> None:
    for name in NAMES:
        _write(root / f"root/{name}.xml", machine_xml(name))
        image = root / f"{IMAGES}/{name}.img".lstrip("/")
        with image.open("wb") as disk:
            disk.truncate(IMAGE_BYTES)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
