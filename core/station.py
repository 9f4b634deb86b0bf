"""Everything one admin's station has, built in one place and passed down.

station = Station.from_places(places, words, prompts, operator="anna@desk")
await station.start()                            # one session a host; nothing waits
station.fleet.subscribe(on_change)               # FleetView, FleetChanges
await station.ready(deadline_s=30)               # each host has answered or failed
...
await station.stop()
"""

import asyncio
import getpass
import logging
import socket
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from typing import Self

from msgspec.structs import replace

from core.audit.anchoring import Anchoring
from core.audit.head import head_file
from core.audit.log import AuditLog
from core.audit.record import Entry
from core.changes.journal import Journal
from core.changes.locks import Locks
from core.changes.runner import Runner
from core.changes.seal import KeySealer, LateSealer, open_sealer
from core.changes.witness import LateWitness
from core.facts import Machine
from core.facts.machine import NOT_READ
from core.fleet.answered import ANSWERED, has_answered, kept_away, takes_orders
from core.fleet.demo import demo_hosts, demo_places, remove_demo_places
from core.fleet.history import ScoreHistory
from core.fleet.live import LiveFleet
from core.fleet.model import FleetView, Key
from core.hosts.hands import Hands
from core.hosts.prompts import Prompts
from core.hosts.session import HostSession
from core.incidents.cases.book import CaseBook
from core.incidents.cases.trust import doubted
from core.incidents.desk import IncidentDesk
from core.incidents.evidence.room import CaseFiles
from core.incidents.guard import duties
from core.incidents.keeping import Keeping
from core.incidents.model import Quarantine
from core.keys.operator import OperatorKey, operator_key
from core.keys.ring import KeyRing, open_ring
from core.keys.store import Keys, open_keys
from core.posture.engine import Judge
from core.settings.fleet_file import read_fleet
from core.settings.model import FleetFile, HostEntry
from core.settings.places import Places
from core.settings.secrets import Secrets, Store, desktop_store
from core.text import Catalogue, RingfenceError

_LOG = logging.getLogger("ringfence.station")
LOOK_EVERY_S = 1.0
LAST_WORD_S = 1.0
KEEP_SCORES_EVERY_S = 60.0
JUDGE_AGAIN_EVERY_S = 3600.0


