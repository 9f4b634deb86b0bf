"""Our module in this host's SELinux policy: put there, read again, taken away.

To build a policy anew takes from seconds to a minute: it is done apart, so that orders to raise a
barrier never wait for it, and asked about again.
"""

from __future__ import annotations

import bz2
import fcntl
import os
import re
import time
from pathlib import Path
from typing import Protocol

from core.hosts.helper.on_host.files import is_locked
from core.hosts.helper.on_host.prepare_disk import RESTORECON_PLACES, tool
from core.hosts.helper.on_host.prepare_items import (
    HOOK_NETWORK_FILE,
    HOOK_QEMU_FILE,
    MODULE_FILE,
)
from core.hosts.helper.on_host.prepare_module import (
    HOLDS_TYPE,
    HOOK_FILE_TYPE,
    MODULE_NAME,
    context_of,
)
from core.hosts.helper.on_host.prepare_selinux import (
    SELINUX_HOLDS,
    check_confinement,
    label_of,
    selinux_is_on,
    type_of,
)
from core.hosts.helper.on_host.values import Refused

POLICY_STORES = Path("/var/lib/selinux")
# The compiler may read what lies among its own, and hardly anything else.
STORED_MODULE = POLICY_STORES / "ringfence.cil"
SELINUX_CONFIG = Path("/etc/selinux/config")
SEMODULE_PLACES = ("/usr/sbin/semodule", "/sbin/semodule")
OWN_PRIORITY = "400"
POLICY_ROOM = Path("/run/ringfence")
POLICY_LOCK = POLICY_ROOM / "policy.lock"
LOADING_SAID, UNLOADING_SAID = POLICY_ROOM / "policy.loading", POLICY_ROOM / "policy.unloading"
POLICY_WAIT_S, POLICY_DEADLINE_S = 6.0, 1800.0
MOST_MODULE_BYTES = 1024 * 1024
# Where a wrong label would keep hooks from holding, or libvirt from running them.
OWN_LABELS = {
    HOOK_QEMU_FILE: HOOK_FILE_TYPE,
    HOOK_NETWORK_FILE: HOOK_FILE_TYPE,
    SELINUX_HOLDS: HOLDS_TYPE,
}
LABELLED_FOLDERS = ("/var/lib/ringfence", "/run/ringfence")


class Policy(Protocol):
    """What preparation asks of the host's SELinux."""

    @property
    def on(self) -> bool: ...

    def module(self) -> bytes | None:
        """The text that is in force under our name; None: there is none."""
        ...

    def busy(self) -> bool:
        """Whether the policy is being built just now, by us."""
        ...

    def unheard(self) -> bool:
        """Whether a build has ended and no order came since that goes on from there."""
        ...

    def load(self) -> None:
        """Begin to load what lies in our file. Raises: Refused: prepare-policy."""
        ...

    def unload(self) -> None: ...

    def said(self, loading: bool) -> str:
        """The last words of the last attempt to load, or to unload, told once; "": there was
        none."""
        ...

    def relabel(self) -> None: ...

    def check(self, hook: str = "") -> None:
        """Ask the kernel about this hook, or about one that will be. Raises: Refused."""
        ...

    def wrong_label(self, path: str) -> str:
        """The label that something of ours has instead of its own; "": it is right."""
        ...


class RealPolicy:
    """This host's own."""

    @property
    def on(self) -> bool:
        return selinux_is_on()

    def module(self) -> bytes | None:
        rooms = list(self._store().glob(f"*/{MODULE_NAME}"))
        ranks = {int(room.parent.name): room for room in rooms if room.parent.name.isdigit()}
        if not ranks or (self._store() / "disabled" / MODULE_NAME).exists():
            return None
        body = (ranks[max(ranks)] / "cil").read_bytes()[:MOST_MODULE_BYTES]
        return bz2.decompress(body) if body.startswith(b"BZh") else body

    def busy(self) -> bool:
        return is_locked(POLICY_LOCK)

    def unheard(self) -> bool:
        return LOADING_SAID.exists() or UNLOADING_SAID.exists()

    def load(self) -> None:
        disabled = (self._store() / "disabled" / MODULE_NAME).exists()
        enable = ("-e", MODULE_NAME) if disabled else ()
        self._build(LOADING_SAID, "-X", OWN_PRIORITY, "-i", str(STORED_MODULE), *enable)

    def unload(self) -> None:
        self._build(UNLOADING_SAID, "-X", OWN_PRIORITY, "-r", MODULE_NAME)

    def check(self, hook: str = "") -> None:
        if self.on:
            check_confinement(label_of(Path(hook)) if hook else context_of(HOOK_FILE_TYPE))

    def said(self, loading: bool) -> str:
        file = LOADING_SAID if loading else UNLOADING_SAID
        if not file.exists():
            return ""
        text = file.read_text(errors="replace").strip()[-500:]
        file.unlink()
        return text or "semodule"

    def relabel(self) -> None:
        self._restored(*LABELLED_FOLDERS)

    def wrong_label(self, path: str) -> str:
        if not self.on or path not in OWN_LABELS or not os.path.lexists(path):
            return ""
        if self.module() is None:  # it has no label of its own yet
            return ""
        label = label_of(Path(path))
        return "" if type_of(label) == OWN_LABELS[path] else label

    def _store(self) -> Path:
        try:
            found = re.search(r"(?m)^SELINUXTYPE=([A-Za-z0-9_-]+)", SELINUX_CONFIG.read_text())
        except OSError:
            found = None
        return POLICY_STORES / (found[1] if found else "targeted") / "active/modules"

    def _build(self, told: Path, *words: str) -> None:
        """Begin it apart; it keeps our lock for as long as it takes, whatever becomes of us."""
        program = next((each for each in SEMODULE_PLACES if os.access(each, os.X_OK)), "")
        if not program:
            raise Refused("prepare-policy", "semodule")
        POLICY_ROOM.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        lock = os.open(POLICY_LOCK, flags, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        child = os.fork()
        if not child:
            try:
                os.setsid()
                if not os.fork():
                    for stream in range(3):
                        os.dup2(os.open(os.devnull, os.O_RDWR), stream)
                    self._built(told, program, words)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        os.close(lock)
        until = time.monotonic() + POLICY_WAIT_S
        while self.busy() and time.monotonic() < until:
            time.sleep(0.1)

    def _built(self, told: Path, program: str, words: tuple[str, ...]) -> None:
        body = Path(MODULE_FILE).read_bytes() if Path(MODULE_FILE).exists() else b""
        STORED_MODULE.write_bytes(body)
        self._restored(str(STORED_MODULE))
        try:
            done = tool(program, *words, deadline_s=POLICY_DEADLINE_S)
            told.write_text(done.stdout if done is not None else "timeout")
        finally:
            STORED_MODULE.unlink()

    def _restored(self, *places: str) -> None:
        program = next((each for each in RESTORECON_PLACES if os.access(each, os.X_OK)), "")
        if program and self.on:
            tool(program, "-RF", *(each for each in places if os.path.lexists(each)))
