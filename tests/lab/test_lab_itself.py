"""The lab keeps its promises, so that a test on it means something."""

import subprocess
import time

import pytest

from tests.lab.commands import run
from tests.lab.hosts.address import HOST_NAMES
from tests.lab.hosts.lab import Lab
from tests.lab.pki import ServerCertificate


def listed(uri: str) -> set[str]:
    words = ["virsh", "--quiet", "--connect", uri, "list", "--all", "--name"]
    return set(run(words, timeout_seconds=30).stdout.split())


@pytest.mark.parametrize("name", HOST_NAMES)
def test_a_host_is_reached_over_tls_and_ssh(lab: Lab, name: str) -> None:
    host = lab.hosts[name]
    on_the_host = set(host.virsh(["list", "--all", "--name"]).split())
    expected = {guest.name for guest in lab.guests.values() if guest.host == name}
    assert expected < on_the_host
    assert listed(host.tls_uri) == on_the_host
    assert listed(host.libssh_uri()) == on_the_host


def test_every_login_is_counted(lab: Lab) -> None:
    host = lab.hosts["h2"]
    before = host.ssh_login_count()
    listed(host.libssh_uri())
    listed(host.libssh_uri("keeper"))
    assert host.ssh_login_count() == before + 2


def test_who_is_in_no_group_is_refused(lab: Lab) -> None:
    with pytest.raises(RuntimeError):
        listed(lab.hosts["h1"].libssh_uri("outsider"))


def test_hosts_differ_in_uuid_and_name(lab: Lab) -> None:
    uuids = {
        host.virsh(["sysinfo"], check=False) + host.exec(["hostname"]).stdout
        for host in lab.hosts.values()
    }
    assert len(uuids) == len(HOST_NAMES)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("expired", "not trusted"),  # libvirt itself does not say that it expired
        ("other-name", "does not match the hostname"),
        ("unknown-ca", "signed by an unknown|hasn't got a known issuer|unknown issuer"),
    ],
)
def test_a_wrong_certificate_is_refused(lab: Lab, kind: ServerCertificate, said: str) -> None:
    host = lab.hosts["h3"]
    host.serve_certificate(kind)
    try:
        with pytest.raises(RuntimeError, match=said):
            listed(host.tls_uri)
    finally:
        host.serve_certificate("good")
    assert listed(host.tls_uri)


def test_a_guest_answers_until_its_link_goes_down(lab: Lab) -> None:
    lab.wait_until_answers("g1")
    host = lab.hosts["h1"]
    card = host.virsh(["domiflist", "g1"]).split()[-1]
    host.virsh(["domif-setlink", "g1", card, "down"])
    assert not lab.ping("g1")
    host.virsh(["domif-setlink", "g1", card, "up"])
    lab.wait_until_answers("g1", timeout_seconds=10)


def test_a_frozen_host_answers_nothing_and_the_others_do(lab: Lab) -> None:
    lab.hosts["h2"].freeze()
    with pytest.raises(subprocess.TimeoutExpired):
        run(["virsh", "--connect", lab.hosts["h2"].tls_uri, "version"], timeout_seconds=1.5)
    assert listed(lab.hosts["h1"].tls_uri)
    lab.hosts["h2"].thaw()
    assert listed(lab.hosts["h2"].tls_uri)


def test_a_killed_daemon_leaves_its_guests_running(lab: Lab) -> None:
    host = lab.hosts["h1"]
    lab.start_guest("g1")
    host.kill_libvirtd()
    with pytest.raises(RuntimeError):
        listed(host.tls_uri)
    host.start_libvirtd()
    assert host.state("g1") == "running"


def test_a_pulled_cable_cuts_the_host_off(lab: Lab) -> None:
    host = lab.hosts["h3"]
    host.cut_link()
    started = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        run(["virsh", "--connect", host.tls_uri, "version"], timeout_seconds=1.5)
    assert time.monotonic() - started < 5
    host.restore_link()
    assert listed(host.tls_uri)
