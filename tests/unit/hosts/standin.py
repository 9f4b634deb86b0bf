"""A worker that behaves as its first argument says: good, or bad in one particular way.

A real process, launched in the real worker's place.
"""

import os
import signal
import socket
import sys
import time
from datetime import UTC, datetime

from core.facts import Host, MachineRow, MachineState, Reason, Transport, Unknown
from core.hosts.protocol import (
    FRAME_HEAD_BYTES,
    ORDER_DECODER,
    Answer,
    AnyOrder,
    Applied,
    Close,
    Closed,
    Failure,
    FullRead,
    Log,
    Open,
    Opened,
    Ping,
    Report,
    Rows,
    SetLinkState,
    WatchHeld,
    frame,
)

UUID = "11111111-2222-3333-4444-555555555555"
UNREAD = Unknown(Reason.NOT_SUPPORTED)


def host_named(name: str) -> Host:
    return Host(
        name=name,
        uri="lie:///",
        transport=Transport.TLS,
        hostname="stand-in",
        driver="Test",
        read_only=False,
        observed_at=datetime.now(UTC),
        libvirt_version="9.0.0",
        hypervisor_version="2",
        security_drivers=UNREAD,
        cpu_model=UNREAD,
        cpus=2,
        memory_bytes=UNREAD,
        iommu=UNREAD,
        encrypted_transport=True,
        verified_peer=True,
        identity=UNREAD,
    )


class StandIn:
    def __init__(self, kind: str, talk: socket.socket) -> None:
        self._kind = kind
        self._talk = talk
        self._file = talk.makefile("rb")

    def say(self, report: Report) -> None:
        self._talk.sendall(frame(report))

    def heard(self) -> AnyOrder | None:
        head = self._file.read(FRAME_HEAD_BYTES)
        if not head:
            return None
        order: AnyOrder = ORDER_DECODER.decode(self._file.read(int.from_bytes(head, "big")))
        return order

    def run(self) -> None:
        while (order := self.heard()) is not None and not isinstance(order, Close):
            self.obey(order)

    def obey(self, order: AnyOrder) -> None:
        match order:
            case Open():
                self.open(order)
            case Ping():
                if self._kind != "deaf":
                    self.say(Answer(order.number, Applied()))
            case WatchHeld():
                self.say(Log("info", "held " + " ".join(order.uuids)))
            case SetLinkState():
                self.effect(order)
            case _:
                self.say(Answer(order.number, Applied(value=type(order).__name__)))

    def open(self, order: Open) -> None:
        if self._kind == "hang-open":
            time.sleep(600)
        if self._kind == "refuse":
            self.say(Closed(Failure("tls-refused", {"host": order.host}, "no", 7, 7)))
            return
        if self._kind == "auth" and not order.credentials:
            self.say(Closed(Failure("auth-needed", {}, "authentication failed", 45, 7)))
            return
        self.say(Opened(host_named("other" if self._kind == "impostor" else order.host)))
        self.say(Rows((MachineRow(UUID, "web", MachineState.RUNNING),), True))
        self.say(FullRead(1, 0.01, 3))
        self.misbehave()

    def misbehave(self) -> None:
        match self._kind:
            case "die":
                sys.stderr.write("assertion failed: it hurts\n")
                sys.stderr.flush()
                os.kill(os.getpid(), signal.SIGABRT)
            case "stop":
                os.kill(os.getpid(), signal.SIGSTOP)
            case "garbage":
                self._talk.sendall((3).to_bytes(4, "big") + b"\xc1\xff\x00")
            case "oversize":
                self._talk.sendall(b"\xff\xff\xff\xff")
            case "flood":
                line = frame(Log("info", "x" * 20)) * 1000
                while True:
                    self._talk.sendall(line)
            case "chatter":
                while True:
                    sys.stderr.write("y" * 10000)
            case "wrong-uuid":
                self.say(Rows((MachineRow("../../etc", "web", MachineState.OFF),), False))
            case "wrong-answer":
                self.say(Answer(4711, Applied()))
            case _:
                pass

    def effect(self, order: SetLinkState) -> None:
        if self._kind == "mute":
            return
        if self._kind == "die-on-order":
            os._exit(3)
        if self._kind == "fails":
            failure = Failure("libvirt", {"code": "x", "host": "h"}, "denied", 38, 7)
            self.say(Answer(order.number, failure))
            return
        self.say(Answer(order.number, Applied(value="down", live=False, stored=False)))


if __name__ == "__main__":
    StandIn(sys.argv[1], socket.socket(fileno=int(sys.argv[2]))).run()
