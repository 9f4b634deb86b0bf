"""A host that keeps XML texts and carries out the orders of a quarantine on them.

The real runner, journal and steps work on it; only the hypervisor is not there.
"""

import re

from core.changes.hands import Result
from core.facts.namespaces import HOLD_NAMESPACE
from core.hosts.helper.orders import MachineOrder
from core.hosts.protocol import (
    Applied,
    DefineXml,
    LinkReadBack,
    Order,
    ReadState,
    ReadXml,
    Resume,
    SetAutostart,
    SetHoldMark,
    SetLinkState,
    Suspend,
    XmlTexts,
)
from core.text import RingfenceError
from tests.ui.incidents.scripted_barrier import ScriptedBarriers

_CARD = """<interface type='{kind}'>
  <mac address='{mac}'/>
  <source network='dmz'/>
  <link state='{state}'/>
</interface>"""


class ScriptedHost:
    """Implements Hands. `silent` machines do not answer; `deaf` ones refuse live link changes;
    a barrier can be raised around those that are `reached`."""

    def __init__(self) -> None:
        self._links: dict[str, dict[str, bool]] = {}
        self._kinds: dict[str, str] = {}
        self._marks: dict[str, str] = {}
        self.silent: set[str] = set()
        self.deaf: set[str] = set()
        self.paused: set[str] = set()
        self.orders: list[Order] = []
        self.kernel = ScriptedBarriers()
        self.reached: set[str] = set()  # machines on whose host a barrier can be raised

    def add(self, uuid: str, *macs: str, hostdev: str = "") -> None:
        self._links[uuid] = {f"{side} {mac}": True for mac in macs for side in ("live", "stored")}
        if hostdev:
            self._kinds[hostdev] = "hostdev"
            self._links[uuid] |= {f"live {hostdev}": True, f"stored {hostdev}": True}

    def up(self, uuid: str, mac: str) -> bool:
        return self._links[uuid][f"live {mac}"]

    async def order(self, host: str, order: Order, deadline_s: float = 10.0) -> Result:
        self.orders.append(order)
        uuid = str(getattr(order, "uuid", ""))
        if uuid in self.silent:
            raise RingfenceError("order-timeout", host=host, seconds=deadline_s)
        match order:
            case ReadXml():
                return XmlTexts(uuid, self._xml(uuid, "live"), self._xml(uuid, "stored"))
            case SetLinkState():
                return self._set_link(order)
            case SetHoldMark():
                self._marks[uuid] = order.case
                return Applied()
            case SetAutostart():
                return Applied("on" if order.on else "off")
            case DefineXml():
                self._define(uuid, order.xml)
                return Applied()
            case Suspend() | Resume() | ReadState():
                return self._run(order)
            case MachineOrder() if uuid in self.reached:
                return self.kernel.answer(order, self._macs(uuid))
            case MachineOrder():
                raise RingfenceError("helper-no-ssh", host=host)
            case _:
                raise RingfenceError("no-support", host=host)

    def _macs(self, uuid: str) -> tuple[str, ...]:
        return tuple(key.split(" ")[1] for key in self._links[uuid] if key.startswith("live"))

    def _run(self, order: Suspend | Resume | ReadState) -> Applied:
        if isinstance(order, Suspend):
            self.paused.add(order.uuid)
        elif isinstance(order, Resume):
            self.paused.discard(order.uuid)
        return Applied("paused" if order.uuid in self.paused else "running", live=True)

    def _set_link(self, order: SetLinkState) -> LinkReadBack:
        if order.live and order.uuid in self.deaf:
            raise RingfenceError("no-support", order="set-link-state")
        links = self._links[order.uuid]
        for side, asked in (("live", order.live), ("stored", order.stored)):
            if asked:
                links[f"{side} {order.mac}"] = order.up
        return LinkReadBack(order.mac, links[f"live {order.mac}"], links[f"stored {order.mac}"])

    def _define(self, uuid: str, xml: str) -> None:
        for mac, state in re.findall(r"mac address='([^']*)'.*?link state='(\w+)'", xml, re.S):
            self._links[uuid][f"stored {mac}"] = state == "up"
        if HOLD_NAMESPACE not in xml:
            self._marks.pop(uuid, None)

    def _xml(self, uuid: str, side: str) -> str:
        cards = "\n".join(
            _CARD.format(
                kind=self._kinds.get(key.split(" ")[1], "network"),
                mac=key.split(" ")[1],
                state="up" if up else "down",
            )
            for key, up in self._links[uuid].items()
            if key.startswith(side)
        )
        case = self._marks.get(uuid, "")
        mark = f"<r:hold xmlns:r='{HOLD_NAMESPACE}' case='{case}'/>" if case else ""
        number = " id='3'" if side == "live" else ""
        return (
            f"<domain type='kvm'{number}>\n<uuid>{uuid}</uuid>\n"
            f"<metadata>{mark}</metadata>\n<devices>\n{cards}\n</devices>\n</domain>"
        )
