"""The small ground a session stands on: scratch directories, children, meters, logins."""

import asyncio
import os
import socket
import sys
from pathlib import Path

import pytest

from core.hosts.daemon import existing_socket, session_socket
from core.hosts.ends import first_cause
from core.hosts.framing import Meter, ProtocolBreach
from core.hosts.logins import Logins, connect_order, pki_dir_of
from core.hosts.process import child_environment, launch
from core.hosts.prompts import question
from core.hosts.protocol import Failure
from core.hosts.scratch import make_scratch, remove_scratch
from core.hosts.timing import Timing
from core.hosts.uri import parse_uri
from core.settings.model import HostEntry, SshTarget
from core.settings.places import Places
from core.settings.secrets import Secrets
from core.text import RingfenceError
from tests.unit.hosts.conftest import Run
from tests.unit.hosts.station_ends import Answers

SSH_URI = "qemu+ssh://ann@hv1:2222/system?keyfile=/k"


def test_scratch_is_private_and_the_dead_are_swept(tmp_path: Path) -> None:
    left = tmp_path / "host-99999999-left"
    left.mkdir()
    scratch = make_scratch(tmp_path)
    assert scratch.stat().st_mode & 0o777 == 0o700
    assert not left.exists()
    remove_scratch(scratch)
    assert list(tmp_path.iterdir()) == []


def test_a_child_inherits_nothing_of_the_user(run: Run, tmp_path: Path) -> None:
    lines: list[str] = []
    program = "import os; print([*os.environ], os.getcwd(), len(os.listdir('/proc/self/fd')))"

    async def scenario() -> None:
        child = await launch((sys.executable, "-P", "-c", program), tmp_path, log=lines.append)
        await child.ended.wait()
        await asyncio.sleep(0.05)
        await child.close()

    os.environ["SSH_AUTH_SOCK"] = "/should/not/pass"
    try:
        run(scenario)
    finally:
        del os.environ["SSH_AUTH_SOCK"]
    assert "SSH_AUTH_SOCK" not in lines[0]
    assert "DBUS" not in lines[0]
    assert lines[0].endswith(" / 5")  # three standard ones, our socket, the listing itself
    assert set(child_environment(tmp_path)) >= {"HOME", "PATH", "PYTHONPATH"}


def test_ending_a_child_ends_what_it_started(run: Run, tmp_path: Path) -> None:
    lines: list[str] = []
    program = (
        "import subprocess,sys; print(subprocess.Popen(['sleep','600']).pid, flush=True);"
        "sys.stdin.read(); import time; time.sleep(600)"
    )

    async def scenario() -> None:
        child = await launch((sys.executable, "-P", "-c", program), tmp_path, log=lines.append)
        async with asyncio.timeout(5):
            while not lines:
                await asyncio.sleep(0.01)
        await child.close()
        async with asyncio.timeout(5):
            while _alive(int(lines[0])):
                await asyncio.sleep(0.01)

    run(scenario)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_the_meter_lets_much_through_and_stops_a_flood() -> None:
    meter = Meter(messages=10, messages_per_s=0.001, megabytes=1, megabytes_per_s=0.001)
    for _ in range(10):
        meter.count(10)
    with pytest.raises(ProtocolBreach):
        meter.count(10)
    with pytest.raises(ProtocolBreach):
        Meter(megabytes=1).count(2_000_000)


def test_what_was_asked_for_is_no_flood() -> None:
    meter = Meter(messages=10, messages_per_s=0.001, megabytes=1, megabytes_per_s=0.001)
    meter.grant(8_000_000)
    meter.count(6_000_000)
    meter.count(2_900_000)  # two of it as asked for
    with pytest.raises(ProtocolBreach):
        meter.count(200_000)


def test_the_back_off_grows_to_a_minute() -> None:
    timing = Timing()
    delays = [timing.retry_delay(attempt) for attempt in range(12)]
    assert 0.8 <= delays[0] <= 1.2
    assert 3.2 <= delays[2] <= 4.8
    assert all(48 <= delay <= 72 for delay in delays[6:])


