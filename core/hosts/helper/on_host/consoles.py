"""A held machine's consoles: nobody gets to them, and who was there is cut off.

The table names ports, and another machine may be given them once this one has gone: it goes with
the machine.
"""

from __future__ import annotations

from typing import Any

from core.hosts.helper.on_host.expressions import side_text
from core.hosts.helper.on_host.listing import Table, table
from core.hosts.helper.on_host.machines import pid_of
from core.hosts.helper.on_host.rules import filled_set, nft, removed, replaced
from core.hosts.helper.on_host.sockets import (
    ESTABLISHED,
    LISTENS,
    TcpSocket,
    destroyed,
    end_text,
    listening_paths,
    same_network,
    tcp_sockets,
)
from core.hosts.helper.on_host.values import Refused, checked_uuid, is_object, table_of

CONSOLES = "consoles"
CONSOLE_CHAINS = {"on_input": ("input", "dport"), "on_output": ("output", "sport")}


def console_rules(uuid: str, ports: tuple[int, ...]) -> str:
    body = filled_set("ports", "inet_service", [str(port) for port in ports])
    body += "counter refused { }\n"
    for name, (hook, field) in CONSOLE_CHAINS.items():
        body += f"chain {name} {{\ntype filter hook {hook} priority -400; policy accept;\n"
        body += f"tcp {field} @ports counter name refused drop\n}}\n"
    return replaced("inet", table_of(uuid, CONSOLES), body)


def blocked_ports(found: Table | None) -> tuple[int, ...]:
    """The ports of a table that drops as it was made to; none of one that somebody changed."""
    if found is None or found.flags:
        return ()
    for name, (hook, field) in CONSOLE_CHAINS.items():
        chain, lines = found.chains.get(name, {}), found.rules.get(name, [])
        if chain.get("hook") != hook or chain.get("prio") != -400 or len(lines) != 1:
            return ()
        if not drops_ports(lines[0], field):
            return ()
    return tuple(sorted(int(port) for port in found.sets.get("ports", ()) if port.isdigit()))


def drops_ports(expression: list[Any], field: str) -> bool:
    match = expression[0].get("match") if expression and is_object(expression[0]) else None
    if not is_object(match) or expression[1:] != [{"counter": "refused"}, {"drop": None}]:
        return False
    left, right = side_text(match.get("left")), match.get("right")
    return (left, match.get("op"), right) == (f"tcp.{field}", "==", "@ports")


def consoles_seen(uuid: str, kicked: int = 0) -> dict[str, Any]:
    pid = pid_of(uuid)
    ports, clients = ends_of(pid)
    return {
        "running": bool(pid),
        "ports": list(ports),
        "blocked": list(blocked_ports(table("inet", table_of(uuid, CONSOLES)))),
        "clients": [end_text(each.remote) for each in clients],
        "kicked": kicked,
        "sockets": sorted(set(listening_paths(pid))) if pid else [],
    }


def ends_of(pid: int) -> tuple[tuple[int, ...], list[TcpSocket]]:
    """The ports it listens on, and the connections to one of them."""
    found = list(tcp_sockets(pid)) if pid else []
    ports = tuple(sorted({each.local[1] for each in found if each.state == LISTENS}))
    connected = (each for each in found if each.state == ESTABLISHED)
    return ports, [each for each in connected if each.local[1] in ports]


def kick_consoles(values: dict[str, Any]) -> dict[str, Any]:
    """Block first, so that nobody comes back; then cut off who is there."""
    uuid = checked_uuid(values.get("uuid"))
    pid = pid_of(uuid)
    ports, _ = ends_of(pid)
    if not ports:
        forget_consoles(uuid)
        return consoles_seen(uuid)
    if not same_network(pid):
        raise Refused("helper-system", "another network")
    nft("-f", "-", rules=console_rules(uuid, ports))
    _, clients = ends_of(pid)
    return consoles_seen(uuid, sum(destroyed(client) for client in clients))


def open_consoles(values: dict[str, Any]) -> dict[str, Any]:
    uuid = checked_uuid(values.get("uuid"))
    forget_consoles(uuid)
    return consoles_seen(uuid)


def forget_consoles(uuid: str) -> None:
    nft("-f", "-", rules=removed("inet", table_of(uuid, CONSOLES)))


def read_consoles(values: dict[str, Any]) -> dict[str, Any]:
    return consoles_seen(checked_uuid(values.get("uuid")))
