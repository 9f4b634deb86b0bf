"""The SSH process against a real sshd: one login, strict host keys, whose key is used."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from core.hosts.process import launch, module_launch
from core.hosts.protocol import Failure
from core.hosts.shell import HostShell
from core.hosts.ssh.protocol import Connect, Facts, Ready
from tests.unit.hosts.conftest import Run
from tests.unit.hosts.ssh.server import SshServer, make_key
from tests.unit.hosts.station_ends import QUICK, Answers

SLOW = msgspec.structs.replace(QUICK, login_deadline_s=20.0)


class Ground:
    """A key, a server that lets it in, and an order to go there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = make_key(folder / "key")
        self.server = SshServer(folder / "server", self.key)
        self.station_known_hosts = folder / "station_known_hosts"
        self.facts: list[Facts] = []
        config = folder / "ssh_config"
        config.write_text(f"UserKnownHostsFile {folder / 'user_known_hosts'}\n")
        self.order = Connect(
            host="hv1",
            address="127.0.0.1",
            user=self.server.user,
            port=self.server.port,
            key_file=str(self.key),
            station_known_hosts=str(self.station_known_hosts),
            user_home=str(folder),
            config_file=str(config),
            scratch_dir=str(folder),
        )

    def know_the_server(self) -> None:
        self.server.known_hosts(self.station_known_hosts)

    @property
    def proxy_command(self) -> str:
        wire = f"/dev/tcp/127.0.0.1/{self.server.port}"
        return f"ProxyCommand bash -c 'exec 3<>{wire}; cat <&3 & exec cat >&3'"

    def configure(self, *lines: str) -> None:
        with (self.folder / "ssh_config").open("a") as file:
            file.write("".join(f"{line}\n" for line in lines))

    def ordered(self, **changes: object) -> Connect:
        return msgspec.structs.replace(self.order, **changes)

    def offering(self) -> Connect:
        socket_path = str(self.folder / "lv.sock")
        return self.ordered(socket_path=socket_path, libvirt_uri="qemu:///session")

    @asynccontextmanager
    async def shell(self, prompts: Answers, **environment: str) -> AsyncGenerator[HostShell]:
        child = await launch(
            module_launch("core.hosts.ssh"),
            self.folder,
            log=print,
            extra_environment=environment,
        )
        shell = HostShell("hv1", child, prompts, self.facts.append, SLOW)
        try:
            yield shell
        finally:
            await shell.close()

    async def try_login(
        self, order: Connect | None = None, prompts: Answers | None = None, **environment: str
    ) -> Ready | Failure:
        async with self.shell(prompts or Answers(), **environment) as shell:
            return await shell.connect(order or self.order)


@pytest.fixture
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    ground = Ground(tmp_path_factory.mktemp("g"))
    yield ground
    ground.server.stop()


