"""The network page: every card with its zone, its rules and whether a cut reaches it."""

from core.facts import Machine, Nic, NicCut, Unknown
from core.fleet.model import MachineView
from core.text import Catalogue
from gui.inspector.facts import Fact, FactWriter, Section, Tone, Value


def network_page(view: MachineView, t: Catalogue) -> tuple[Section, ...]:
    """One section a card, in the machine's order."""
    write = FactWriter(t)
    machine = view.machine
    if machine is None:
        return (write.section("network", note=t("panels.machine.reading")),)
    if isinstance(machine.nics, Unknown):
        return (write.section("network", write("nics", machine.nics)),)
    if not machine.nics:
        return (write.section("network", note=t("panels.nics.none")),)
    return tuple(_card(nic, machine, view, write) for nic in machine.nics)


def _card(nic: Nic, machine: Machine, view: MachineView, write: FactWriter) -> Section:
    t = write.t
    facts = (
        write("attached", _attached(nic, t), hover=nic.bridge),
        write("zone", _zone(nic, view, t)),
        write("filter", nic.untold or nic.filter, mono=bool(nic.filter)),
        *(
            write("filter-parameter", f"{name} = {', '.join(values)}", mono=True)
            for name, values in nic.filter_parameters.items()
        ),
        write("vlan", nic.untold or _vlans(nic, t)),
        write("isolated", nic.untold or nic.isolated),
        write("link-live", _live_link(nic, machine, t)),
        write("link-stored", _stored_link(nic, machine, t)),
        _cut(nic, write),
        write("model", " · ".join(filter(None, (nic.model, nic.driver)))),
        write("target", nic.target, mono=True) if nic.target else None,
        write("macvtap-mode", nic.mode) if nic.mode else None,
        write("virtual-port", nic.virtual_port) if nic.virtual_port else None,
        write("trust-guest", True, tone=Tone.WRONG) if nic.trust_guest_rx_filters else None,
    )
    return Section(nic.mac, tuple(fact for fact in facts if fact is not None))


def _attached(nic: Nic, t: Catalogue) -> str:
    kind = t(f"nic-kind.{nic.kind.value}")
    return " · ".join(part for part in (kind, nic.source, nic.port_group) if part)


def _zone(nic: Nic, view: MachineView, t: Catalogue) -> Value:
    """The zones whose membership names this card."""
    if isinstance(view.zones, Unknown):
        return view.zones
    names = [m.zone.name for m in view.zones if any(nic.mac in by for by in m.by)]
    return ", ".join(names) or t("zone.unzoned")


def _vlans(nic: Nic, t: Catalogue) -> str:
    tags = ", ".join(str(tag) for tag in nic.vlans)
    return t("panels.vlan.trunk", tags=tags) if nic.vlan_trunk else tags


def _link(up: bool, t: Catalogue) -> str:
    return t("panels.link.up" if up else "panels.link.down")


def _live_link(nic: Nic, machine: Machine, t: Catalogue) -> Value:
    if not machine.active:
        return t("panels.link.off")
    return nic.untold or _link(nic.link_up, t)


def _stored_link(nic: Nic, machine: Machine, t: Catalogue) -> Value:
    stored = machine.stored_nics
    if isinstance(stored, Unknown):
        return stored
    same = next((card for card in stored if card.mac == nic.mac), None)
    if same is None:
        return t("panels.link.not-stored")
    return same.untold or _link(same.link_up, t)


def _cut(nic: Nic, write: FactWriter) -> Fact:
    words = write.t(f"nic-cut.{nic.cut.value}")
    if nic.cut is NicCut.LINK:
        return write("cut", words)
    return write("cut", words, tone=Tone.WRONG, hover=write.t("panels.cut.not-by-link.why"))
