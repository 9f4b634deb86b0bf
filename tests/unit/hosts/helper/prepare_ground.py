"""A host's own tree for preparation, with services that are kept in a file and start nothing."""

from pathlib import Path

import msgspec
from msgspec import Struct

from core.hosts.helper.on_host.prepare_items import MODULE_FILE, Preparation
from core.hosts.helper.on_host.prepare_sight import Ground
from core.hosts.helper.on_host.values import Refused

CONF = b'# somebody\'s own\nuser = "qemu"\nvnc_password = "s3cret"\n'
ANNA = Preparation((("anna", "ab" * 32),), False, "")
SOURCE = b'"""ringfence-host."""\n'


class Running(Struct):
    """What runs there: daemons with their run, our keeper, how often systemd was told."""

    daemons: dict[str, str]
    systemd: bool = False
    kept: bool = False
    told: int = 0


class FileServices:
    """Implements Services on a file, so that it outlives whoever gives orders."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def state(self) -> Running:
        return msgspec.json.decode(self._file.read_bytes(), type=Running)

    def put(self, state: Running) -> None:
        new = self._file.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(state))
        new.replace(self._file)

    @property
    def systemd(self) -> bool:
        return self.state().systemd

    def runs(self) -> dict[str, str]:
        return self.state().daemons

    def restart(self, daemon: str) -> None:
        state = self.state()
        state.daemons[daemon] += "'"
        self.put(state)

    def units_changed(self) -> None:
        state = self.state()
        state.told += 1
        self.put(state)

    def forget_barriers(self) -> None:
        """It has none."""

    def keeping(self) -> str:
        state = self.state()
        return ("systemd" if state.systemd else "by-hand") if state.kept else "stopped"

    def start_keep(self) -> None:
        self._keep(True)

    def stop_keep(self) -> None:
        self._keep(False)

    def _keep(self, kept: bool) -> None:
        state = self.state()
        state.kept = kept
        self.put(state)


class Modules(Struct):
    """A policy in a file: our module in it, what it is about to become, what was tried last."""

    on: bool = False
    module: bytes | None = None
    building: int = 0  # so many looks find it still at it
    takes: int = 2  # and so many find it at the next build
    words: dict[str, str] = {}
    refuses: bool = False  # its compiler takes nothing of ours
    denies: str = ""  # what the kernel would not allow
    labels: dict[str, str] = {}  # path -> a label that is not its own


class FilePolicy:
    """Implements Policy on a file, for the same reason."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "policy"
        self._tree = folder / "tree"

    def state(self) -> Modules:
        return msgspec.json.decode(self._file.read_bytes(), type=Modules)

    def put(self, state: Modules) -> None:
        self._file.write_bytes(msgspec.json.encode(state))

    @property
    def on(self) -> bool:
        return self.state().on

    def module(self) -> bytes | None:
        return self.state().module

    def unheard(self) -> bool:
        state = self.state()
        return not state.building and bool(state.words)

    def busy(self) -> bool:
        state = self.state()
        was, state.building = state.building, max(0, state.building - 1)
        self.put(state)
        return was > 0

    def load(self) -> None:
        self._built((self._tree / MODULE_FILE.lstrip("/")).read_bytes())

    def unload(self) -> None:
        self._built(None)

    def said(self, loading: bool) -> str:
        state = self.state()
        words = state.words.pop("load" if loading else "unload", "")
        self.put(state)
        return words

    def relabel(self) -> None:
        state = self.state()
        state.labels = {}
        self.put(state)

    def check(self, hook: str = "") -> None:
        if self.state().denies:
            raise Refused("prepare-selinux", self.state().denies)

    def wrong_label(self, path: str) -> str:
        return self.state().labels.get(path, "")

    def _built(self, module: bytes | None) -> None:
        state = self.state()
        state.building = state.takes
        word = "unload" if module is None else "load"
        state.words[word] = "Failed to resolve" if state.refuses else "sddm"
        state.module = state.module if state.refuses else module
        self.put(state)


def new_ground(
    folder: Path, systemd: bool = False, conf: bytes | None = CONF, selinux: bool = False
) -> Ground:
    """A host that nobody prepared: libvirt's files, sudo's directory, systemd's."""
    root = folder / "tree"
    for name in (
        "etc/libvirt",
        "etc/sudoers.d",
        "etc/systemd/system",
        "usr/sbin",
        "var/lib",
        "run",
    ):
        (root / name).mkdir(parents=True)
    if conf is not None:
        place = root / "etc/libvirt/qemu.conf"
        place.write_bytes(conf)
        place.chmod(0o600)
    FileServices(folder / "services").put(Running({"libvirtd": "1"}, systemd))
    FilePolicy(folder).put(Modules(selinux))
    return ground_of(folder)


def ground_of(folder: Path) -> Ground:
    services = FileServices(folder / "services")
    policy = FilePolicy(folder)
    return Ground(folder / "tree", services, policy, "/usr/bin/python3", SOURCE, True)


def tree_of(root: Path) -> dict[str, tuple[int, bytes | None]]:
    """Every path with its mode and its bytes."""
    return {
        str(place.relative_to(root)): (
            place.lstat().st_mode,
            place.read_bytes() if place.is_file() else None,
        )
        for place in sorted(root.rglob("*"))
    }