async def echoed(socket_path: str, words: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(socket_path)
    writer.write(words)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


def test_one_login_carries_everything(run: Run, ground: Ground) -> None:
    ground.know_the_server()

    async def scenario() -> None:
        async with ground.shell(Answers()) as shell:
            ready = await shell.connect(ground.offering())
            assert isinstance(ready, Ready), ready
            assert ready.carrier == "paramiko"
            assert ready.how.startswith("ssh key SHA256:")
            following = asyncio.ensure_future(shell.follow())
            path = ground.offering().socket_path
            answers = await asyncio.gather(*(echoed(path, b"x" * 200_000) for _ in range(4)))
            assert {answer[:30] for answer in answers} == {b"helper qemu:///session\nxxxxxxx"}
            assert {len(answer) for answer in answers} == {200_023}
            async with asyncio.timeout(20):
                while not ground.facts:
                    await asyncio.sleep(0.02)
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    run(scenario)
    assert ground.server.logins == 1
    assert ground.facts[0].identity.user == ground.server.user
    assert ground.facts[0].os.kernel == os.uname().release


def test_the_helper_is_told_of_read_only(run: Run, ground: Ground) -> None:
    ground.know_the_server()

    async def scenario() -> None:
        async with ground.shell(Answers()) as shell:
            order = msgspec.structs.replace(ground.offering(), read_only=True)
            assert isinstance(await shell.connect(order), Ready)
            assert await echoed(order.socket_path, b"") == b"helper -r qemu:///session\n"

    run(scenario)


def test_an_unknown_key_is_asked_once(run: Run, ground: Ground) -> None:
    prompts = Answers(trust=True)

    async def scenario() -> None:
        for _ in range(2):
            assert isinstance(await ground.try_login(prompts=prompts), Ready)

    run(scenario)
    name = f"[127.0.0.1]:{ground.server.port}"
    assert prompts.asked == [f"{name} ssh-ed25519 {ground.server.fingerprint}"]
    assert ground.station_known_hosts.stat().st_mode & 0o077 == 0


def test_an_unknown_key_that_is_not_trusted_gets_no_login(run: Run, ground: Ground) -> None:
    async def scenario() -> None:
        failure = await ground.try_login()
        assert isinstance(failure, Failure)
        assert failure.code == "ssh-key-untrusted"
        assert failure.params["offered"] == ground.server.fingerprint

    run(scenario)
    assert ground.server.logins == 0


def test_a_changed_key_is_never_asked_about(run: Run, ground: Ground) -> None:
    ground.know_the_server()
    before = ground.server.fingerprint
    ground.server.change_host_key()
    prompts = Answers(trust=True)

    async def scenario() -> None:
        failure = await ground.try_login(prompts=prompts)
        assert isinstance(failure, Failure)
        assert failure.code == "ssh-key-changed"
        assert failure.params["known"] == before
        assert failure.params["offered"] == ground.server.fingerprint

    run(scenario)
    assert prompts.asked == []
    assert ground.server.logins == 0


def test_a_revoked_key_is_refused(run: Run, ground: Ground) -> None:
    ground.know_the_server()
    public = ground.server.host_key.with_suffix(".pub").read_text()
    with ground.station_known_hosts.open("a") as file:
        file.write(f"@revoked * {public}")

    async def scenario() -> None:
        failure = await ground.try_login()
        assert isinstance(failure, Failure)
        assert failure.code == "ssh-key-revoked"

    run(scenario)


def test_a_key_the_server_does_not_want_is_refused(run: Run, ground: Ground) -> None:
    ground.know_the_server()
    other = make_key(ground.folder / "other")

    async def scenario() -> None:
        failure = await ground.try_login(ground.ordered(key_file=str(other)))
        assert isinstance(failure, Failure)
        assert failure.code == "ssh-login-refused"
        assert failure.params["user"] == ground.server.user

    run(scenario)


def test_a_locked_key_is_opened_with_the_users_words(run: Run, ground: Ground) -> None:
    ground.know_the_server()
    command = ["ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", str(ground.key)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    async def scenario() -> None:
        good = Answers(key_passphrase="open sesame")
        assert isinstance(await ground.try_login(prompts=good), Ready)
        assert good.asked == [f"key-passphrase {ground.key}"]
        bad = await ground.try_login(prompts=Answers(key_passphrase="wrong"))
        assert isinstance(bad, Failure)
        assert bad.code == "ssh-key-file"
        none = await ground.try_login()
        assert isinstance(none, Failure)
        assert none.code == "ssh-secret-missing"

    run(scenario)


def test_the_agent_is_used(run: Run, ground: Ground) -> None:
    ground.know_the_server()
    agent_socket = ground.folder / "agent"
    agent = subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(agent_socket)], stdout=subprocess.DEVNULL
    )
    try:
        ends_at = time.monotonic() + 5
        while not agent_socket.exists() and time.monotonic() < ends_at:
            time.sleep(0.01)
        environment = {**os.environ, "SSH_AUTH_SOCK": str(agent_socket)}
        subprocess.run(["ssh-add", "-q", str(ground.key)], env=environment, check=True)
        ground.key.unlink()

        async def scenario() -> None:
            order = ground.ordered(key_file="")
            ready = await ground.try_login(order, SSH_AUTH_SOCK=str(agent_socket))
            assert isinstance(ready, Ready), ready

        run(scenario)
    finally:
        agent.terminate()
        agent.wait(5)


