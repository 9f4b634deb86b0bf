"""The machine under the figures: a table without it says nothing."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import libvirt


def described() -> str:
    """One line: cores, kernel, system, versions, load and time."""
    number = libvirt.getVersion()
    version = f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, {_system()}, kernel {platform.release()}, "
        f"Python {platform.python_version()}, libvirt {version}; load before {load:.1f}; "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    )


def _system() -> str:
    for line in Path("/etc/os-release").read_text().splitlines():
        name, _, value = line.partition("=")
        if name == "PRETTY_NAME":
            return value.strip('"')
    return platform.system()
