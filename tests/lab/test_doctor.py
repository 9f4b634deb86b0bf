"""The connection doctor names the cause of each trouble that a real host can be in."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.hosts.doctor import diagnose
from core.settings.fleet_file import read_fleet
from core.settings.model import HostEntry
from core.settings.places import Places
from core.text.catalogue import load_catalogue
from tests.lab.commands import run
from tests.lab.configuration import write_home
from tests.lab.hosts.lab import Lab
from tests.lab.pki import ServerCertificate
from tests.lab.selinux.host import SelinuxHost
from tests.lab.stations import ringfence
from tests.nobody import Nobody


def declared(home: Path, name: str) -> HostEntry:
    return next(
        entry for entry in read_fleet(Places.under(home).fleet_file).hosts if name == entry.name
    )


def trouble(home: Path, entry: HostEntry) -> str:
    """The code of the stage that fails, with a next step; empty when all is well."""
    places = Places.under(home).make()
    steps = asyncio.run(diagnose(entry, places=places, prompts=Nobody()))
    words = load_catalogue("en")
    for step in steps:
        assert words.say(step.cause)
    last = steps[-1]
    if last.ok:
        return ""
    assert last.step is not None
    assert words.say(last.step)
    return last.cause.code


@pytest.mark.parametrize("name", ["h1", "h2", "h3"])
def test_a_healthy_host_has_no_trouble(home: Path, name: str) -> None:
    assert trouble(home, declared(home, name)) == ""


@pytest.mark.parametrize(
    ("kind", "code"),
    [("expired", "expired"), ("other-name", "name"), ("unknown-ca", "authority")],
)
def test_a_wrong_certificate(lab: Lab, home: Path, kind: ServerCertificate, code: str) -> None:
    host = lab.hosts["h3"]
    host.serve_certificate(kind)
    try:
        assert code in trouble(home, declared(home, "h3"))
    finally:
        host.serve_certificate("good")


def test_a_closed_port(lab: Lab, home: Path) -> None:
    lab.hosts["h3"].kill_libvirtd()
    assert "port" in trouble(home, declared(home, "h3"))


def test_a_dead_daemon_behind_ssh(lab: Lab, home: Path) -> None:
    host = lab.hosts["h2"]
    host.kill_libvirtd()
    assert "ssh-channel" in trouble(home, declared(home, "h2"))  # it left its socket behind
    for socket in host.path("/run/libvirt").glob("libvirt-sock*"):
        socket.unlink()
    assert "daemon-missing" in trouble(home, declared(home, "h2"))


def test_a_name_that_does_not_resolve(home: Path) -> None:
    entry = replace(declared(home, "h3"), uri="qemu://nowhere.invalid/system")
    assert "doctor-name" in trouble(home, entry)


def test_who_is_in_no_group(lab: Lab, home: Path) -> None:
    entry = replace(declared(home, "h2"), uri=lab.hosts["h2"].ssh_uri_as("outsider"))
    assert "refused-group" in trouble(home, entry)


def test_a_key_the_host_does_not_know(lab: Lab, home: Path, tmp_path: Path) -> None:
    key = tmp_path / "stranger"
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)])
    uri = lab.hosts["h2"].ssh_uri.replace(str(lab.hosts["h2"].ssh_key), str(key))
    assert "login-refused" in trouble(home, replace(declared(home, "h2"), uri=uri))


def test_a_host_key_that_changed(lab: Lab, home: Path, tmp_path: Path) -> None:
    host = lab.hosts["h2"]
    other = host.known_hosts.read_text().splitlines()[0].split()[1:]
    known = tmp_path / "known_hosts"
    known.write_text(f"{host.address} {' '.join(other)}\n")
    (home / "state/known_hosts").unlink()
    uri = host.ssh_uri.replace(str(host.known_hosts), str(known))
    assert "changed" in trouble(home, replace(declared(home, "h2"), uri=uri))


def test_the_command_says_the_same(lab: Lab, home: Path) -> None:
    assert ringfence(home, "host", "check", "h1").returncode == 0
    lab.hosts["h3"].kill_libvirtd()
    assert ringfence(home, "host", "check", "h3").returncode == 3


@pytest.mark.selinux
def test_whom_polkit_refuses(selinux_host: SelinuxHost, tmp_path: Path) -> None:
    write_home(tmp_path, [(selinux_host, "ssh")])
    entry = replace(declared(tmp_path, "selinux"), uri=selinux_host.ssh_uri_as("outsider"))
    assert "polkit" in trouble(tmp_path, entry)
