"""The demo fleet's source: the test driver, and recorded facts for what it cannot tell.

Everything it sends is marked demo. The driver refuses to change a running machine's devices. A
plain `test:` host says so instead of pretending; the demo fleet, where nothing runs at all,
simulates it (`simulated`), so that a drill on it goes all the way.
"""

from pathlib import Path
from typing import Any, cast

import msgspec

from core.facts import Host, Machine, MachineRow
from core.hosts.protocol import Failure, LinkReadBack, ReadVolume, SetLinkState
from core.hosts.worker import orders
from core.hosts.worker.link import Link
from core.hosts.worker.recorded import (
    RecordedFacts,
    apply_to_host,
    apply_to_machine,
    read_recorded,
)
from core.hosts.worker.simulated import Edits, SimulatedDomain
from core.hosts.worker.source import LibvirtSource, Result, Snapshots
from core.hosts.worker.xml.document import BadXml, parse
from core.hosts.worker.xml.link_state import NoSuchCard, link_is_up, with_link
from core.hosts.worker.xml.machine import Reading


class TestDriverSource(LibvirtSource):
    """`test:///`: one connection is one universe, so all links are one link."""

    most_connections = 1

    def carry_out(self, link: Link, order: orders.MachineOrder) -> Result:
        if isinstance(order, SetLinkState):
            return _set_stored_link(link, order)
        return super().carry_out(link, order)


class DemoSource(LibvirtSource):
    """The test driver with recorded facts over it, and running devices that can be changed."""

    most_connections = 1

    def __init__(self, recorded: RecordedFacts) -> None:
        self._recorded = recorded
        self._edits: dict[str, Edits] = {}

    def read(self, link: Link, row: MachineRow, snapshots: Snapshots) -> Reading:
        self._simulate(link, row.uuid)
        return super().read(link, row, snapshots)

    def carry_out(self, link: Link, order: orders.MachineOrder) -> Result:
        if not isinstance(order, ReadVolume):
            self._simulate(link, order.uuid)
        return super().carry_out(link, order)

    def _simulate(self, link: Link, uuid: str) -> None:
        domain: Any = link.domain(uuid)
        if not isinstance(domain, SimulatedDomain):
            link.know(cast("Any", SimulatedDomain(domain, self._edits.setdefault(uuid, {}))))

    def finish(self, machine: Machine) -> Machine:
        return apply_to_machine(machine, self._recorded.machines.get(machine.uuid))

    def finish_host(self, host: Host) -> Host:
        return apply_to_host(host, self._recorded.host)


def demo_source(path: Path) -> DemoSource | Failure:
    """Read the recorded facts; a file that is wrong says where."""
    try:
        return DemoSource(read_recorded(path))
    except (OSError, msgspec.ValidationError, msgspec.DecodeError) as error:
        return Failure("recorded-facts-bad", {"file": path.name}, str(error))


def _set_stored_link(link: Link, order: SetLinkState) -> LinkReadBack | Failure:
    """`live_up` stays None: a live side exists perhaps, but this driver cannot change it."""
    uuid = order.uuid
    if not orders.is_persistent(link, uuid):
        return Failure("no-support")
    try:
        text = orders.read_xml(link, uuid, secure=True).stored
        changed = with_link(text, order.mac, order.up) if order.stored else None
        if changed is not None:
            link.know(link.connection.defineXMLFlags(changed, 0))
        stored = parse(orders.read_xml(link, uuid, secure=False).stored)
    except NoSuchCard:
        return Failure("card-gone", {"mac": order.mac})
    except BadXml as error:
        return Failure("xml-unreadable", detail=str(error))
    return LinkReadBack(order.mac, live_up=None, stored_up=link_is_up(stored, order.mac))
