"""`key`: the station's keys for evidence, reports and templates; none leaves it in the clear."""

from pathlib import Path

import click

from core.cli.commands import Command, Group, argument, command, group, option
from core.cli.passphrase import asked_passphrase, open_key
from core.cli.terminal import Terminal
from core.keys.purposes import Purpose
from core.keys.ring import KeyFile, KeyRing, Wrap
from core.keys.token import Token
from core.keys.wrapping import ByToken, wrap_by_passphrase, wrap_by_token
from core.settings.atomic_write import write_atomically
from core.station import Station
from core.text import Catalogue, RingfenceError


def commands(words: Catalogue) -> list[Group]:
    purpose = argument("purpose", type=click.Choice([each.value for each in Purpose]))
    some = argument(
        "purposes", type=click.Choice([each.value for each in Purpose]), nargs=-1, required=False
    )
    path = click.Path(path_type=Path)
    secret = option(words, "--passphrase-file", "passphrase-file", type=path, default=None)
    module = option(words, "--token-module", "token-module", default="", metavar="FILE")
    label = option(words, "--token", "token", default="", metavar="LABEL")
    output = option(words, "--output -o", "output", type=path, default=None)
    pem = option(words, "--openssl openssl", "key-openssl", is_flag=True)
    note = option(words, "--note", "key-note", default="", metavar="TEXT")
    folder = argument("folder", metavar="DIR", type=path)
    fingerprint = argument("fingerprint", metavar="FINGERPRINT")
    nested: list[Command] = [
        command(words, "key.list", list_keys),
        command(words, "key.new", new, [some, secret, module, label]),
        command(words, "key.show", show, [purpose, output]),
        command(words, "key.backup", backup, [folder, pem, secret]),
        command(words, "key.restore", restore, [folder]),
        command(words, "key.rotate", rotate, [purpose, secret, module, label]),
        command(words, "key.trust", trust, [fingerprint, note]),
    ]
    return [group(words, "key", nested)]


@click.pass_obj
def list_keys(terminal: Terminal) -> None:
    """Print every key and every one that is trusted."""
    with terminal.offline() as station:
        keys, trusted = station.key_ring.all(), station.key_ring.trusted.all()
    if terminal.out.as_json:
        terminal.out.document(keys=[_row(key) for key in keys], trusted=trusted)
        return
    words = terminal.words
    heads = [words(f"cli.head.{name}") for name in ("purpose", "fingerprint", "when", "state")]
    rows = [
        [
            words(f"keys.purpose.{key.purpose.value}"),
            key.fingerprint,
            f"{key.made_at.astimezone():%Y-%m-%d %H:%M}",
            words(f"keys.state.{_state(key)}"),
        ]
        for key in keys
    ]
    own = {key.fingerprint for key in keys}
    others = [
        [note, name, "", words("keys.state.trusted")]
        for name, note in trusted.items()
        if name not in own
    ]
    terminal.out.table(heads, rows + others)


@click.pass_obj
def new(
    terminal: Terminal,
    purposes: tuple[str, ...],
    passphrase_file: Path | None,
    token_module: str,
    token: str,
) -> None:
    """Make the keys that are missing; one that is there is left alone."""
    with terminal.offline() as station:
        wanted = [Purpose(name) for name in purposes] or list(Purpose)
        ring, absent = station.key_ring, station.key_ring.missing()
        missing = [purpose for purpose in wanted if purpose in absent]
        made: list[KeyFile] = []
        if missing:
            wrap = _wrapping(terminal, passphrase_file, token_module, token)
            made = [ring.make(purpose, wrap) for purpose in missing]
    _tell(terminal, made)


@click.pass_obj
def show(terminal: Terminal, purpose: str, output: Path | None) -> None:
    """Print the public half, and of the case key its certificate."""
    with terminal.offline() as station:
        key = station.key_ring.need(Purpose(purpose))
    text = key.public + key.certificate
    if output is not None:
        write_atomically(output, text.encode(), keep_previous=False)
    elif terminal.out.as_json:
        terminal.out.document(key=_row(key))
    else:
        terminal.say("cli.key.fingerprint", "head", fingerprint=key.fingerprint)
        click.echo(text, nl=False)


