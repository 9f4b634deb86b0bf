"""The console page: who could open which console, and what stands in the way."""

from core.facts import Console, Exposure, Unknown
from core.fleet.model import MachineView
from core.text import Catalogue
from gui.inspector.facts import Fact, FactWriter, Section, Tone, mapped

_REACHABLE = frozenset({Exposure.NETWORK, Exposure.EVERYWHERE})


def console_page(view: MachineView, t: Catalogue) -> tuple[Section, ...]:
    """One section a console, the widest open first."""
    write = FactWriter(t)
    if view.machine is None:
        return (write.section("consoles", note=t("panels.machine.reading")),)
    consoles = view.machine.consoles
    if isinstance(consoles, Unknown):
        return (write.section("consoles", write("consoles", consoles)),)
    if not consoles:
        return (write.section("consoles", note=t("panels.consoles.none")),)
    order = sorted(consoles, key=lambda console: console.exposure not in _REACHABLE)
    return tuple(_console(console, write) for console in order)


def _console(console: Console, write: FactWriter) -> Section:
    t = write.t
    facts = (
        exposure_fact("exposure", console.exposure, write),
        write("listen", ", ".join(console.listen), mono=bool(console.listen)),
        write("port", _ports(console)),
        write("tls", console.tls),
        write("password", mapped(console.password_set, lambda known: _password(known, t))),
        write("expires", console.password_expires) if console.password_expires else None,
        _web_socket(console, write) if console.websocket_port else None,
        write("sharing", console.share_policy) if console.share_policy else None,
        write("clipboard", console.clipboard) if console.kind.value == "spice" else None,
        write("file-transfer", console.file_transfer) if console.kind.value == "spice" else None,
        write("back-end", console.back_end) if console.back_end else None,
    )
    kept = tuple(fact for fact in facts if fact is not None)
    return Section(t(f"console-kind.{console.kind.value}"), kept)


def exposure_fact(name: str, reach: Exposure, write: FactWriter) -> Fact:
    """How far a console can be reached, marked when anybody on a network can."""
    return write(
        name,
        write.t(f"exposure.{reach.value}"),
        tone=Tone.WRONG if reach in _REACHABLE else Tone.PLAIN,
        hover=write.t(f"panels.exposure.{reach.value}.why"),
    )


def _web_socket(console: Console, write: FactWriter) -> Fact:
    """One whose port is chosen at the start has none yet."""
    return write("websocket", console.websocket_port if console.websocket_port > 0 else "auto")


def _ports(console: Console) -> str:
    ports = [str(console.port)] if console.port else []
    ports += [f"{console.tls_port} (TLS)"] if console.tls_port else []
    return ", ".join(ports)


def _password(known: bool, t: Catalogue) -> str:
    return t("panels.password.set" if known else "panels.password.not-set")
