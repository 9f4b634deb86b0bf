"""A worker taken over by its host: well-formed reports with the worst texts that fit in them."""

import socket
import sys
from datetime import UTC, datetime
from uuid import UUID

from core.facts import (
    Console,
    ConsoleKind,
    Disk,
    EncryptionFormat,
    Machine,
    MachineClaim,
    MachineRow,
    MachineState,
    Nic,
    NicKind,
    Reason,
    Snapshot,
    Unknown,
)
from core.hosts.protocol import FullRead, Log, Machines, Open, Opened, Rows
from tests.unit.hosts.standin import StandIn, host_named

TEXTS = (
    "<img src=file:///etc/hostname><script>alert(1)</script>",
    '=cmd|" /C calc"!A0',
    "+1\t@SUM(A1)",
    "two\nlines\r\nand\u2028more",
    "\x1b]0;owned\x07\x1b[2J\x9b31m",
    "right\u202eto\u2066left\u200f",
    "nul\x00bell\x07del\x7f",
    "|a|b| `code` [x](http://x/) **b**",
    "../../../etc/passwd",
    "-name:x or finding:VM-SVIRT-001 (",
    "{0} {name} %s %(x)s ${HOME} \"quoted\" 'q'",
    "e\u0301" * 500,
    "\U000e0041\ufeff\ufffe",
    "",
    "x" * 4000,
)
UNREAD = Unknown(Reason.FAILED, "<b>\x1b[31m\u202e" * 20)
CROWD = 100_000


def uuid_of(number: int) -> str:
    return str(UUID(int=number + 1))


def row_of(number: int, text: str) -> MachineRow:
    return MachineRow(uuid_of(number), text, MachineState.RUNNING, 1, True, UNREAD, UNREAD, UNREAD)


def machine_of(number: int, text: str) -> Machine:
    card = Nic(text, NicKind.BRIDGE, text, text, text, text, text, {text: (text, text)}, (-1,))
    return Machine(
        uuid=uuid_of(number),
        name=text,
        state=MachineState.RUNNING,
        observed_at=datetime.min.replace(tzinfo=UTC),
        id=-(2**63),
        persistent=UNREAD,
        autostart=UNREAD,
        managed_save=UNREAD,
        title=text,
        description=(text or "d") * (65_536 // max(1, len(text.encode()))),
        driver="kvm",
        machine_type=text,
        arch=text,
        emulator=text,
        os_type=text,
        firmware=UNREAD,
        tuning=UNREAD,
        disks=(Disk(text, "disk", text, text, text, text, EncryptionFormat.NONE, False, True),),
        nics=(card,),
        consoles=(Console(ConsoleKind.VNC, (text, text), -5),),
        devices=UNREAD,
        labels=UNREAD,
        stored_labels=UNREAD,
        launch_security=text,
        taints=(text,),
        snapshots=(Snapshot(text, datetime.max.replace(tzinfo=UTC), text, True),),
        claim=MachineClaim(text, text, text, text, text, text, text),
        differences=UNREAD,
        custom_arguments=(text,),
        features={text: text},
    )


class Hostile(StandIn):
    def open(self, order: Open) -> None:
        self.say(Opened(host_named(order.host)))
        match self._kind:
            case "crowd":
                row = MachineRow(uuid_of(0), "m", MachineState.OFF)
                self.say(Rows((row,) * CROWD, whole=True))
            case "long":
                self.say(Rows((row_of(0, "m"),), whole=True))
                self.say(Log("info", "x" * 1_000_000))
            case _:
                self.worst()

    def worst(self) -> None:
        rows = tuple(row_of(number, text) for number, text in enumerate(TEXTS))
        self.say(Rows(rows, whole=True))
        self.say(Machines(tuple(machine_of(number, text) for number, text in enumerate(TEXTS))))
        self.say(FullRead(2**62, 1e300, -1))


if __name__ == "__main__":
    Hostile(sys.argv[1], socket.socket(fileno=int(sys.argv[2]))).run()
