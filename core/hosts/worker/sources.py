"""Which source reads which kind of host."""

from pathlib import Path
from urllib.parse import urlsplit

from core.hosts.protocol import Failure, Open
from core.hosts.worker.demo import TestDriverSource, demo_source
from core.hosts.worker.legacy import LegacySource
from core.hosts.worker.source import LibvirtSource, Source

_LEGACY = frozenset({"esx", "gsx", "vpx", "hyperv"})


def source_for(order: Open) -> Source | Failure:
    driver = urlsplit(order.uri).scheme.split("+")[0]
    if driver == "test":
        return demo_source(Path(order.demo_facts)) if order.demo_facts else TestDriverSource()
    if order.demo_facts:
        return Failure("recorded-facts-bad", {"file": Path(order.demo_facts).name})
    return LegacySource() if driver in _LEGACY else LibvirtSource()
