"""Code inside a worker's confinement reaches its own host's PKI files and nothing else of ours."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.hosts.protocol import Credential, Log, Open
from core.hosts.worker.confinement import landlock
from tests.unit.hosts.worker.child import WorkerChild, opening

PROBE = "tests.unit.hosts.worker.probe"


class Desk:
    """A user's folders as they are on a desk: keys of two hosts, journal, key ring, agent."""

    def __init__(self, folder: Path, sockets: ExitStack) -> None:
        self.home = folder / "home"
        self.own_pki = folder / "pki" / "h1"
        self.other_pki = folder / "pki" / "h2"
        self.files = {
            "other key": self.other_pki / "clientkey.pem",
            "journal": folder / "state" / "journal.sqlite",
            "audit": folder / "state" / "audit.sqlite",
            "fleet": folder / "config" / "fleet.toml",
            "keyring": self.home / ".local/share/keyrings/login.keyring",
            "ssh key": self.home / ".ssh/id_ed25519",
        }
        for path in (*self.files.values(), self.own_pki / "clientkey.pem"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("secret")
        self.agent = folder / "agent.sock"
        self.own_socket = folder / "run" / "libvirt.sock"
        self.own_socket.parent.mkdir()
        for path in (self.agent, self.own_socket):
            sockets.enter_context(_listening(socket.AF_UNIX, str(path)))
        self.abstract = f"ringfence-test-{os.getpid()}"
        sockets.enter_context(_listening(socket.AF_UNIX, "\0" + self.abstract))
        tcp = sockets.enter_context(_listening(socket.AF_INET, ("127.0.0.1", 0)))
        self.tcp_port = tcp.getsockname()[1]


def _listening(family: int, address: object) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.bind(address)  # type: ignore[arg-type] # each family has its own shape
    listener.listen()
    return listener


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with ExitStack() as sockets:
        yield Desk(tmp_path, sockets)


def attempt(order: Open, home: Path, tries: list[tuple[str, object]]) -> dict[str, str]:
    """What each attempt ended in, and what the confinement said of itself."""
    lines = "\n".join(f"{kind} {target}" for kind, target in tries)
    child = WorkerChild(home, PROBE)
    try:
        child.give(_with_tries(order, lines))
        child.wait_for(Log, lambda log: log.level == "end")
    finally:
        child.end()
    said = [report for report in child.said if isinstance(report, Log)]
    found = {"confined": "\n".join(log.text for log in said if log.level == "confined")}
    for log in said:
        target, _, end = log.text.rpartition(" ")
        found[f"{log.level} {target}"] = end
    found["environment"] = next(log.text for log in said if log.level == "environment")
    return found


def _with_tries(order: Open, lines: str) -> Open:
    return Open(
        0,
        order.host,
        order.uri,
        order.read_only,
        pki_dir=order.pki_dir,
        socket_path=order.socket_path,
        credentials=(Credential(0, lines),),
    )


def tls(desk: Desk) -> Open:
    return opening(
        f"qemu+tls://127.0.0.1:{desk.tcp_port}/system?pkipath={desk.own_pki}",
        pki_dir=str(desk.own_pki),
    )


def over_ssh(desk: Desk) -> Open:
    path = str(desk.own_socket)
    return opening(f"qemu+unix:///system?socket={path}", socket_path=path)


@pytest.mark.skipif(not landlock.abi(), reason="the kernel has no Landlock to test")
def test_it_reads_its_own_pki_and_nothing_else_of_the_user(desk: Desk) -> None:
    tries: list[tuple[str, object]] = [("read", path) for path in desk.files.values()]
    tries += [("read", desk.own_pki / "clientkey.pem"), ("list", desk.home), ("list", "/root")]
    tries += [
        ("write", desk.own_pki / "new"),
        ("write", desk.home / "new"),
        ("read", "/etc/shadow"),
    ]
    found = attempt(tls(desk), desk.home, tries)

    assert found[f"read {desk.own_pki / 'clientkey.pem'}"] == "open"
    reached = {key for key, end in found.items() if end == "open"}
    assert reached == {f"read {desk.own_pki / 'clientkey.pem'}"}


def test_a_tls_worker_cannot_make_a_unix_socket(desk: Desk) -> None:
    tries: list[tuple[str, object]] = [("unix", desk.agent), ("abstract", desk.abstract)]
    found = attempt(tls(desk), desk.home, tries)

    assert found[f"unix {desk.agent}"] == "EAFNOSUPPORT"
    assert found[f"abstract {desk.abstract}"] == "EAFNOSUPPORT"


def test_a_tls_worker_connects_to_its_host_s_port_only(desk: Desk) -> None:
    with _listening(socket.AF_INET, ("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        found = attempt(
            tls(desk),
            desk.home,
            [("tcp", f"127.0.0.1:{desk.tcp_port}"), ("tcp", f"127.0.0.1:{port}")],
        )

    assert found[f"tcp 127.0.0.1:{desk.tcp_port}"] == "open"
    assert found[f"tcp 127.0.0.1:{port}"] == "EACCES"


def test_an_ssh_host_s_worker_reaches_its_own_socket_but_no_agent(desk: Desk) -> None:
    """By path this takes the mount namespace, by abstract name Landlock."""
    tries: list[tuple[str, object]] = [
        ("unix", desk.own_socket),
        ("unix", desk.agent),
        ("abstract", desk.abstract),
        ("tcp", f"127.0.0.1:{desk.tcp_port}"),
    ]
    found = attempt(over_ssh(desk), desk.home, tries)

    assert found[f"unix {desk.own_socket}"] == "open"
    assert found[f"abstract {desk.abstract}"] == "EPERM"
    assert found[f"tcp 127.0.0.1:{desk.tcp_port}"] == "EAFNOSUPPORT"
    if "a file system of its own" in found["confined"]:
        assert found[f"unix {desk.agent}"] == "ENOENT"
    else:
        assert "sockets stay reachable by their path" in found["confined"]


def test_it_starts_and_signals_nothing(desk: Desk) -> None:
    tries: list[tuple[str, object]] = [
        ("run", "/usr/bin/true"),
        ("fork", ""),
        ("signal", os.getpid()),
    ]
    found = attempt(over_ssh(desk), desk.home, tries)

    assert found["run /usr/bin/true"] == "EPERM"
    assert found["fork "] == "EPERM"
    assert found[f"signal {os.getpid()}"] == "EPERM"


def test_the_environment_names_no_agent_and_no_bus(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "GNUPGHOME"):
        monkeypatch.setenv(name, str(desk.agent))
    found = attempt(tls(desk), desk.home, [])

    assert set(found["environment"].split()) <= {
        "PATH",
        "LANG",
        "TZ",
        "PYTHONPATH",
        "HOME",
        "TMPDIR",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
        "XDG_RUNTIME_DIR",
    }
