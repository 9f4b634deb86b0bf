"""A configuration directory for the product that knows the lab: what RINGFENCE_HOME points at."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from tests.lab.hosts.host import Host
from tests.lab.selinux.host import SelinuxHost

Way = Literal["tls", "tls+ssh", "ssh"]
# Each host by another way, so that a test on all three is a test of all ways.
WAYS: dict[str, Way] = {"h1": "tls+ssh", "h2": "ssh", "h3": "tls"}
AnyHost = Host | SelinuxHost

ZONES = """
[[zones]]
name = "dmz"
colour = "#c0392b"
protection = "high"
data_class = "public"
networks = ["dmz"]

[[zones]]
name = "internal"
colour = "#2471a3"
protection = "high"
data_class = "internal"
networks = ["internal"]

[[zones]]
name = "vault"
colour = "#7d3c98"
protection = "very-high"
data_class = "secret"
networks = ["vault"]

[[zones]]
name = "lan"
colour = "#1e8449"
networks = ["lan"]

[[tenants]]
name = "acme"
machines = ["h1/*", "h2/g3"]
"""


def write_home(home: Path, hosts: Iterable[tuple[AnyHost, Way]]) -> None:
    """Write fleet.toml and the host keys already accepted, as an admin would have them."""
    config, state = home / "config", home / "state"
    for directory in (home, config, state):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    chosen = list(hosts)
    tables = "".join(_host_table(host, way) for host, way in chosen)
    (config / "fleet.toml").write_text(f"version = 1\n{tables}{ZONES}")
    keys = dict.fromkeys(host.known_hosts.read_text() for host, _ in chosen)
    (state / "known_hosts").write_text("".join(keys))


def _host_table(host: AnyHost, way: Way) -> str:
    if way == "ssh":
        return f'\n[[hosts]]\nname = "{host.name}"\nuri = "{host.ssh_uri}"\n'
    table = (
        f'\n[[hosts]]\nname = "{host.name}"\nuri = "{host.tls_uri}"\npki_dir = "{host.pki_dir}"\n'
    )
    if way == "tls":
        return table
    target = (
        f'host = "{host.address}", user = "root", port = {host.ssh_port}, '
        f'key_file = "{host.ssh_key}"'
    )
    return f"{table}ssh = {{ {target} }}\n"
