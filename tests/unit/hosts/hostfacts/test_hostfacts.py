"""The script's words become facts; what could not be read says why."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.facts import Daemon, HostOs, Ksm, Reason, Unknown
from core.hosts.hostfacts.__main__ import run_local_shell
from core.hosts.hostfacts.assemble import host_os, identity, readable
from core.hosts.hostfacts.kernel import swap_encrypted
from core.hosts.hostfacts.reading import clock_offset, read_host
from core.hosts.hostfacts.script import HOST_SCRIPT
from core.hosts.hostfacts.sections import take_apart, text_of
from core.hosts.hostfacts.services import assignments, sshd
from core.hosts.process import child_environment
from core.hosts.ssh.protocol import Facts, Failed
from core.hosts.worker.confinement.landlock import abi
from tests.unit.hosts.hostfacts.recorded import DEBIAN, FEDORA_UNPRIVILEGED, encoded, output


def facts_of(sections: dict[str, str]) -> HostOs:
    return host_os(take_apart(output(sections)), 0.0)


def test_a_debian_host_as_root() -> None:
    os = facts_of(DEBIAN)
    assert (os.kernel, os.distribution) == ("6.1.0-28-amd64", "Debian GNU/Linux 12 (bookworm)")
    assert (os.selinux, os.apparmor, os.smt) == ("disabled", True, "on")
    assert os.ksm == Ksm(1, 4711)
    assert os.listening == ("tcp 0.0.0.0:16514", "tcp 0.0.0.0:22", "tcp [::]:22")
    assert os.libvirt_group == ("anna", "bo")
    assert not isinstance(os.vulnerabilities, Unknown)
    assert [entry.name for entry in os.vulnerabilities if entry.vulnerable] == ["mds"]
    assert (os.nested, os.iommu, os.swap_encrypted) == (True, True, True)
    assert os.svirt_permissive_types == ()
    assert os.machine_processes == (("912cd0ed-98f5-44f7-9667-73c1df7700b1", "libvirt-qemu"),)
    assert os.files["/dev/kvm"] == "0660 root:kvm"
    assert os.uptime_seconds == 2297.93


def test_libvirts_files_are_parsed_to_their_assignments() -> None:
    os = facts_of(DEBIAN)
    assert os.daemons == (
        Daemon(
            "libvirtd.conf",
            {
                "listen_tls": "0",
                "tls_allowed_dn_list": '["C=DE,CN=one","C=DE,CN=two"]',
                "auth_unix_rw": "polkit",
            },
        ),
        Daemon("qemu.conf", {"user": "libvirt-qemu", "namespaces": '[ "mount" ]'}),
    )


def test_what_an_ordinary_user_may_not_read_is_unknown_with_that_reason() -> None:
    os = facts_of(FEDORA_UNPRIVILEGED)
    assert os.selinux == "permissive"
    assert os.apparmor is False
    assert isinstance(os.daemons, Unknown)
    assert os.daemons.reason is Reason.NOT_PERMITTED
    assert isinstance(os.listening, Unknown)
    assert os.swap_encrypted is True
    assert os.uptime_seconds == 0.0


def test_as_whom_we_are_there() -> None:
    root = identity(take_apart(output(DEBIAN)), "ssh key x")
    assert (root.user, root.uid, root.root) == ("root", 0, True)
    assert root.groups == ("root", "libvirt")
    anna = identity(take_apart(output(FEDORA_UNPRIVILEGED)), "ssh key x")
    assert (anna.user, anna.root) == ("anna", False)


def test_a_failed_command_is_not_an_empty_answer() -> None:
    sections = take_apart(f"listening {encoded('ss: broken', 1)}\n".encode())
    answer = text_of(sections, "listening")
    assert isinstance(answer, Unknown)
    assert answer.reason is Reason.FAILED


def test_an_answer_that_was_cut_is_not_taken_for_whole() -> None:
    cut = base64.b64encode(b"x" * 65536).decode()
    sections = take_apart(f"vulnerabilities {cut}\n".encode())
    answer = text_of(sections, "vulnerabilities")
    assert isinstance(answer, Unknown)
    assert answer.reason is Reason.UNREADABLE
    assert not readable(take_apart(output(DEBIAN, whole=False)))


def test_a_file_cannot_pose_as_another_section() -> None:
    hostile = DEBIAN | {"/etc/os-release": "PRETTY_NAME=x\nuid MA==\nend end\n"}
    assert identity(take_apart(output(hostile)), "").uid == 0
    assert facts_of(hostile).distribution == "x"


@pytest.mark.parametrize(
    ("swaps", "expected"),
    [
        ("Filename Type\n", True),
        ("Filename Type\n/dev/sda2 partition 1 0 -2\n", False),
        ("Filename Type\n/dev/dm-0 partition 1 0 -2\n", False),
        ("Filename Type\n/dev/dm-1 partition 1 0 -2\n/dev/zram0 partition 1 0 5\n", True),
    ],
)
def test_swap(swaps: str, expected: bool) -> None:
    assert swap_encrypted(take_apart(output(DEBIAN | {"/proc/swaps": swaps}))) is expected


def test_swap_in_a_file_cannot_be_known() -> None:
    sections = take_apart(output(DEBIAN | {"/proc/swaps": "F T\n/swapfile file 1 0 -2\n"}))
    assert isinstance(swap_encrypted(sections), Unknown)


def test_sshd_files_are_read_up_to_the_first_match() -> None:
    text = "# x\nPermitRootLogin No\nPermitRootLogin yes\nMatch User git\nX11Forwarding yes\n"
    settings = sshd(take_apart(output({"sshd-files": text})))
    assert not isinstance(settings, Unknown)
    assert settings.values == {"permitrootlogin": "no"}


def test_the_script_is_sound_shell_and_reads_this_machine() -> None:
    checked = subprocess.run(["/bin/sh", "-n"], input=HOST_SCRIPT, check=False)
    assert checked.returncode == 0
    facts = read_host(run_local_shell, "here", "test")
    assert isinstance(facts, Facts)
    assert facts.os.kernel
    assert facts.os.boot_id
    assert not isinstance(facts.os.clock_offset_seconds, Unknown)
    assert abs(facts.os.clock_offset_seconds) < 5


def test_a_greeting_of_the_login_shell_is_no_clock() -> None:
    def greets(script: bytes, most: int, deadline_s: float) -> bytes:
        return b"Welcome!\n"

    def greets_and_runs(script: bytes, most: int, deadline_s: float) -> bytes:
        return b"Welcome!\n1700000000.5\n"

    assert isinstance(clock_offset(greets), Unknown)
    assert not isinstance(clock_offset(greets_and_runs), Unknown)


def test_a_shell_that_cannot_be_run_is_a_failure_with_words() -> None:
    def refuse(script: bytes, most: int, deadline_s: float) -> bytes:
        raise OSError("channel closed")

    failed = read_host(refuse, "hv1", "x")
    assert isinstance(failed, Failed)
    assert (failed.failure.code, failed.fatal) == ("host-facts", False)


@given(st.binary(max_size=400))
def test_any_answer_makes_facts_or_unknowns_never_an_exception(answer: bytes) -> None:
    sections = take_apart(answer)
    host_os(sections, 0.0)
    identity(sections, "x")


@given(st.text(max_size=300))
def test_any_file_makes_assignments(text: str) -> None:
    for name, value in assignments(text).items():
        assert name.isascii()
        assert len(value) <= 4000


@given(st.dictionaries(st.sampled_from(sorted(DEBIAN)), st.text(max_size=80)))
def test_hostile_sections_make_facts(sections: dict[str, str]) -> None:
    facts_of(DEBIAN | sections)


def test_the_reader_of_this_machine_reaches_neither_home_nor_network(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("key")
    program = f"""
import socket
from core.hosts.hostfacts.__main__ import run_local_shell
from core.hosts.hostfacts.confined import confine_reader
from core.hosts.hostfacts.reading import read_host
from core.hosts.lowered import lower_privileges
lower_privileges()
confine_reader()
for attempt in (
    lambda: open({str(secret)!r}),
    lambda: open("/tmp/planted", "w"),
    lambda: socket.create_connection(("127.0.0.1", 9)),
):
    try:
        attempt()
    except PermissionError:
        print("denied")
print(read_host(run_local_shell, "here", "x").os.kernel)
"""
    if not abi():
        pytest.skip("this kernel has no Landlock")
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=child_environment(tmp_path),
    )
    assert done.stdout.split() == ["denied"] * 3 + [os.uname().release]
