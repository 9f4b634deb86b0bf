"""The SSH process of one host: one login for everything, then facts and libvirt through it."""

import logging
import os
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

from core.hosts.helper.evidence import CollectEvidence, FetchEvidence
from core.hosts.helper.orders import HelperOrder
from core.hosts.hostfacts.reading import read_host
from core.hosts.lowered import lower_privileges
from core.hosts.protocol import Failure
from core.hosts.ssh.bulk_channel import BulkChannel
from core.hosts.ssh.effective import Target, effective
from core.hosts.ssh.helper_channel import HelperLanes
from core.hosts.ssh.libvirt_door import PROBE_BYTES, PROBE_SCRIPT, door_command
from core.hosts.ssh.login import Login
from core.hosts.ssh.offer import offer_libvirt
from core.hosts.ssh.openssh import OpenSshWire
from core.hosts.ssh.problems import SshProblem
from core.hosts.ssh.protocol import (
    CloseShell,
    Connect,
    Failed,
    NeedSecret,
    NeedTrust,
    ReadHostFacts,
    Ready,
    SecretAnswer,
    ShellReport,
    TrustAnswer,
    next_shell_order,
    shell_frame,
)
from core.hosts.ssh.wires import ParamikoWire, Wire

PROBE_DEADLINE_S = 10.0
NO_ANSWER = "Timeout opening channel"  # paramiko's words: libvirt was not even asked


class SshProcess:
    """Obeys the session. Questions wait for their answer on the same socket."""

    def __init__(self, talk: socket.socket) -> None:
        self._talk = talk
        self._lock = threading.Lock()
        self._order = Connect("", "")
        self._wire: Wire | None = None
        self._how = ""
        self._helper: HelperLanes | None = None
        self._reading = threading.Lock()

    def serve(self) -> None:
        while (order := next_shell_order(self._talk)) is not None:
            match order:
                case Connect():
                    self._connect(order)
                case ReadHostFacts() if self._wire is not None:
                    threading.Thread(target=self._read, args=(self._wire,), daemon=True).start()
                case CollectEvidence() | FetchEvidence() if self._wire is not None:
                    BulkChannel(self._wire, self._order.host, self.say).give(order)
                case HelperOrder() if self._helper is not None:
                    self._helper.give(order)
                case CloseShell():
                    break
                case _:
                    break
        if self._wire is not None:
            self._wire.close()

    def say(self, report: ShellReport) -> None:
        with self._lock:
            self._talk.sendall(shell_frame(report))

    def _read(self, wire: Wire) -> None:
        """Facts may take their time: orders to ringfence-host do not wait for them."""
        with self._reading, suppress(OSError):  # the session closed: nobody is left to tell
            self.say(read_host(wire.run, self._order.host, self._how))

    # --- connecting ---------------------------------------------------------------------------

    def _connect(self, order: Connect) -> None:
        self._order = order
        try:
            target = self._target()
            self._wire = self._logged_in(target)
            self._offer(self._wire)
        except SshProblem as problem:
            self.say(Failed(problem.as_failure(order.host)))
            return
        except OSError as error:
            self.say(Failed(Failure("ssh-protocol", {"host": order.host}, str(error))))
            return
        self._helper = HelperLanes(self._wire, order.host, self.say)
        threading.Thread(target=self._watch, args=(self._wire,), daemon=True).start()
        address = f"{target.address}:{target.port}"
        carrier = self._wire.carrier
        self.say(Ready(target.user, self._how, address, carrier, bool(order.socket_path)))

    def _target(self) -> Target:
        order = self._order
        return effective(
            order.address,
            order.user,
            order.port,
            home=Path(order.user_home),
            config_file=order.config_file,
            timeout_s=order.timeout_s,
        )

    def _logged_in(self, target: Target) -> Wire:
        if target.needs_openssh:
            return self._with_openssh(target)
        login = Login(self._order, self._ask_trust, self._ask_secret)
        try:
            login.open(target)
        except SshProblem as problem:
            login.close()
            kerberos = target.may_need_gssapi and has_ticket()
            if problem.code == "ssh-login-refused" and kerberos:
                return self._with_openssh_or(problem, target)
            raise
        self._how = login.how
        return ParamikoWire(login)

    def _with_openssh(self, target: Target) -> Wire:
        control = Path(self._order.scratch_dir) / "ssh.ctl"
        wire = OpenSshWire(self._order, target, control)
        try:
            wire.open()
        except FileNotFoundError as error:
            raise SshProblem("ssh-no-openssh", str(error), what=target.needs_openssh) from error
        self._how = "OpenSSH"
        return wire

    def _with_openssh_or(self, refusal: SshProblem, target: Target) -> Wire:
        """Kerberos is what is left; when that fails too, the first refusal says more."""
        try:
            return self._with_openssh(target)
        except SshProblem:
            raise refusal from None

    def _offer(self, wire: Wire) -> None:
        order = self._order
        if not order.socket_path:
            return
        if not order.libvirt_uri:
            raise SshProblem("ssh-no-helper")
        answer = wire.run(PROBE_SCRIPT, PROBE_BYTES, PROBE_DEADLINE_S)
        command = door_command(answer, order.libvirt_uri, order.read_only)
        offer_libvirt(Path(order.socket_path), wire, command, self._door_refused)

    def _door_refused(self, said: str) -> None:
        code = "timed-out" if NO_ANSWER in said else "ssh-channel"
        failure = Failure(code, {"host": self._order.host, "words": said[:300]}, said)
        self.say(Failed(failure, fatal=False))

    def _watch(self, wire: Wire) -> None:
        """The login's end is the end of this process: the session must hear of it at once."""
        why = wire.wait_end()
        with suppress(OSError):  # the session closed first: nobody is left to tell
            self.say(Failed(Failure("ssh-lost", {"host": self._order.host}, why)))
            self._talk.shutdown(socket.SHUT_RD)

    # --- questions ----------------------------------------------------------------------------

    def _ask_trust(self, address: str, kind: str, fingerprint: str) -> bool:
        self.say(NeedTrust(address, kind, fingerprint))
        answer = next_shell_order(self._talk)
        return isinstance(answer, TrustAnswer) and answer.trusted

    def _ask_secret(self, what: str, subject: str) -> str | None:
        self.say(NeedSecret(what, subject))
        answer = next_shell_order(self._talk)
        return answer.value if isinstance(answer, SecretAnswer) else None


def has_ticket() -> bool:
    """Whether there is a Kerberos ticket at all: else OpenSSH would only be refused as well."""
    return "KRB5CCNAME" in os.environ or Path(f"/tmp/krb5cc_{os.getuid()}").exists()


def main() -> None:
    logging.basicConfig(level=logging.WARNING)
    lower_privileges()
    SshProcess(socket.socket(fileno=int(sys.argv[1]))).serve()


if __name__ == "__main__":
    main()
