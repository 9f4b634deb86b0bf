"""sVirt labels: what the XML asks for, what the process has, and which is which.

`virDomainGetSecurityLabelList` names no models: its rows come in the order of the capabilities'
security models. A row is believed only when their number fits and its text has the shape that
this model writes; otherwise the labels are Unknown, never guessed.
"""

import re
from collections.abc import Sequence

import msgspec

from core.facts import LabelKind, Reason, SecurityLabel, Unknown
from core.hosts.worker.xml.document import Element, attribute, bounded, content, nodes

LabelRow = tuple[str, bool]  # text and enforcing, as the host gave them

_SELINUX = re.compile(r"[^:\s]+:[^:\s]+:[^:\s]+(?::[^\s]+)?")
_DAC = re.compile(r"(?:\+?[0-9]+|[a-z_][a-z0-9_.-]*):(?:\+?[0-9]+|[a-z_][a-z0-9_.-]*)")
_APPARMOR = re.compile(r"[^:\s]+(?: \([a-z]+\))?")
_SHAPES = {"selinux": _SELINUX, "dac": _DAC, "apparmor": _APPARMOR}

_DAC_HAS_NO_MODE = Unknown(Reason.NOT_SUPPORTED)
_NOT_RUNNING = Unknown(Reason.NOT_RUNNING)
_UNSAID = Unknown(Reason.NOT_KNOWN_TO_LIBVIRT)


def labels_of(domain: Element, live: bool) -> tuple[SecurityLabel, ...]:
    """The `<seclabel>` elements as they are written."""
    return tuple(_written(element, live) for element in nodes(domain, "seclabel"))


def _written(element: Element, live: bool) -> SecurityLabel:
    model = attribute(element, "model")
    try:
        kind: LabelKind | Unknown = LabelKind(attribute(element, "type") or "dynamic")
    except ValueError:
        kind = Unknown(Reason.UNREADABLE, attribute(element, "type"))
    relabel = attribute(element, "relabel")
    text = content(element, "label")
    label = SecurityLabel(
        model=model,
        text=text,
        live=live,
        enforcing=Unknown(Reason.NOT_READ) if live else _NOT_RUNNING,
        kind=kind,
        relabel=relabel == "yes" if relabel else kind is LabelKind.DYNAMIC,
        image_text=content(element, "imagelabel"),
    )
    return with_parts(label)


def live_labels(
    written: Sequence[SecurityLabel],
    rows: Sequence[LabelRow] | Unknown,
    models: tuple[str, ...] | Unknown,
) -> tuple[SecurityLabel, ...] | Unknown:
    """Pair the rows of a running machine with the host's models."""
    if isinstance(rows, Unknown):
        return rows
    if isinstance(models, Unknown):
        return models
    if len(rows) != len(models):
        return Unknown(Reason.AMBIGUOUS, f"{len(rows)} labels, {len(models)} security models")
    paired: list[SecurityLabel] = []
    for model, (text, enforcing) in zip(models, rows, strict=True):
        if model == "none" and not text:
            continue
        if not _fits(model, text):
            return Unknown(Reason.AMBIGUOUS, bounded(f"{model}: {text}", 200))
        paired.append(_observed(model, text, enforcing, written))
    return tuple(paired)


def _fits(model: str, text: str) -> bool:
    shape = _SHAPES.get(model)
    return not text or shape is None or shape.fullmatch(text) is not None


def _observed(
    model: str, text: str, enforcing: bool, written: Sequence[SecurityLabel]
) -> SecurityLabel:
    xml = next((label for label in written if label.model == model), None)
    if xml is None:  # <seclabel type='none'/> without a model speaks for the first one
        xml = next((label for label in written if not label.model), None)
    label = SecurityLabel(
        model=model,
        text=bounded(text, 1024),
        live=True,
        enforcing=_DAC_HAS_NO_MODE if model == "dac" else enforcing,
        kind=xml.kind if xml is not None else _UNSAID,
        relabel=xml.relabel if xml is not None else _UNSAID,
        image_text=xml.image_text if xml is not None else "",
    )
    return with_parts(label)


def with_parts(label: SecurityLabel) -> SecurityLabel:
    """Fill in type, level and categories from the label's text."""
    if label.model == "selinux" and _SELINUX.fullmatch(label.text):
        parts = label.text.split(":", 3)
        level = parts[3] if len(parts) > 3 else ""
        _, colon, categories = level.rpartition(":")
        found = tuple(categories.split(",")) if colon else ()
        return msgspec.structs.replace(label, type=parts[2], level=level, categories=found)
    if label.model == "apparmor":
        return msgspec.structs.replace(label, type=label.text.split(" ")[0])
    return label
