"""A host's own tree for preparation, with services that are kept in a file and start nothing."""

from pathlib import Path

import msgspec
from msgspec import Struct

from core.hosts.helper.on_host.prepare_items import Preparation
from core.hosts.helper.on_host.prepare_sight import Ground

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


def new_ground(folder: Path, systemd: bool = False, conf: bytes | None = CONF) -> Ground:
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
    return ground_of(folder)


def ground_of(folder: Path) -> Ground:
    services = FileServices(folder / "services")
    return Ground(folder / "tree", services, "/usr/bin/python3", SOURCE, True)


def tree_of(root: Path) -> dict[str, tuple[int, bytes | None]]:
    """Every path with its mode and its bytes."""
    return {
        str(place.relative_to(root)): (
            place.lstat().st_mode,
            place.read_bytes() if place.is_file() else None,
        )
        for place in sorted(root.rglob("*"))
    }
