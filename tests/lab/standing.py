"""The lab that is left standing for a person: its number, its place, what it is made of."""

from pathlib import Path

from tests.lab.cache import cache_directory
from tests.lab.configuration import WAYS, write_home
from tests.lab.hosts.lab import Lab

NUMBER = 100  # no test run ever takes it


def standing_lab() -> Lab:
    return Lab(cache_directory() / "standing", NUMBER)


def home_of(lab: Lab) -> Path:
    return lab.directory / "home"


def furnish(lab: Lab) -> Path:
    """Start all guests, and write the configuration directory that knows the three hosts."""
    for name in lab.guests:
        lab.start_guest(name)
    home = home_of(lab)
    write_home(home, ((host, WAYS[name]) for name, host in lab.hosts.items()))
    return home
