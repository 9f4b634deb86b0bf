"""How nft is told rules that were made from data, and the drain of one machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable

from core.hosts.helper.on_host.machines import Card
from core.hosts.helper.on_host.nft_library import nft_by_library
from core.hosts.helper.on_host.values import Refused, table_of

NFT_DEADLINE_S = 10
DRAIN_HOURS = 24
NFT_PLACES = ("/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft")


def nft(*words: str, rules: str = "") -> str:
    """Run nft on rules made here."""
    said = nft_by_library(words, rules)
    return nft_by_command(words, rules) if said is None else said


def nft_by_command(words: tuple[str, ...], rules: str) -> str:
    program = next((place for place in NFT_PLACES if os.access(place, os.X_OK)), "")
    if not program:
        raise Refused("helper-no-nft")
    try:
        done = subprocess.run(
            [program, *words],
            input=rules,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=NFT_DEADLINE_S,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused("helper-nft", "timeout") from error
    if done.returncode:
        raise Refused("helper-nft", done.stderr.strip()[:500])
    return done.stdout


def replaced(family: str, table: str, body: str) -> str:
    """One transaction that replaces a whole table; "destroy" needs a newer nft than we ask for."""
    head = f"table {family} {table}"
    return f"{head}\ndelete {head}\n{head} {{\n{body}}}\n"


def removed(family: str, table: str) -> str:
    return f"table {family} {table}\ndelete table {family} {table}\n"


def filled_set(name: str, kind: str, elements: Iterable[str]) -> str:
    content = f" elements = {{ {', '.join(elements)} }};" if elements else ""
    return f"set {name} {{ type {kind};{content} }}\n"


def drain_rules(uuid: str, cards: tuple[Card, ...]) -> str:
    """Only TCP flows whose opening was seen since may pass. Each packet keeps its flow; the kernel
    itself lets the drain end after its hours. UDP has no opening and is not drained."""
    taps = [f"{card.number} timeout {DRAIN_HOURS}h" for card in cards]
    body = f"set taps {{ type iface_index; flags timeout; elements = {{ {', '.join(taps)} }}; }}\n"
    body += "counter stale { }\n"
    for number, kind, name in (("4", "ipv4_addr", "ip"), ("6", "ipv6_addr", "ip6")):
        way = f"{name} saddr . tcp sport . {name} daddr . tcp dport"
        back = f"{name} daddr . tcp dport . {name} saddr . tcp sport"
        body += (
            f"set fresh{number} {{ type {kind} . inet_service . {kind} . inet_service; "
            f"flags dynamic,timeout; timeout {DRAIN_HOURS}h; size 65535; }}\n"
            f"chain drain{number} {{\n"
            f"tcp flags & (syn|ack) == syn update @fresh{number} {{ {way} }} accept\n"
            f"{way} @fresh{number} update @fresh{number} {{ {way} }} accept\n"
            f"{back} @fresh{number} update @fresh{number} {{ {back} }} accept\n"
            "counter name stale drop\n}\n"
        )
    body += "chain drain {\nether type ip ip protocol tcp goto drain4\n"
    body += "ether type ip6 meta l4proto tcp goto drain6\n}\n"
    for hook, key in (("prerouting", "iif"), ("forward", "oif"), ("output", "oif")):
        body += f"chain d_{hook} {{\ntype filter hook {hook} priority -390; policy accept;\n"
        body += f"{key} @taps jump drain\n}}\n"
    return replaced("bridge", table_of(uuid, "drain"), body)
