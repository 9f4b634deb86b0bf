"""How this person likes the window. Written by the program; a damaged file only costs the likes."""

from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from core.settings.atomic_write import write_atomically

MAX_FILE_BYTES = 1024 * 1024


class Preferences(Struct, frozen=True, omit_defaults=True):
    """Everything remembered between two starts; unknown keys of a newer version are ignored."""

    version: int = 1
    language: Literal["", "en", "zh_CN"] = ""  # "": as the desktop says
    theme: Literal["system", "light", "dark"] = "system"
    density: Literal["compact", "normal", "comfortable"] = "normal"
    columns: tuple[str, ...] = ()  # ids in order; empty: the default ones
    column_widths: dict[str, int] = {}
    sort: str = "name"
    descending: bool = False
    group: str = "host"
    filter: str = ""
    view: str = ""  # the saved view that was open
    geometry: str = ""  # base64, the window's own business
    window_state: str = ""
    splitters: dict[str, tuple[int, ...]] = {}
    inspector_tab: str = ""
    tray: bool = True
    notify: bool = True
    close_to_tray: bool = False
    quarantine_reason: int = 1  # the preset chosen last
    recent_filters: tuple[str, ...] = ()
    first_run_done: bool = False


def load_preferences(path: Path) -> Preferences:
    """Read them; what is missing, too large or damaged gives the defaults."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return Preferences()
        return msgspec.json.decode(path.read_bytes(), type=Preferences)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Preferences()


def save_preferences(path: Path, preferences: Preferences) -> None:
    """Write them.

    Raises:
        RingfenceError: file-not-written.
    """
    content = msgspec.json.format(msgspec.json.encode(preferences), indent=2)
    write_atomically(path, content + b"\n", keep_previous=False)