class Station:
    """One admin's hosts, fleet, journal and audit.

    Raises:
        RingfenceError: at construction, when a directory, fleet.toml or the journal cannot be
            used. What needs keys (`audit`, `sealer`, `runner`) is opened when first asked for.
    """

    def __init__(
        self,
        places: Places,
        words: Catalogue,
        prompts: Prompts,
        *,
        operator: str = "",
        demo: tuple[HostEntry, ...] = (),
        keyring: Store | None = None,
    ) -> None:
        self.places = places.make()
        self.words = words
        self.operator = operator or f"{getpass.getuser()}@{socket.gethostname()}"
        self.demo = bool(demo)
        self._demo_hosts = demo
        self._keyring = keyring
        self._prompts = prompts
        self.secrets = Secrets(keyring)
        self.settings = self._with_demo(read_fleet(places.fleet_file))
        self.journal = Journal(places.journal_file)
        self.sessions: dict[str, HostSession] = {}
        self.hands = Hands(
            self.sessions,
            lambda: self.keeping.after_order(),
            lambda host, order, told: self.keeping.answered(host, order, told),
        )
        self.cases = CaseBook(self.journal, places.audit_file, lambda: self.holds.all())
        self.keeping = Keeping(self.journal, self.hands, self.sessions, _now, self.cases.lost_at)
        self.holds, self.barriers = self.keeping.holds, self.keeping.barriers
        head, key = head_file(places.audit_file), lambda: self.operator_key
        self._anchoring = Anchoring(self.hands, head, key, self.keeping.prepared)
        self.history = ScoreHistory(places.scores_file)
        self.fleet = LiveFleet(
            self.settings,
            Judge(waivers=self.settings.waivers),
            quarantine_of=self._quarantine_of,
            trend=self.history,
        )
        self.keeping.attach(self.fleet)
        self._names: frozenset[str] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._unverified: set[str] = set()

    @classmethod
    def from_places(
        cls, places: Places, words: Catalogue, prompts: Prompts, *, operator: str = ""
    ) -> Self:
        """The admin's own station, with the desktop's keyring where there is one."""
        return cls(places, words, prompts, operator=operator, keyring=desktop_store())

    @classmethod
    def for_demo(
        cls, places: Places, words: Catalogue, prompts: Prompts, *, operator: str = ""
    ) -> Self:
        """The demo fleet in a home of its own; the keyring is left alone."""
        home = demo_places(places)
        return cls(home, words, prompts, operator=operator, demo=demo_hosts())

    # --- opened when needed, off the loop: keys may make the desktop ask for a password -----

    @cached_property
    def keys(self) -> Keys:
        return open_keys(self.places.state_dir / "keys", self._keyring)

    @cached_property
    def sealer(self) -> KeySealer:
        return open_sealer(self.keys)

    @cached_property
    def audit(self) -> AuditLog:
        return AuditLog(self.places.audit_file, self.keys)

    @cached_property
    def runner(self) -> Runner:
        locks = Locks(self.places.state_dir / "locks")
        witness = LateWitness(lambda: self.audit)
        sealer, operator = self._late_sealer, lambda: self.operator_key
        about = (self.journal, self.hands, sealer, locks, witness, _now)
        return Runner(*about, operator=operator, cases=self.case_files)

    @cached_property
    def key_ring(self) -> KeyRing:
        """Keys for evidence, reports and templates; locked until a passphrase is given."""
        return open_ring(self.places.config_dir)

    @cached_property
    def case_files(self) -> CaseFiles:
        places = self.places
        ring, head = lambda: self.key_ring, lambda: self.audit.head()
        return CaseFiles(places.cases_dir, places.config_dir, ring, head)

    @cached_property
    def operator_key(self) -> OperatorKey:
        """What hosts that were prepared by this station know it by."""
        return operator_key(self.keys)

    @property
    def _late_sealer(self) -> LateSealer:
        return LateSealer(lambda: self.sealer)

    @cached_property
    def incidents(self) -> IncidentDesk:
        return IncidentDesk(
            hands=self.hands,
            journal=self.journal,
            runner=self.runner,
            sealer=self._late_sealer,
            operator=self.operator,
            asks_for_two=self._asks_for_two,
            believed=lambda host: self.cases.trust(host) is None,
            ring=lambda: self.key_ring,
            fleet=lambda: self.fleet.view,
        )

    def _asks_for_two(self, host: str) -> bool:
        return any(each.two_people for each in self.settings.hosts if each.name == host)

    # --- life -------------------------------------------------------------------------------

    async def start(self, names: Iterable[str] | None = None) -> None:
        """Begin with the hosts of these names, by default with all; returns at once."""
        self._names = None if names is None else frozenset(names)
        self.cases.look_at_trust()
        for entry in self._wanted(self.settings):
            self._open(entry)
        self._spawn(self._look_around())
        self._spawn(self.keeping.keep())

    def stand_guard(self) -> None:
        """Hold, record and anchor while this station stays: a window, or `watch`."""
        tools = (self.incidents, self.runner, self.holds, self.fleet)
        for duty in duties(*tools, lambda: self.audit, self._anchoring, self.words):
            self._spawn(duty)

    async def stop(self) -> None:
        """End every session and close the files; what belongs to the demo is removed."""
        await self._anchoring.last_word(LAST_WORD_S)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(session.stop() for session in self.sessions.values()))
        self.sessions.clear()
        self.fleet.close()
        self.history.close()
        self.journal.close()
        self.cases.close()
        if "audit" in self.__dict__:
            self.audit.close()
        if self.demo:
            remove_demo_places(self.places)
        else:
            with suppress(OSError):  # another process of ours still has its sockets there
                self.places.runtime_dir.rmdir()

    async def ready(self, deadline_s: float = 30.0) -> bool:
        """Wait until every host was read or has failed, and everything is judged."""
        names = frozenset(self.sessions)

        def answered(view: FleetView) -> bool:
            hosts = [view.hosts.get(name) for name in names]
            rows = (row for row in view.machines.values() if row.host in names)
            return all(host is not None and has_answered(host) for host in hosts) and all(
                row.stale or row.label.confinement != NOT_READ for row in rows
            )

        if not await self.fleet.wait_until(answered, deadline_s):
            return False
        await self.keeping.settle(self.fleet, names)
        return True

    async def ready_to_act(self, target: str = "", deadline_s: float = 30.0) -> bool:
        """Wait only until orders can be given: every host answered or failed, and the machine
        (a name or uuid) was read. Networks, labels and the neighbours' facts are not waited for."""
        names = frozenset(self.sessions)

        def reached(view: FleetView) -> bool:
            hosts = [view.hosts.get(name) for name in names]
            if all(host is not None and host.health.state in ANSWERED for host in hosts):
                return True
            rows = [row for row in view.machines.values() if row.host in names]
            wanted = [row for row in rows if target in (row.name, row.key.uuid)]
            return all(host is not None and takes_orders(host) for host in hosts) and (
                not target or any(row.machine is not None for row in wanted)
            )

        return await self.fleet.wait_until(reached, deadline_s, settled=False)

    # --- hosts and settings -----------------------------------------------------------------

    def apply(self, settings: FleetFile) -> None:
        """Take over a changed fleet.toml: hosts come, go or are opened anew; all is judged."""
        if replace(self._with_demo(settings), written_at=self.settings.written_at) == self.settings:
            return
        before = {entry.name: entry for entry in self.settings.hosts}
        self.settings = self._with_demo(settings)
        after = {entry.name: entry for entry in self._wanted(self.settings)}
        for name in [name for name in self.sessions if after.get(name) != before.get(name)]:
            self.remove_host(name)
        for name, entry in after.items():
            if name not in self.sessions:
                self._open(entry)
        self.fleet.apply(self.settings, Judge(waivers=self.settings.waivers))

    def reload(self) -> None:
        """Read fleet.toml again.

        Raises:
            RingfenceError: fleet-unreadable.
        """
        self.apply(read_fleet(self.places.fleet_file))

    def add_host(self, entry: HostEntry) -> None:
        """Open one more host for this run; fleet.toml is FleetEditor's."""
        self.remove_host(entry.name)
        if self._names is not None:
            self._names |= {entry.name}
        self._open(entry)

    def remove_host(self, name: str) -> None:
        """Close a host and take it off the view."""
        session = self.sessions.pop(name, None)
        self.fleet.remove_host(name)
        self.keeping.forget(name)
        if session is not None:
            self._spawn(session.stop())

    def refresh(self, host: str, uuids: Iterable[str] = ()) -> None:
        """Read these machines again, or the whole host."""
        session = self.sessions.get(host)
        if session is not None:
            session.refresh(uuids)

    def look_at_trust(self) -> None:
        """A person marked a host, here or in another process: believe it less, or again."""
        if not self.cases.look_at_trust():
            return
        for entry in self._wanted(self.settings):
            if self.cases.keeps_away(entry.name) == (entry.name in self.sessions):
                self.remove_host(entry.name)
                self._open(entry)
        self.fleet.look_again(frozenset(self.fleet.view.machines))

    # --- within -----------------------------------------------------------------------------

    def _with_demo(self, settings: FleetFile) -> FleetFile:
        return replace(settings, hosts=(*self._demo_hosts, *settings.hosts))

    def _wanted(self, settings: FleetFile) -> tuple[HostEntry, ...]:
        names = self._names
        return tuple(each for each in settings.hosts if names is None or each.name in names)

    def _open(self, entry: HostEntry) -> None:
        session = HostSession(
            entry,
            self.fleet,
            places=self.places,
            prompts=self._prompts,
            on_unverified=self.record_unverified,
            secrets=self.secrets,
        )
        self.fleet.add_host(entry)
        if self.cases.keeps_away(entry.name):
            self.fleet.health_changed(entry.name, kept_away(_now()))
            return
        self.sessions[entry.name] = session
        session.watch_held(self.holds.held(entry.name))
        session.start()

    def _quarantine_of(self, key: Key, machine: Machine | None, stale: bool) -> Quarantine | None:
        seen = self.keeping.quarantine_of(key, machine, stale)
        return doubted(seen, self.cases.trust(key.host))

    def record_unverified(self, host: str) -> None:
        """A connection whose peer proves nothing is on record, once a run."""
        if host not in self._unverified:
            self._unverified.add(host)
            entry = Entry("host-unverified", self.operator, targets=(host,))
            self._spawn(asyncio.to_thread(self._append, entry))

    def _append(self, entry: Entry) -> None:
        self.audit.append(entry)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("a task of the station failed", exc_info=error)

    async def _look_around(self) -> None:
        """Holds and settings may be changed by another process; days and waivers end."""
        written_at, turns = _mtime(self.places), 0
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            turns += 1
            self.keeping.look_at_journal()
            self.keeping.doubt_old_sights()
            self.look_at_trust()
            if (found := _mtime(self.places)) != written_at:
                written_at = found
                self._reload_quietly()
            if turns % KEEP_SCORES_EVERY_S == 0:
                await asyncio.to_thread(self.history.keep)
            if turns % JUDGE_AGAIN_EVERY_S == 0:
                self.fleet.apply(self.settings, Judge(waivers=self.settings.waivers))

    def _reload_quietly(self) -> None:
        try:
            self.reload()
        except RingfenceError as error:  # it may be half written: the next look will tell
            _LOG.warning("fleet.toml could not be read again: %s", error)


def _mtime(places: Places) -> int:
    try:
        return places.fleet_file.stat().st_mtime_ns
    except OSError:
        return 0


def _now() -> datetime:
    return datetime.now(UTC)
