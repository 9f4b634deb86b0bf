"""What was last told to the window, so that only what differs is told again."""

import threading
from collections.abc import Iterable
from hashlib import blake2b

import msgspec

from core.facts import MachineRow, Reason, Snapshot, Unknown
from core.hosts.worker.xml.machine import Reading

Snapshots = tuple[Snapshot, ...] | Unknown
_NOT_READ = Unknown(Reason.NOT_READ)


class Ledger:
    """Rows, digests of sent machines and their snapshots; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[str, MachineRow] = {}
        self._digests: dict[str, bytes] = {}
        self._snapshots: dict[str, Snapshots] = {}

    def rows(self) -> dict[str, MachineRow]:
        with self._lock:
            return dict(self._rows)

    def row(self, uuid: str) -> MachineRow | None:
        with self._lock:
            return self._rows.get(uuid)

    def replace_rows(self, rows: Iterable[MachineRow]) -> frozenset[str] | None:
        """Take over a full list; return the uuids whose row is new, None if nothing differs."""
        with self._lock:
            new = {row.uuid: row for row in rows}
            if new == self._rows:
                return None
            changed = frozenset(u for u, row in new.items() if self._rows.get(u) != row)
            for uuid in set(self._rows) - set(new):
                self._drop(uuid)
            self._rows = new
            return changed

    def put_row(self, row: MachineRow) -> bool:
        """Whether it differs from what was known."""
        with self._lock:
            differs = self._rows.get(row.uuid) != row
            self._rows[row.uuid] = row
            return differs

    def drop(self, uuid: str) -> bool:
        """The machine is gone; whether it was known."""
        with self._lock:
            known = uuid in self._rows
            self._rows.pop(uuid, None)
            self._drop(uuid)
            return known

    def _drop(self, uuid: str) -> None:
        self._digests.pop(uuid, None)
        self._snapshots.pop(uuid, None)

    def is_new(self, uuid: str, digest: bytes) -> bool:
        """Note a machine that is about to be sent; False when just this was sent last, or when
        the machine went away while it was read: sent now, it would stay for ever."""
        with self._lock:
            if uuid not in self._rows or self._digests.get(uuid) == digest:
                return False
            self._digests[uuid] = digest
            return True

    def is_last(self, uuid: str, digest: bytes) -> bool:
        with self._lock:
            return self._digests.get(uuid) == digest

    def sent(self) -> frozenset[str]:
        with self._lock:
            return frozenset(self._digests)

    def send_again(self, uuids: Iterable[str] | None) -> None:
        """Forget what was sent of these machines, or of all."""
        with self._lock:
            for uuid in list(self._digests) if uuids is None else uuids:
                self._digests.pop(uuid, None)

    def snapshots(self, row: MachineRow) -> Snapshots:
        """What is known of a machine's snapshots before they are read (again)."""
        if row.has_snapshots is False:
            return ()
        if isinstance(row.has_snapshots, Unknown):
            return row.has_snapshots
        with self._lock:
            return self._snapshots.get(row.uuid, _NOT_READ)

    def put_snapshots(self, uuid: str, snapshots: Snapshots) -> None:
        with self._lock:
            if uuid in self._rows:
                self._snapshots[uuid] = snapshots


def digest_of(reading: Reading, models: tuple[str, ...] | Unknown) -> bytes:
    """Everything a machine's facts are made of, in 16 bytes."""
    return blake2b(msgspec.msgpack.encode((reading, models)), digest_size=16).digest()
