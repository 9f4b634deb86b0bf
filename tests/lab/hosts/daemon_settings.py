"""The settings of a lab host's daemons: what each file below /etc says."""

from uuid import UUID, uuid5

from tests.lab.hosts.address import LabAddress

_LAB = UUID("5d4a2b1e-58c4-4f0f-9a55-0d2f6f3f7a10")

QEMU_CONF = """\
cgroup_controllers = [ ]
stdio_handler = "file"
"""

SSHD_CONFIG = """\
ListenAddress 0.0.0.0
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
AuthorizedKeysFile .ssh/authorized_keys
MaxStartups 200:30:400
MaxSessions 64
LogLevel VERBOSE
PidFile /run/sshd.pid
Subsystem sftp internal-sftp
"""


def libvirtd_conf(address: LabAddress, host: str) -> str:
    """TLS and the UNIX socket; a uuid of its own, as all hosts share one firmware here.

    Without its sanity check libvirtd starts with a wrong certificate too, as tests need it to.
    """
    uuid = uuid5(_LAB, address.namespace(host))
    return f"""\
listen_tls = 1
listen_tcp = 0
tls_no_sanity_certificate = 1
host_uuid = "{uuid}"
unix_sock_group = "libvirt"
unix_sock_rw_perms = "0770"
auth_unix_ro = "none"
auth_unix_rw = "none"
max_clients = 500
max_anonymous_clients = 100
log_outputs = "2:file:/var/log/libvirt/libvirtd.log"
"""