@click.pass_obj
def backup(terminal: Terminal, folder: Path, openssl: bool, passphrase_file: Path | None) -> None:
    """Copy the keys as they are, wrapped; with --openssl also as openssl reads them."""
    with terminal.offline() as station:
        copies = [*station.key_ring.backup(folder)]
        if openssl:
            copies += _as_pem(terminal, station, folder, passphrase_file)
    terminal.say("cli.key.backed-up", "good", count=len(copies), path=str(folder))
    if terminal.out.as_json:
        terminal.out.document(files=[str(path) for path in copies])


def _as_pem(terminal: Terminal, station: Station, folder: Path, file: Path | None) -> list[Path]:
    """Under the same passphrase; a key of a token is asked for one of its own."""
    ring, written = station.key_ring, list[Path]()
    passphrase = asked_passphrase(terminal, file, "cli.prompt.key")
    for key in ring.all():
        if isinstance(key.wrapping, ByToken):
            open_key(terminal, station, key, None)
        else:
            ring.unlock(key, passphrase)
        written.append(folder / f"{key.name}.pem")
        write_atomically(written[-1], ring.openssl_pem(key, passphrase), keep_previous=False)
    return written


@click.pass_obj
def restore(terminal: Terminal, folder: Path) -> None:
    """Take keys back from a backup; none that is here is replaced."""
    with terminal.offline() as station:
        found = station.key_ring.restore(folder)
    _tell(terminal, found)


@click.pass_obj
def rotate(
    terminal: Terminal,
    purpose: str,
    passphrase_file: Path | None,
    token_module: str,
    token: str,
) -> None:
    """Make a new key in the place of one that is kept for what it sealed and signed."""
    with terminal.offline() as station:
        station.key_ring.need(Purpose(purpose))
        wrap = _wrapping(terminal, passphrase_file, token_module, token)
        made = station.key_ring.make(Purpose(purpose), wrap)
    _tell(terminal, [made])


@click.pass_obj
def trust(terminal: Terminal, fingerprint: str, note: str) -> None:
    """Believe signatures of this key from now on."""
    with terminal.offline() as station:
        station.key_ring.trusted.add(fingerprint, note)
    terminal.say("cli.key.trusted", "good", fingerprint=fingerprint)


def _wrapping(terminal: Terminal, file: Path | None, module: str, label: str) -> Wrap:
    """Raises RingfenceError: key-token-named: one of module and label alone says nothing."""
    if bool(module) != bool(label):
        raise RingfenceError("key-token-named")
    if module:
        token = Token(str(Path(module).absolute()), label)
        pin = asked_passphrase(terminal, file, "cli.prompt.key-pin")
        return lambda key, name: wrap_by_token(key, name, token, pin)
    passphrase = asked_passphrase(terminal, file, "cli.prompt.key-new", new=True)
    return lambda key, name: wrap_by_passphrase(key, name, passphrase)


def _tell(terminal: Terminal, keys: list[KeyFile] | tuple[KeyFile, ...]) -> None:
    if terminal.out.as_json:
        terminal.out.document(keys=[_row(key) for key in keys])
        return
    for key in keys:
        purpose = terminal.words(f"keys.purpose.{key.purpose.value}")
        terminal.say("cli.key.made", "good", purpose=purpose, fingerprint=key.fingerprint)
    if not keys:
        terminal.say("cli.key.none-new", "dim")


def _state(key: KeyFile) -> str:
    if key.retired_at is not None:
        return "retired"
    return "token" if isinstance(key.wrapping, ByToken) else "passphrase"


def _row(key: KeyFile) -> dict[str, str]:
    return {
        "purpose": key.purpose.value,
        "fingerprint": key.fingerprint,
        "made_at": key.made_at.isoformat(),
        "state": _state(key),
        "public": key.public,
        "certificate": key.certificate,
    }


def pinned_keys(ring: KeyRing, more: tuple[str, ...] = ()) -> frozenset[str]:
    """Every fingerprint whose signature is believed here."""
    return frozenset(ring.trusted.all()) | frozenset(more)
