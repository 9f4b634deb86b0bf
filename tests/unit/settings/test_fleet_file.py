"""fleet.toml: every problem has its line, and costs only its own entry."""

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings.fleet_file import MAX_FILE_BYTES, parse_fleet, read_fleet
from core.settings.model import DataClass, FleetFile, Protection, SshTarget

GOOD = """\
version = 1  # ours

[[hosts]]
name = "hv1"
uri = "qemu+tls://hv1.example/system"
pki_dir = "/etc/pki/hv1"
read_only = true

[[hosts]]
name = "hv2"
uri = "qemu+ssh://root@hv2/system"
[hosts.ssh]
host = "hv2"
user = "root"
port = 2222

[[zones]]
name = "dmz"
colour = "#B4654A"
protection = "very-high"
data_class = "secret"
networks = [
    "dmz",   # the one
    "[[hosts]]",
]
vlans = [10, 20]

[[tenants]]
name = "acme"
machines = ["hv1/*"]

[[risks]]
level = "high"
machines = ["hv1/old-*"]

[[views]]
name = "Open"
filter = "console:open"
group = "zone"

[[waivers]]
check = "VM-SVIRT-001"
target = "hv1/lab-*"
reason = '''known
[[zones]]
here'''
by = "anna"
until = 2027-01-01
"""


def lines(fleet: FleetFile) -> list[tuple[int, str]]:
    return [(each.line, each.message.code.rpartition("problem.")[2]) for each in fleet.problems]


def test_a_good_file_is_read_whole() -> None:
    text = GOOD.replace("'''known\n[[zones]]\nhere'''", '"known"')
    fleet = parse_fleet(text.encode())
    assert fleet.problems == ()
    assert [host.name for host in fleet.hosts] == ["hv1", "hv2"]
    assert fleet.hosts[0].read_only
    assert fleet.hosts[1].ssh == SshTarget("hv2", "root", 2222)
    zone = fleet.zones[0]
    assert (zone.colour, zone.protection) == ("#b4654a", Protection.VERY_HIGH)
    assert (zone.data_class, zone.vlans) == (DataClass.SECRET, (10, 20))
    assert zone.networks == ("dmz", "[[hosts]]")
    assert fleet.waivers[0].until == datetime(2027, 1, 1, 23, 59, 59, tzinfo=UTC)


def test_a_header_inside_a_text_is_no_header() -> None:
    fleet = parse_fleet(GOOD.encode())
    assert lines(fleet) == [(44, "value")]  # a reason is one line; everything else stands
    assert [zone.name for zone in fleet.zones] == ["dmz"]


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ('uri = "qemu+tls', 'url = "qemu+tls', 5, "unknown-key"),
        ("port = 2222", 'port = "2222"', 15, "value"),
        ("port = 2222", "port = 70000", 15, "value"),
        ('name = "hv2"', 'name = "-oProxyCommand=x"', 10, "value"),
        ('name = "hv2"', 'name = "hv2\\n"', 10, "value"),
        ('name = "hv2"', 'name = "hv1"', 10, "twice"),
        ("vlans = [10, 20]", "vlans = [10, 5000]", 26, "value"),
        ('level = "high"', 'level = "awful"', 33, "value"),
        ('machines = ["hv1/old-*"]', "", 32, "missing-key"),
        ("version = 1", "version = 9", 1, "newer"),
        ("version = 1", "version = 'one'", 1, "version"),
        ("[[tenants]]", "[[tenant]]", 28, "unknown-section"),
        ("[[tenants]]", "[tenants]", 28, "not-a-list"),
    ],
)
def test_a_problem_has_its_line_and_costs_its_entry(
    old: str, new: str, line: int, problem: str
) -> None:
    good = GOOD.replace("'''known\n[[zones]]\nhere'''", '"known"')
    fleet = parse_fleet(good.replace(old, new, 1).encode())
    assert lines(fleet) == [(line, problem)]
    whole = parse_fleet(good.encode())
    lost = _count(whole) - _count(fleet)
    assert lost == (0 if "version" in old else 1)


def _count(fleet: FleetFile) -> int:
    groups = (fleet.hosts, fleet.zones, fleet.tenants, fleet.risks, fleet.views, fleet.waivers)
    return sum(len(group) for group in groups)


@pytest.mark.parametrize(
    "uri",
    [
        "qemu+ssh://hv2/system?command=/bin/sh",
        "qemu+ext://hv2/system",
        "qemu+ssh://-oProxyCommand=x/system",
        "qemu+unix:///system?socket=/tmp/x",
        "file:///etc/passwd",
    ],
)
def test_a_uri_that_would_be_a_program_is_refused_with_its_line(uri: str) -> None:
    text = GOOD.replace("qemu+ssh://root@hv2/system", uri)
    fleet = parse_fleet(text.encode())
    assert [host.name for host in fleet.hosts] == ["hv1"]
    found = next(each for each in fleet.problems if each.line == 11)
    assert found.message.code.startswith("error.uri-")


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ('[[zones]]\nname = "x\n', 3),
        ('[[zones]]\nname = """x\n', 2),
        ("[[zones]]\nnetworks = [\n  1,\n", 2),
        ("[[zones]\nname = 1\n", 2),
        ("nonsense here\n", 2),
        ("[[zones]]\nname = 'a'\nname = 'b'\n", 4),
    ],
)
def test_broken_syntax_costs_one_entry(broken: str, line: int) -> None:
    text = "version = 1\n" + broken + GOOD.partition("# ours\n")[2]
    fleet = parse_fleet(text.encode())
    assert "hv1" in [host.name for host in fleet.hosts]
    assert len(fleet.tenants) == len(fleet.views) == 1
    assert lines(fleet)[0][1] in {"syntax", "unknown-section"}
    assert abs(lines(fleet)[0][0] - line) <= 1


def test_bytes_that_are_no_text_are_reported_and_the_rest_is_read() -> None:
    raw = GOOD.encode().replace(b'"acme"', b'"ac\xffme"')
    fleet = parse_fleet(raw)
    assert (29, "encoding") in lines(fleet)
    assert [host.name for host in fleet.hosts] == ["hv1", "hv2"]


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert lines(parse_fleet(b"#" * (MAX_FILE_BYTES + 1))) == [(1, "too-large")]


def test_no_file_is_an_empty_fleet(tmp_path: Path) -> None:
    assert read_fleet(tmp_path / "none.toml") == FleetFile()


def test_the_demo_file_is_good() -> None:
    fleet = read_fleet(Path(str(files("resources"))) / "demo" / "fleet.toml")
    assert fleet.problems == ()
    assert len(fleet.zones) == 5


@given(st.text(alphabet=st.sampled_from("[]=\"'#\n\\ahostsn{},.-1\x00é\ud800"), max_size=120))
def test_nothing_a_file_says_is_an_exception(text: str) -> None:
    raw = ("[[hosts]]\nname='h'\nuri='test:///default'\n" + text).encode("utf-8", "surrogatepass")
    fleet = parse_fleet(raw)
    assert all(each.line >= 1 for each in fleet.problems)


@given(st.binary(max_size=200))
def test_nothing_in_bytes_is_an_exception(raw: bytes) -> None:
    parse_fleet(raw)
