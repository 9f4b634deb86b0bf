"""Node files of libvirt's test driver with as many machines as a measurement wants."""

from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

_DISK = """<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
<source file='/var/lib/libvirt/images/{name}-{disk}.qcow2'/><target dev='vd{disk}' bus='virtio'/>
</disk>"""
_NIC = """<interface type='network'><mac address='52:54:{mac}'/><source network='{network}'/>
<model type='virtio'/><filterref filter='clean-traffic'/></interface>"""
_MACHINE = """<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
<name>{name}</name><uuid>{uuid}</uuid><title>{title}</title>
<memory unit='MiB'>{memory}</memory><vcpu>{vcpus}</vcpu>
<os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
<devices>{disks}{nics}<graphics type='vnc' autoport='yes'>
<listen type='address' address='{listen}'/></graphics><memballoon model='virtio'/></devices>
<test:runstate>{state}</test:runstate></domain>"""
_NETWORK = """<network><name>{name}</name><uuid>{uuid}</uuid><bridge name='virbr{number}'/>
<ip address='10.{number}.0.1' netmask='255.255.255.0'/></network>"""
NETWORKS = ("dmz", "internal", "data", "mgmt", "lab")
_RUNNING, _OFF = 1, 5


def write_node(path: Path, host: str, machines: int) -> str:
    """Write a host of that many machines and return its URI."""
    networks = "".join(
        _NETWORK.format(name=name, number=number + 1, uuid=uuid5(NAMESPACE_URL, f"{host}-{name}"))
        for number, name in enumerate(NETWORKS)
    )
    domains = "".join(_machine(host, number) for number in range(machines))
    path.write_text(f"<node>{networks}{domains}</node>", "utf-8")
    return f"test://{path}"


def _machine(host: str, number: int) -> str:
    name = f"{host}-vm{number:04d}"
    macs = [f"{number >> 8:02x}:{number & 255:02x}:{ord(host[-1]):02x}:{nic:02x}" for nic in (0, 1)]
    network = NETWORKS[number % len(NETWORKS)]
    return _MACHINE.format(
        name=name,
        uuid=uuid5(NAMESPACE_URL, name),
        title=f"Machine {number} of {host}",
        memory=512 * (1 + number % 8),
        vcpus=1 + number % 4,
        disks="".join(_DISK.format(name=name, disk=disk) for disk in "ab"),
        nics="".join(_NIC.format(mac=mac, network=network) for mac in macs),
        listen="0.0.0.0" if number % 9 == 0 else "127.0.0.1",
        state=_RUNNING if number % 3 else _OFF,
    )
