"""Three real libvirt hosts with 300 machines each, ten of them running, and a slow way to them."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import NAMESPACE_URL, uuid5

import libvirt

from tests.lab.hosts.host import Host
from tests.lab.hosts.lab import Lab, claim_number

ROOT = Path(__file__).parents[2]
MACHINES = 300
RUNNING = 10
SLOW_PORT = 17514
TLS_PORT = 16514
ONE_WAY_S = 0.010  # 20 ms there and back

_SNAPSHOT = """<domainsnapshot><name>before</name><state>shutoff</state>
<creationTime>1763000000</creationTime><memory snapshot='no'/>
<disks><disk name='vda' snapshot='internal'/></disks>{domain}</domainsnapshot>"""
_MACHINE = """<domain type='qemu'><name>{name}</name><uuid>{uuid}</uuid>
<title>{title}</title><description>{description}</description>
<memory unit='MiB'>16</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='q35'>hvm</type></os>
<features><acpi/><apic/></features><cpu mode='custom'><model>qemu64</model></cpu>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
{disks}{nics}
<graphics type='vnc' autoport='yes'><listen type='address' address='127.0.0.1'/></graphics>
<video><model type='vga'/></video><memballoon model='virtio'/>
<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
</devices></domain>"""
_DISK = """<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none'/>
<source file='/var/lib/libvirt/images/{name}-{disk}.qcow2'/><target dev='vd{disk}' bus='virtio'/>
</disk>"""
_NIC = """<interface type='network'><mac address='52:54:01:{mac}'/><source network='{network}'/>
<model type='virtio'/><filterref filter='clean-traffic'/></interface>"""


@contextmanager
def crowd() -> Generator[Lab]:
    """Bring the three hosts up and fill them."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="rf-bench-lab-")))
        number, lock = claim_number(range(101, 200))
        stack.callback(lock.close)
        lab = Lab(directory, number)
        stack.callback(lab.down)
        lab.up()
        for host in lab.hosts.values():
            _fill(host)
        yield lab


def _fill(host: Host) -> None:
    there = libvirt.open(host.tls_uri)
    try:
        network = sorted(net.name() for net in there.listAllNetworks() if net.isActive())[0]
        known = len(there.listAllDomains())
        for number in range(MACHINES - known):
            _define(there, host, number, network)
    finally:
        there.close()


def _define(there: libvirt.virConnect, host: Host, number: int, network: str) -> None:
    name = f"{host.name}-crowd{number:03d}"
    runs = number < RUNNING
    domain = there.defineXML(_xml(name, number, host.name, network, filtered=not runs))
    if runs:
        for disk in "ab":
            image = f"/var/lib/libvirt/images/{name}-{disk}.qcow2"
            host.exec(["qemu-img", "create", "-q", "-f", "qcow2", image, "1M"])
        domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        domain.resume() if number < 2 else None
    else:
        snapshot = _SNAPSHOT.format(domain=domain.XMLDesc())
        domain.snapshotCreateXML(snapshot, libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE)


def _xml(name: str, number: int, host: str, network: str, *, filtered: bool) -> str:
    macs = [f"{int(host[1:]):02x}:{number & 255:02x}:{(number >> 8) * 2 + n:02x}" for n in (0, 1)]
    nics = "".join(_NIC.format(mac=mac, network=network) for mac in macs)
    return _MACHINE.format(
        name=name,
        uuid=uuid5(NAMESPACE_URL, name),
        title=f"One of many on {host}",
        description="What a person once wrote about this machine. " * 60,
        disks="".join(_DISK.format(name=name, disk=disk) for disk in "ab"),
        nics=nics if filtered else nics.replace("<filterref filter='clean-traffic'/>", ""),
    )


@contextmanager
def slow_way(lab: Lab) -> Generator[dict[str, str]]:
    """Offer each host at the end of a 20 ms link; yield name -> URI."""
    with ExitStack() as stack:
        for host in lab.hosts.values():
            words = [sys.executable, "-m", "tests.bench.delay_proxy", host.address]
            words += [str(SLOW_PORT), str(TLS_PORT), str(ONE_WAY_S)]
            space = lab.address.namespace(host.name)
            proxy = subprocess.Popen(
                ["ip", "netns", "exec", space, *words], cwd=ROOT, stdout=subprocess.PIPE
            )
            stack.callback(proxy.wait)
            stack.callback(proxy.terminate)
            assert proxy.stdout is not None
            stack.callback(proxy.stdout.close)
            proxy.stdout.readline()
        yield {name: slow_uri(host) for name, host in lab.hosts.items()}


def slow_uri(host: Host) -> str:
    return host.tls_uri.replace(host.address, f"{host.address}:{SLOW_PORT}")


def product_uri(uri: str) -> str:
    """The same in the product's spelling."""
    return uri.replace("qemu://", "qemu+tls://")
