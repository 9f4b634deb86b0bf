"""The SELinux host is what it claims: enforcing, and its machines carry the labels `ps` shows."""

import re

import pytest

from tests.lab.commands import run
from tests.lab.selinux.host import SelinuxHost
from tests.lab.selinux.machines import STARTED, STATIC_LABEL

pytestmark = pytest.mark.selinux
DYNAMIC_LABEL = re.compile(r"system_u:system_r:svirt_\w+:s0:c\d+,c\d+")


def label_of(host: SelinuxHost, name: str) -> tuple[str, str]:
    """What libvirt says from afar: the label and the mode."""
    words = ["virsh", "--quiet", "--connect", host.tls_uri, "dominfo", name]
    said = run(words).stdout
    found = re.search(r"^Security label:\s+(\S+) \((\w+)\)$", said, re.MULTILINE)
    assert found is not None, said
    return found[1], found[2]


@pytest.mark.parametrize("name", STARTED)
def test_labels_equal_those_of_the_processes(selinux_host: SelinuxHost, name: str) -> None:
    assert label_of(selinux_host, name) == (selinux_host.process_labels()[name], "enforcing")


def test_two_dynamic_machines_never_share_a_pair(selinux_host: SelinuxHost) -> None:
    labels = selinux_host.process_labels()
    assert DYNAMIC_LABEL.fullmatch(labels["s1"])
    assert DYNAMIC_LABEL.fullmatch(labels["s2"])
    assert labels["s1"].split(":")[-1] != labels["s2"].split(":")[-1]
    assert labels["s3"] == STATIC_LABEL


def test_permissive_is_seen_from_afar(selinux_host: SelinuxHost) -> None:
    selinux_host.set_enforcing(False)
    try:
        assert label_of(selinux_host, "s1")[1] == "permissive"
    finally:
        selinux_host.set_enforcing(True)


def test_it_is_reached_over_ssh_and_polkit_refuses_strangers(selinux_host: SelinuxHost) -> None:
    words = ["virsh", "--quiet", "--connect"]
    listing = run([*words, selinux_host.libssh_uri(), "list", "--name"]).stdout
    assert set(STARTED) <= set(listing.split())
    with pytest.raises(RuntimeError, match=r"polkit|authenticat"):
        run([*words, selinux_host.libssh_uri("outsider"), "list"])