def test_the_entrys_words_win_over_the_uris(tmp_path: Path) -> None:
    places = Places.under(tmp_path)
    uri = parse_uri(SSH_URI)
    plain = connect_order(HostEntry("hv1", SSH_URI), uri, places, tmp_path, "/s")
    assert (plain.address, plain.user, plain.port, plain.key_file) == ("hv1", "ann", 2222, "/k")
    assert plain.libvirt_uri == "qemu:///system"
    entry = HostEntry("hv1", SSH_URI, ssh=SshTarget("alias", "bob", 22, "/other"))
    own = connect_order(entry, uri, places, tmp_path, "/s")
    assert (own.address, own.user, own.port, own.key_file) == ("alias", "bob", 22, "/other")


@pytest.mark.parametrize("target", [SshTarget("-oProxyCommand=x"), SshTarget("h", "-l")])
def test_an_ssh_target_is_never_an_option(tmp_path: Path, target: SshTarget) -> None:
    entry = HostEntry("hv1", SSH_URI, ssh=target)
    with pytest.raises(RingfenceError) as caught:
        connect_order(entry, parse_uri(SSH_URI), Places.under(tmp_path), tmp_path, "/s")
    assert caught.value.code == "ssh-target"


def test_a_hosts_own_certificates_come_first(tmp_path: Path) -> None:
    places = Places.under(tmp_path)
    entry = HostEntry("hv1", "qemu://h/system")
    uri = parse_uri(entry.uri)
    folder = places.pki_dir / "hv1"
    folder.mkdir(parents=True)
    for name in ("cacert.pem", "clientcert.pem", "clientkey.pem"):
        (folder / name).touch()
    assert pki_dir_of(entry, uri, places) == str(folder)
    declared = HostEntry("hv1", "qemu://h/system", pki_dir="/declared")
    assert pki_dir_of(declared, uri, places) == "/declared"


def test_a_secret_is_kept_and_forgotten_when_it_was_refused(run: Run) -> None:
    async def scenario() -> None:
        prompts, secrets = Answers(libvirt_password="pw"), Secrets(None)
        entry = HostEntry("vc", "esx://root@vc/")
        logins = Logins(entry, parse_uri(entry.uri), prompts, secrets)
        assert [each.value for each in await logins.credentials()] == ["root", "root", "pw", "pw"]
        again = Logins(entry, parse_uri(entry.uri), prompts, secrets)
        await again.credentials()
        assert prompts.asked == ["libvirt-password root"]
        await again.forget()
        assert secrets.get("vc", "libvirt-password root") is None

    run(scenario)


def test_the_words_of_a_question() -> None:
    assert question("key-passphrase /home/ann/my key").params == {"subject": "/home/ann/my key"}


def test_the_one_nearer_to_the_wire_knows_the_cause() -> None:
    shell, channel, closed = Failure("ssh-lost"), Failure("ssh-channel"), Failure("host-closed")
    refused = Failure("refused-polkit")
    assert first_cause(closed, shell, channel) is shell
    assert first_cause(closed, None, channel) is channel
    assert first_cause(refused, None, channel) is refused
    assert first_cause(closed, None, None) is closed


@pytest.mark.skipif(os.geteuid() != 0, reason="asks what root must not do")
def test_root_never_starts_the_systems_daemon(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        with pytest.raises(RingfenceError) as caught:
            await session_socket(tmp_path)
        assert caught.value.code == "session-daemon"

    run(scenario)


def test_the_session_daemons_socket_is_found(run: Run, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as daemon:
        daemon.bind(str(tmp_path / "libvirt-sock"))
        assert existing_socket(tmp_path) == tmp_path / "libvirt-sock"

        async def scenario() -> None:
            assert await session_socket(tmp_path) == str(tmp_path / "libvirt-sock")

        run(scenario)
