"""The lab for tests: built once a run, repaired after each test, and an honest count at the end."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.lab.configuration import WAYS, write_home
from tests.lab.evidence_keys import made_keys, vault
from tests.lab.hosts.lab import Lab, claim_number
from tests.lab.requirements import reason_not_to_run, reason_not_to_run_selinux
from tests.lab.selinux.host import SelinuxHost
from tests.lab.selinux.machines import STARTED
from tests.lab.selinux.preparation import selinux_image
from tests.lab.soak import choose_soak
from tests.lab.tally import LabTally

__all__ = ["made_keys", "vault"]  # fixtures
HERE = Path(__file__).parent
HOSTS_TIMEOUT_SECONDS = 300
SELINUX_TIMEOUT_SECONDS = 1800  # the first run builds the image


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(LabTally(), "lab-tally")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if HERE not in item.path.parents:
            continue
        item.add_marker("lab")
        fixtures: list[str] = getattr(item, "fixturenames", [])
        slow = SELINUX_TIMEOUT_SECONDS if "selinux_host" in fixtures else HOSTS_TIMEOUT_SECONDS
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(slow))
    choose_soak(config, items)


@pytest.fixture(scope="session")
def standing_lab(tmp_path_factory: pytest.TempPathFactory) -> Generator[Lab]:
    """The three hosts of this run; tests ask for `lab`."""
    if reason := reason_not_to_run():
        pytest.skip(reason)
    number, lock = claim_number(range(100))
    lab = Lab(tmp_path_factory.mktemp("lab"), number)
    try:
        lab.up()
        yield lab
    finally:
        lab.down()
        lock.close()


@pytest.fixture
def lab(standing_lab: Lab) -> Generator[Lab]:
    """Three real hosts with defined guests; cables and daemons are whole again afterwards."""
    yield standing_lab
    standing_lab.repair()


@pytest.fixture
def home(lab: Lab, tmp_path: Path) -> Path:
    """A fresh configuration directory that knows the three hosts, each by another way."""
    directory = tmp_path / "home"
    write_home(directory, ((host, WAYS[name]) for name, host in lab.hosts.items()))
    return directory


@pytest.fixture(scope="session")
def selinux_host(tmp_path_factory: pytest.TempPathFactory) -> Generator[SelinuxHost]:
    """The SELinux host, enforcing, with its machines running."""
    if reason := reason_not_to_run_selinux():
        pytest.skip(reason)
    host = SelinuxHost(selinux_image(), tmp_path_factory.mktemp("selinux"))
    try:
        host.boot()
        host.wait_for_machines(STARTED)
        yield host
    finally:
        host.down()
