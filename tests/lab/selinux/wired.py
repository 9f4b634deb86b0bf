"""Two machines on a bridge of the SELinux host, both of which start with it."""

import shlex

from tests.lab.selinux.host import SelinuxHost
from tests.lab.selinux.machines import STARTED

HELD, BESIDE = "n1", "n2"
MACS = {HELD: "52:54:00:5e:00:01", BESIDE: "52:54:00:5e:00:02"}
BRIDGE = "br0"
# With the host's one card, before libvirt: also after a reboot.
_UNIT = "/etc/systemd/system/lab-network.service.d/bridge.conf"
_SETTINGS = f"""\
[Service]
ExecStart=/usr/sbin/ip link add {BRIDGE} type bridge
ExecStart=/usr/sbin/ip link set {BRIDGE} up
"""


def _machine(name: str) -> str:
    """A card, and nothing to boot: it waits, and leaves the host's time to the host."""
    return f"""<domain type="qemu"><name>{name}</name><memory unit="MiB">32</memory>
  <vcpu>1</vcpu><os><type arch="x86_64" machine="pc">hvm</type></os>
  <features><acpi/></features>
  <devices><interface type="bridge"><source bridge="{BRIDGE}"/><mac address="{MACS[name]}"/>
  <model type="virtio"/><rom enabled="no"/></interface><memballoon model="none"/></devices></domain>
"""


def wire(host: SelinuxHost) -> None:
    lines = [
        f"mkdir -p {_UNIT.rpartition('/')[0]}",
        f"printf %s {shlex.quote(_SETTINGS)} > {_UNIT}",
        "systemctl daemon-reload",
        # Each of them keeps the emulated processor busy looking for something to boot.
        *(f"virsh -q suspend {name}" for name in STARTED),
        f"ip link add {BRIDGE} type bridge && ip link set {BRIDGE} up",
        *(
            f"printf %s {shlex.quote(_machine(name))} > /root/{name}.xml && "
            f"for verb in 'define /root/{name}.xml' 'autostart {name}' 'start {name}'; do "
            "virsh -q $verb; done"
            for name in MACS
        ),
    ]
    host.exec(["sh", "-ec", "\n".join(lines)])


# Everything in which somebody might leave something, but what each run of the host makes anew, and
# what semodule writes anew as whoever ran it: of that, the lines and the module of ours.
_LOOK = r"""
find /etc /usr/sbin /var/lib/ringfence /run/ringfence -xdev \( -type f -o -type l -o -type d \) \
  ! -path '/etc/libvirt/qemu/*' ! -path '/etc/selinux/*' \
  -printf '%p %m %u:%g %Z\n' 2>/dev/null | sort
sha256sum /etc/libvirt/qemu.conf
grep -h ringfence /etc/selinux/*/contexts/files/file_contexts
ls /var/lib/selinux/*/active/modules/400
nft list tables | grep ringfence
systemctl list-units --all --plain --no-legend 'ringfence*'
virsh -q net-list --all --name
exit 0
"""


def traces_of(host: SelinuxHost) -> list[str]:
    return host.exec(["sh", "-c", _LOOK]).stdout.splitlines()
