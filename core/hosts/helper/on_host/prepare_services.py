"""Who runs here: systemd where it does, libvirt's daemons, our keeper, and which must start anew.

libvirt looks for hooks, and reads qemu.conf, once at its start: what was running before does not
know of us. Where there is no systemd nothing is started anew by us: it is told.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from core.hosts.helper.on_host.prepare_disk import tool
from core.hosts.helper.on_host.prepare_items import (
    KEEP_UNIT,
    NETWORK_HOOK,
    PORTS_ITEM,
    PROGRAM_FILE,
    QEMU_HOOK,
)
from core.hosts.helper.on_host.values import Refused

DAEMON_NAMES = ("libvirtd", "virtqemud", "virtnetworkd")
# Which daemon must start anew after an item came or went.
TOUCHED = {
    QEMU_HOOK: ("libvirtd", "virtqemud"),
    NETWORK_HOOK: ("libvirtd", "virtnetworkd"),
    PORTS_ITEM: ("libvirtd", "virtqemud"),
}
BARRIER_INSTANCES = "ringfence-barrier@*.service"
SYSTEMD_MARK = "/run/systemd/system"
KEEP_ENDS_S = 5.0
SYSTEMD_DEADLINE_S = 60.0  # a host under load reads its units slowly
KEEP_UNSEEN, KEEP_BY_SYSTEMD, KEEP_BY_HAND = "stopped", "systemd", "by-hand"


class Services(Protocol):
    """What preparation asks of whoever starts and ends programs."""

    @property
    def systemd(self) -> bool: ...

    def runs(self) -> dict[str, str]:
        """Each daemon of libvirt that runs, with what tells this run of it from the next."""
        ...

    def restart(self, daemon: str) -> None: ...

    def units_changed(self) -> None: ...

    def forget_barriers(self) -> None:
        """End the instances of the barrier's unit, which do nothing when they end."""
        ...

    def keeping(self) -> str: ...

    def start_keep(self) -> None: ...

    def stop_keep(self) -> None: ...


class RealServices:
    """This host's own."""

    @property
    def systemd(self) -> bool:
        return Path(SYSTEMD_MARK).is_dir()

    def runs(self) -> dict[str, str]:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        found: dict[str, str] = {}
        for place, words in processes():
            name = Path(words[0]).name
            if name in DAEMON_NAMES:
                began = (place / "stat").read_text().rpartition(")")[2].split()[19]
                found[name] = f"{boot} {place.name} {began}"
        return found

    def restart(self, daemon: str) -> None:
        """The answer must still reach the station through what is being restarted."""
        self._control("--no-block", "restart", f"{daemon}.service")

    def units_changed(self) -> None:
        if self.systemd:
            self._control("daemon-reload")

    def forget_barriers(self) -> None:
        if self.systemd:
            for word in ("stop", "reset-failed"):
                tool("systemctl", word, BARRIER_INSTANCES, deadline_s=SYSTEMD_DEADLINE_S)

    def keeping(self) -> str:
        if self.systemd:
            asked = [
                tool("systemctl", word, "-q", KEEP_UNIT) for word in ("is-active", "is-enabled")
            ]
            good = all(each is not None and not each.returncode for each in asked)
            return KEEP_BY_SYSTEMD if good else KEEP_UNSEEN
        return KEEP_BY_HAND if any(self._keepers()) else KEEP_UNSEEN

    def start_keep(self) -> None:
        if self.systemd:
            self._control("enable", "--now", KEEP_UNIT)
        elif not any(self._keepers()):
            nothing = subprocess.DEVNULL
            subprocess.Popen(
                [PROGRAM_FILE, "keep"],
                stdin=nothing,
                stdout=nothing,
                stderr=nothing,
                start_new_session=True,
                cwd="/",
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
            )
            until = time.monotonic() + KEEP_ENDS_S  # it is nobody while it becomes Python
            while not any(self._keepers()) and time.monotonic() < until:
                time.sleep(0.02)

    def stop_keep(self) -> None:
        if self.systemd:
            tool("systemctl", "disable", "--now", KEEP_UNIT, deadline_s=SYSTEMD_DEADLINE_S)
        until = time.monotonic() + KEEP_ENDS_S
        while found := list(self._keepers()):
            late = time.monotonic() > until
            for pid in found:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
            if late:
                return
            time.sleep(0.05)

    def _keepers(self) -> Iterator[int]:
        return (
            int(place.name)
            for place, words in processes()
            if words[-2:] == [PROGRAM_FILE, "keep"] and (place / "exe").exists()
        )

    def _control(self, *words: str) -> None:
        done = tool("systemctl", *words, deadline_s=SYSTEMD_DEADLINE_S)
        if done is None or done.returncode:
            said = done.stdout.strip()[:300] if done else "timeout"
            raise Refused("prepare-systemd", f"systemctl {' '.join(words)}: {said}")


def processes() -> Iterator[tuple[Path, list[str]]]:
    """Every process of root's with its words; one that ends meanwhile is left out."""
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                words = (place / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")[:-1]
                if words and place.stat().st_uid == 0:
                    yield place, words
            except OSError:
                continue


def forget_waiting(waiting: dict[str, str], runs: dict[str, str]) -> dict[str, str]:
    """Only the runs that still go on."""
    return {name: run for name, run in waiting.items() if runs.get(name) == run}


def daemon_values(waiting: dict[str, str], services: Services) -> list[dict[str, Any]]:
    runs = services.runs()
    due = forget_waiting(waiting, runs)
    return [
        {"name": name, "restart": name in due, "by_hand": name in due and not services.systemd}
        for name in sorted(runs)
    ]
