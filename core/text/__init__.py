"""One message catalogue for window, terminal, reports and checks.

The core emits `Text(code, params)`; a `Catalogue` of the user's language turns it into words.
Codes are dotted and lower case; the words live in resources/locale/LANG/ROOM.po (gettext), one
file a room. Parameters are hostile text: they are inserted, never interpreted.
"""

from core.text.catalogue import LANGUAGES, Catalogue, load_catalogue, pick_language
from core.text.message import RingfenceError, Text

__all__ = [
    "LANGUAGES",
    "Catalogue",
    "RingfenceError",
    "Text",
    "load_catalogue",
    "pick_language",
]
