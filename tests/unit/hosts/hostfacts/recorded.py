"""What hosts answered to the script, as recorded on a Debian 12 and a Fedora host."""

import base64

MISSING, HIDDEN = "-", "?"


def encoded(body: str, status: int = 0) -> str:
    return base64.b64encode(f"{body}\n{status}".encode()).decode("ascii")


def output(sections: dict[str, str], *, whole: bool = True) -> bytes:
    """The script's answer. A value of - or ? stands for a file that is not there, or hidden."""
    lines = [
        f"{name} {body if body in (MISSING, HIDDEN) else encoded(body)}"
        for name, body in sections.items()
    ]
    return "\n".join([*lines, *(["end end"] if whole else [])]).encode("ascii")


DEBIAN = {
    "kernel": "6.1.0-28-amd64\n",
    "user": "root\n",
    "uid": "0\n",
    "groups": "root libvirt\n",
    "libvirt-group": "libvirt:x:113:anna,bo\n",
    "listening": (
        "LISTEN 0      128          0.0.0.0:22         0.0.0.0:*\n"
        "LISTEN 0      10           0.0.0.0:16514      0.0.0.0:*\n"
        "LISTEN 0      128             [::]:22            [::]:*\n"
    ),
    "vulnerabilities": (
        "l1tf:Not affected\n"
        "mds:Vulnerable: Clear CPU buffers attempted, no microcode; SMT vulnerable\n"
        "spectre_v1:Mitigation: usercopy/swapgs barriers and __user pointer sanitization\n"
    ),
    "machines": "912cd0ed-98f5-44f7-9667-73c1df7700b1 libvirt-qemu\nnot-a-uuid root\n",
    "permissive": "",
    "modes": "/var/lib/libvirt/images 711 root:root\n/dev/kvm 660 root:kvm\n",
    "mapped": "dm-0 LVM-abc\ndm-1 CRYPT-LUKS2-0123-swap\n",
    "iommu": "0\n1\n2\n",
    "sshd": "port 22\npermitrootlogin without-password\npasswordauthentication no\n",
    "/etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n',
    "/sys/fs/selinux/enforce": MISSING,
    "/sys/module/apparmor/parameters/enabled": "Y\n",
    "/sys/kernel/mm/ksm/run": "1\n",
    "/sys/kernel/mm/ksm/pages_shared": "4711\n",
    "/sys/devices/system/cpu/smt/control": "on\n",
    "/sys/module/kvm_intel/parameters/nested": MISSING,
    "/sys/module/kvm_amd/parameters/nested": "1\n",
    "/proc/sys/kernel/random/boot_id": "7b59b67a-87e2-4348-8738-a8460cd97169\n",
    "/proc/uptime": "2297.93 4000.10\n",
    "/proc/swaps": "Filename Type Size Used Priority\n/dev/dm-1 partition 1 0 -2\n",
    "/etc/libvirt/libvirtd.conf": (
        "# comment\n#listen_tcp = 1\nlisten_tls = 0\n"
        'tls_allowed_dn_list = ["C=DE,CN=one",\n  # why\n  "C=DE,CN=two"]\n'
        'auth_unix_rw = "polkit" # said twice\n'
    ),
    "/etc/libvirt/qemu.conf": 'user = "libvirt-qemu"\nnamespaces = [ "mount" ]\n',
    "/etc/libvirt/virtqemud.conf": MISSING,
    "/etc/libvirt/virtproxyd.conf": MISSING,
    "/etc/libvirt/virtlogd.conf": MISSING,
}

FEDORA_UNPRIVILEGED = {
    "kernel": "6.11.5-300.fc41.x86_64\n",
    "user": "anna\n",
    "uid": "1000\n",
    "groups": "anna wheel\n",
    "/etc/os-release": "NAME=Fedora\nPRETTY_NAME='Fedora Linux 41'\n",
    "/sys/fs/selinux/enforce": "0",
    "/sys/module/apparmor/parameters/enabled": MISSING,
    "/proc/uptime": "nonsense",
    "/proc/swaps": "Filename Type Size Used Priority\n/dev/zram0 partition 1 0 100\n",
    **{
        f"/etc/libvirt/{name}": HIDDEN
        for name in ("libvirtd.conf", "virtqemud.conf", "virtproxyd.conf", "qemu.conf")
    },
}
