"""The label page: which security models confine the machine, and what that state means."""

from core.facts import Confinement, Machine, SecurityLabel, Unknown, product_name
from core.fleet.model import HostView, MachineView
from core.text import Catalogue
from gui.inspector.facts import Fact, FactWriter, Section, Tone, mapped

NO_MODEL = "none"  # what libvirt lists where it was built without a driver


def label_page(view: MachineView, host: HostView | None, t: Catalogue) -> tuple[Section, ...]:
    """State first with its sentence, then every label, then the host behind it."""
    write = FactWriter(t)
    sections = [_state(view, write)]
    if view.machine is not None:
        sections += _labels(view.machine, write)
        sections += _stored(view.machine, write)
        sections += _images(view.machine, write)
    if host is not None and host.facts is not None:
        sections.append(drivers_section(host, write))
    return tuple(sections)


def confinement_fact(view: MachineView, write: FactWriter) -> Fact:
    """Six states that never look alike; the hover explains the one at hand."""
    state = view.label.confinement
    if isinstance(state, Unknown):
        return write("confinement", state)
    wrong = state in {Confinement.UNCONFINED, Confinement.NO_DRIVER, Confinement.PERMISSIVE}
    return write(
        "confinement",
        write.t(f"confinement.{state.value}"),
        tone=Tone.WRONG if wrong else Tone.PLAIN,
        hover=write.t(f"panels.confinement.{state.value}.why"),
    )


def _state(view: MachineView, write: FactWriter) -> Section:
    state = view.label.confinement
    value = Confinement.UNKNOWN if isinstance(state, Unknown) else state
    note = write.t(f"panels.confinement.{value.value}.why")
    label = view.label.label
    return write.section(
        "confinement",
        confinement_fact(view, write),
        write("drivers", mapped(view.label.drivers, _products)),
        write("label", label.text, mono=True) if label else None,
        write("pair", ", ".join(label.categories), mono=True) if label else None,
        note=note,
    )


def _products(models: tuple[str, ...]) -> str:
    return ", ".join(map(product_name, models))


def _labels(machine: Machine, write: FactWriter) -> list[Section]:
    if isinstance(machine.labels, Unknown):
        return [write.section("live-labels", write("label", machine.labels))]
    return [_one(label, "live-label", write) for label in machine.labels]


def _stored(machine: Machine, write: FactWriter) -> list[Section]:
    if isinstance(machine.stored_labels, Unknown):
        return [write.section("stored-labels", write("label", machine.stored_labels))]
    return [_one(label, "stored-label", write) for label in machine.stored_labels]


def _one(label: SecurityLabel, heading: str, write: FactWriter) -> Section:
    title = write.t(f"panels.section.{heading}", model=product_name(label.model) or "?")
    kind = mapped(label.kind, lambda kind: write.t(f"label-kind.{kind.value}"))
    facts = (
        write("label", label.text, mono=True),
        write("label-kind", kind),
        write("label-type", label.type, mono=True) if label.type else None,
        write("level", label.level, mono=True) if label.level else None,
        write("pair", ", ".join(label.categories), mono=True) if label.categories else None,
        write("enforcing", label.enforcing) if label.live and label.model != "dac" else None,
        write("relabel", label.relabel),
        write("image-label", label.image_text, mono=True) if label.image_text else None,
    )
    return Section(title, tuple(fact for fact in facts if fact is not None))


def _images(machine: Machine, write: FactWriter) -> list[Section]:
    if isinstance(machine.disks, Unknown):
        return []
    facts = [
        Fact(
            f"{disk.target} · {product_name(label.model)}",
            label.text or write.t("panels.image.no-relabel"),
            disk.source,
            Tone.PLAIN if label.relabel else Tone.WRONG,
            mono=bool(label.text),
        )
        for disk in machine.disks
        for label in disk.labels
    ]
    return [write.section("image-labels", *facts)] if facts else []


def drivers_section(host: HostView, write: FactWriter) -> Section:
    """The host's security drivers in the order in which libvirt lists labels."""
    drivers = host.facts.security_drivers if host.facts else ()
    if isinstance(drivers, Unknown):
        return write.section("drivers", write("drivers", drivers))
    facts = [
        Fact(
            product_name(driver.model),
            ", ".join(f"{kind}: {label}" for kind, label in driver.base_labels.items())
            or driver.doi
            or write.t("value.none"),
            mono=bool(driver.base_labels),
        )
        for driver in drivers
        if driver.model != NO_MODEL
    ]
    return write.section("drivers", *facts, note="" if facts else write.t("panels.drivers.none"))
