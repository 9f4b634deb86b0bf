"""Where the terminal gets a key's passphrase: a file, the environment's file, or the person.

Never from the command line itself, where every process of the machine could read it.
"""

import os
import sys
from pathlib import Path

import click

from core.cli.output import plain
from core.cli.terminal import Terminal
from core.keys.purposes import Purpose
from core.keys.ring import KeyFile
from core.keys.wrapping import ByToken, wrap_by_passphrase
from core.station import Station
from core.text import RingfenceError

VARIABLE = "RINGFENCE_PASSPHRASE_FILE"
MAX_BYTES = 4096


def given_passphrase(file: Path | None) -> str | None:
    """What a file says, without its line's end; None where none is named.

    Raises:
        RingfenceError: key-passphrase-file.
    """
    named = file or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is None:
        return None
    try:
        with named.open("r", encoding="utf-8") as stream:
            return stream.read(MAX_BYTES).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise RingfenceError("key-passphrase-file", str(error), path=str(named)) from error


def asked_passphrase(terminal: Terminal, file: Path | None, code: str, new: bool = False) -> str:
    """Take it from the file, or ask; a new one twice.

    Raises:
        RingfenceError: key-no-passphrase: there is neither a file nor a terminal.
    """
    given = given_passphrase(file)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise RingfenceError("key-no-passphrase")
    question = plain(terminal.words(code))
    answer: str = click.prompt(question, hide_input=True, confirmation_prompt=new, err=True)
    return answer


def open_key(terminal: Terminal, station: Station, key: KeyFile, file: Path | None) -> None:
    """Unlock one key for this run, if it is not open.

    Raises:
        RingfenceError: as `asked_passphrase` and `KeyRing.unlock`.
    """
    if key.retired_at is not None or not station.key_ring.is_open(key.purpose):
        code = "cli.prompt.key-pin" if isinstance(key.wrapping, ByToken) else "cli.prompt.key"
        station.key_ring.unlock(key, asked_passphrase(terminal, file, code))


def ensure_keys(terminal: Terminal, station: Station, file: Path | None) -> None:
    """Before evidence is taken: make the keys that are missing, and open the one that signs. Where
    nobody can be asked, evidence is taken all the same, and signed later.

    Raises:
        RingfenceError: key-none: there is no case key, and nobody can be asked for a passphrase.
    """
    ring = station.key_ring
    interactive = sys.stdin.isatty() or given_passphrase(file) is not None
    if interactive and (missing := ring.missing()):
        passphrase = asked_passphrase(terminal, file, "cli.prompt.key-new", new=True)
        for purpose in missing:
            ring.make(purpose, lambda key, name: wrap_by_passphrase(key, name, passphrase))
    ring.need(Purpose.CASE)
    if interactive:
        open_key(terminal, station, ring.need(Purpose.EVIDENCE), file)
