"""Who depends on a machine: ourselves, its host, its neighbours; and what nobody could tell."""

from pathlib import Path

import pytest
from msgspec import structs

from core.facts import Reason, Unknown
from core.facts.host_network import HostNetwork, StoragePeer
from core.fleet.model import FleetView
from core.hosts.hostfacts.network import host_network
from core.incidents.dependents import Dependent, dependents_of
from core.incidents.own_network import OwnNetwork, own_network
from tests.unit.changes.station import HOST, view, view_of
from tests.unit.incidents.test_state import MAC_1, machine

ADDRESS = "192.0.2.7"
NEAR = HostNetwork(neighbours=((ADDRESS, MAC_1),))
NOBODY = OwnNetwork()
EMPTY = FleetView({}, {}, (), view().score, (), demo=False)


def asked(own: OwnNetwork = NOBODY, host: HostNetwork | Unknown = NEAR) -> tuple[Dependent, ...]:
    return dependents_of(view_of(HOST, machine()), EMPTY, own, host)


def codes(found: tuple[Dependent, ...], blocking: bool = True) -> list[str]:
    return [each.text.code.rpartition(".")[2] for each in found if each.blocking is blocking]


def test_nobody_depends_on_a_plain_machine() -> None:
    assert codes(asked()) == []
    assert codes(asked(), blocking=False) == ["power-off"]


@pytest.mark.parametrize(
    ("own", "code"),
    [
        (OwnNetwork(routers=(ADDRESS,)), "own-route"),
        (OwnNetwork(resolvers=(ADDRESS,)), "own-dns"),
        (OwnNetwork(peers=(ADDRESS,)), "own-vpn"),
        (OwnNetwork(macs=(MAC_1,)), "station-inside"),
    ],
)
def test_our_own_network_through_it_blocks(own: OwnNetwork, code: str) -> None:
    assert codes(asked(own)) == [code]
    assert codes(asked(OwnNetwork(routers=("192.0.2.8",), macs=("02:00:00:00:00:01",)))) == []


def test_what_its_host_uses_of_it_blocks() -> None:
    storage = (StoragePeer("mount", ADDRESS, "/srv"), StoragePeer("iscsi", ADDRESS, "iqn.x"))
    host = structs.replace(NEAR, storage=storage, routers=(ADDRESS,), resolvers=(ADDRESS,))
    assert codes(asked(host=host)) == ["host-mount", "host-iscsi", "host-route", "host-dns"]


def test_what_could_not_be_read_is_told() -> None:
    unread = asked(host=Unknown(Reason.NO_SSH))
    assert codes(unread, blocking=False)[:2] == ["host-unread", "no-address"]
    assert codes(asked(host=HostNetwork()), blocking=False)[0] == "no-address"


def test_a_host_s_words_are_checked() -> None:
    seen = host_network(
        {
            "netmounts": "192.0.2.7:/x /srv nfs4 rw,addr=192.0.2.7,x 0 0\n"
            "//192.0.2.8/s /smb cifs rw,addr=192.0.2.8 0 0\nnothing",
            "iscsi": "192.0.2.9 iqn.2026-01.example:disk\nnonsense x",
            "neighbours": f"{ADDRESS} dev br0 lladdr {MAC_1} STALE\nfe80::1 dev br0 FAILED",
            "routes": "default via 192.0.2.1 dev br0",
            "resolvers": "nameserver 192.0.2.53\nnameserver bad",
        }
    )
    assert isinstance(seen, HostNetwork)
    assert [peer.address for peer in seen.storage] == ["192.0.2.7", "192.0.2.8", "192.0.2.9"]
    assert seen.neighbours == ((ADDRESS, MAC_1),)
    assert (seen.routers, seen.resolvers) == (("192.0.2.1",), ("192.0.2.53",))
    assert isinstance(host_network({"netmounts": ""}), Unknown)


def test_our_own_network_is_read_from_the_kernel(tmp_path: Path) -> None:
    proc, card = tmp_path / "proc/net", tmp_path / "sys/class/net/eth0"
    for folder in (proc, card, tmp_path / "etc"):
        folder.mkdir(parents=True)
    head = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
    (proc / "route").write_text(
        head + "eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0\n"
        "eth0 090200C0 010200C0 0007 0 0 0 FFFFFFFF 0 0 0\nbroken line\n"
    )
    (card / "address").write_text("52:54:00:AA:00:01\n")
    (tmp_path / "etc/resolv.conf").write_text("search x\nnameserver 192.0.2.53\n")
    seen = own_network(tmp_path)
    assert seen.routers == ("192.0.2.1",) and seen.resolvers == ("192.0.2.53",)
    assert "192.0.2.9" in seen.peers and seen.macs == ("52:54:00:aa:00:01",)
    assert own_network(tmp_path / "nowhere") == OwnNetwork()
