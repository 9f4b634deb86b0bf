"""The host's mounts, iSCSI sessions, neighbours, routers and resolvers: addresses, checked."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from itertools import pairwise

from core.facts import Unknown
from core.facts.host_network import HostNetwork, StoragePeer
from core.hosts.hostfacts.sections import Sections, text_of

MAX_LINES = 4096
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_OPTION = re.compile(r"(?:^|,)addr=([0-9a-fA-F.:]+)")
_SOURCE = re.compile(r"(?://)?\[?([0-9a-fA-F.:]+?)\]?(?::\d+)?(?::?/|,|$)")


def host_network(sections: Sections) -> HostNetwork | Unknown:
    """Unknown when any of it could not be read: a part is not the whole."""
    names = ("netmounts", "iscsi", "neighbours", "routes", "resolvers")
    texts = [text_of(sections, name) for name in names]
    for text in texts:
        if isinstance(text, Unknown):
            return text
    mounts, iscsi, near, routes, resolvers = (
        text.splitlines()[:MAX_LINES] for text in texts if isinstance(text, str)
    )
    return HostNetwork(
        storage=(*_mounts(mounts), *_sessions(iscsi)),
        neighbours=tuple(_neighbours(near)),
        routers=tuple(dict.fromkeys(_after(routes, "via"))),
        resolvers=tuple(dict.fromkeys(_after(resolvers, "nameserver"))),
    )


def checked(text: str) -> str:
    """The address in its one spelling; "" for what is none."""
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return ""


def _mounts(lines: list[str]) -> Iterator[StoragePeer]:
    """As /proc/mounts has them: source, place, type, options."""
    for line in lines:
        words = line.split(" ")
        if len(words) < 4:
            continue
        found = _OPTION.search(words[3]) or _SOURCE.match(words[0])
        address = checked(found[1]) if found else ""
        if address:
            yield StoragePeer("mount", address, words[1][:200])


def _sessions(lines: list[str]) -> Iterator[StoragePeer]:
    for line in lines:
        address, _, name = line.partition(" ")
        if checked(address):
            yield StoragePeer("iscsi", checked(address), name[:200])


def _neighbours(lines: list[str]) -> Iterator[tuple[str, str]]:
    """ADDRESS dev DEVICE lladdr MAC STATE"""
    for line in lines:
        words = line.split()
        mac = words[words.index("lladdr") + 1 :][:1] if "lladdr" in words else []
        if mac and _MAC.fullmatch(mac[0]) and checked(words[0]):
            yield checked(words[0]), mac[0]


def _after(lines: list[str], word: str) -> Iterator[str]:
    for line in lines:
        words = line.split()
        for before, after in pairwise(words):
            if before == word and checked(after):
                yield checked(after)
