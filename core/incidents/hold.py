"""One held machine, as our journal and its host tell it."""

from datetime import datetime

from msgspec import Struct

from core.hosts.helper.orders import Door
from core.incidents.model import Gap, Happening, Mode


class Hold(Struct, frozen=True):
    """One held machine. `plans` are its quarantines, oldest first: the first saved what was."""

    case: str
    host: str
    uuid: str
    name: str
    mode: Mode
    owner: str
    since: datetime
    reason: str
    cards: tuple[str, ...]  # MACs that were planned to be cut
    raise_on_release: tuple[str, ...]  # of those, live links that were up
    refused_live: tuple[str, ...]  # the driver cannot cut them while the machine runs
    plans: tuple[str, ...]
    finished: bool  # every quarantine of it came to its end
    release: str = ""  # a release that was begun and is not finished
    barrier: tuple[str, ...] = ()  # addresses behind the barrier on the host; none: no barrier
    doors: tuple[Door, ...] = ()  # what its barrier lets pass
    ran: bool = False  # we stopped its processors while it ran
    paused: bool = False  # its processors are to stand still
    run: int = 0  # the number of its run when it was first cut; 0: it was off
    lost_at: datetime | None = None  # when its memory was seen to be gone
    drill: bool = False
    autostart: bool = False  # what its cuts turned off
    written: bool = False  # its host was seen to remember it
    joined: bool = False  # another station began the case: what was before lies with the host
    foreign: bool = False  # no plan of ours cut it
    station: str = ""
    generation: int = 0
    gaps: tuple[Gap, ...] = ()
    happened: tuple[Happening, ...] = ()
    asked_by: str = ""
    kept: bool = False
    trouble: str = ""  # why our record and the host's do not agree; a word of `missing`

    @property
    def from_host(self) -> bool:
        """Whether the state before is to be had from the host only."""
        return self.foreign or self.joined