def test_jump_hosts_of_ssh_config_are_passed(run: Run, ground: Ground) -> None:
    ground.know_the_server()
    inner = SshServer(ground.folder / "inner", ground.key)
    inner.known_hosts(ground.station_known_hosts)
    ground.configure(
        f"IdentityFile {ground.key}",
        "Host target",
        f"  HostName 127.0.0.1\n  Port {inner.port}",
        f"  ProxyJump {ground.server.user}@127.0.0.1:{ground.server.port}",
    )

    async def scenario() -> None:
        ready = await ground.try_login(ground.ordered(address="target", port=0, key_file=""))
        assert isinstance(ready, Ready), ready
        assert ready.carrier == "paramiko"

    try:
        run(scenario)
        assert (ground.server.logins, inner.logins) == (1, 1)
    finally:
        inner.stop()


def test_what_paramiko_cannot_do_openssh_does_with_one_login(run: Run, ground: Ground) -> None:
    ground.know_the_server()
    ground.configure(ground.proxy_command)

    async def scenario() -> None:
        async with ground.shell(Answers()) as shell:
            ready = await shell.connect(ground.offering())
            assert isinstance(ready, Ready), ready
            assert ready.carrier == "openssh"
            path = ground.offering().socket_path
            answers = await asyncio.gather(*(echoed(path, b"y" * 100_000) for _ in range(3)))
            assert {len(answer) for answer in answers} == {100_023}
            following = asyncio.ensure_future(shell.follow())
            async with asyncio.timeout(20):
                while not ground.facts:
                    await asyncio.sleep(0.02)
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    run(scenario)
    assert ground.server.logins == 1


def test_openssh_never_lets_an_unknown_key_through(run: Run, ground: Ground) -> None:
    ground.configure(ground.proxy_command)

    async def scenario() -> None:
        failure = await ground.try_login()
        assert isinstance(failure, Failure)
        assert failure.code == "ssh-openssh-untrusted"

    run(scenario)
    assert ground.server.logins == 0


def test_openssh_shows_both_fingerprints_of_a_changed_key(run: Run, ground: Ground) -> None:
    ground.know_the_server()
    before = ground.server.fingerprint
    ground.server.change_host_key()
    ground.configure(ground.proxy_command)

    async def scenario() -> None:
        failure = await ground.try_login()
        assert isinstance(failure, Failure)
        assert failure.code == "ssh-key-changed"
        assert failure.params["known"] == before
        assert failure.params["offered"] == ground.server.fingerprint

    run(scenario)
    assert ground.server.logins == 0


def test_the_end_of_the_login_ends_libvirts_connections_at_once(run: Run, ground: Ground) -> None:
    ground.know_the_server()

    async def scenario() -> None:
        async with ground.shell(Answers()) as shell:
            assert isinstance(await shell.connect(ground.offering()), Ready)
            following = asyncio.ensure_future(shell.follow())
            reader, writer = await asyncio.open_unix_connection(ground.offering().socket_path)
            assert await reader.readline() == b"helper qemu:///session\n"
            cut_at = time.monotonic()
            await asyncio.to_thread(ground.server.cut)
            assert await reader.read() == b""
            failure = await asyncio.wait_for(following, 5)
            assert failure.code == "ssh-lost"
            assert time.monotonic() - cut_at < 2.0
            writer.close()

    run(scenario)


@pytest.mark.parametrize(
    ("address", "port", "code"),
    [("127.0.0.1", 1, "ssh-port-closed"), ("no-such-host.invalid", 22, "name-unresolved")],
)
def test_a_way_that_leads_nowhere_is_named(
    run: Run, ground: Ground, address: str, port: int, code: str
) -> None:
    async def scenario() -> None:
        failure = await ground.try_login(ground.ordered(address=address, port=port))
        assert isinstance(failure, Failure)
        assert failure.code == code

    run(scenario)
