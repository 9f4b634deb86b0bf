"""Hypervisor features and the settings beside them, as a flat dictionary.

`<features>` children are names with their `state` ("on" when they carry none); what stands
elsewhere has a dotted name: "clock.offset", "clock.timer.kvmclock", "on_crash", "partition".
"""

from collections.abc import Iterator

from core.facts import Device
from core.hosts.worker.xml.devices import flatten
from core.hosts.worker.xml.document import Element, at, attribute, bounded, content, nodes

_ACTIONS = ("on_poweroff", "on_reboot", "on_crash")
_ELSEWHERE = ("sysinfo", "launchSecurity", "blkiotune", "memtune", "qos", "keywrap")


def features_of(domain: Element) -> dict[str, str]:
    found = {
        bounded(str(feature.tag), 64): attribute(feature, "state") or "on"
        for feature in nodes(domain, "features/*")
    }
    found.update(_beside(domain))
    return {name: value for name, value in found.items() if value}


def _beside(domain: Element) -> Iterator[tuple[str, str]]:
    yield "clock.offset", at(domain, "clock", "offset")
    for timer in nodes(domain, "clock/timer"):
        name = attribute(timer, "name")
        yield f"clock.timer.{name}", attribute(timer, "present") or "yes"
    for action in _ACTIONS:
        yield action, content(domain, action)
    yield "partition", content(domain, "resource/partition")


def section_devices(domain: Element) -> Iterator[Device]:
    """Sections outside `<devices>` that a check may need, in the same flattened form."""
    for name in _ELSEWHERE:
        for section in nodes(domain, name):
            details: dict[str, str] = {}
            flatten(section, "", details)
            for entry in nodes(section, ".//entry"):
                details[f"entry.{attribute(entry, 'name')}"] = content(entry)
            yield Device(kind=name, type=attribute(section, "type"), details=details)
