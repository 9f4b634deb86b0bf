"""Prove who we are: agent first, then key files, then what the user types. At most five keys."""

import base64
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from paramiko import (
    Agent,
    AuthenticationException,
    BadAuthenticationType,
    PasswordRequiredException,
    PKey,
    SSHException,
    Transport,
)
from paramiko.pkey import UnknownKeyType

from core.hosts.ssh.effective import Target
from core.hosts.ssh.host_keys import fingerprint
from core.hosts.ssh.problems import SshProblem

_BAD_KEY = (SSHException, UnsupportedAlgorithm, UnknownKeyType, OSError, ValueError)
MAX_KEYS = 5  # servers cut off after six tries

AskSecret = Callable[[str, str], str | None]  # what, subject


def authenticate(transport: Transport, target: Target, key_file: str, ask: AskSecret) -> str:
    """Log in and say how ("ssh key SHA256:...", "password").

    Raises:
        SshProblem: ssh-login-refused, ssh-key-file, ssh-secret-missing.
    """
    allowed = _allowed(transport, target.user)
    if transport.is_authenticated():
        return "no authentication"
    tried: list[str] = []
    for key in _keys(target, key_file, ask):
        mark = fingerprint(key.asbytes())
        if len(tried) == MAX_KEYS:
            break
        tried.append(mark)
        if _accepted(transport, target.user, key):
            return f"ssh key {mark}"
    if not key_file and _with_password(transport, target, allowed, ask):
        return "password"
    raise SshProblem(
        "ssh-login-refused",
        "offered: " + (", ".join(tried) or "no key"),
        user=target.user,
        address=target.address,
        allowed=" ".join(allowed),
    )


def _allowed(transport: Transport, user: str) -> list[str]:
    try:
        transport.auth_none(user)
    except BadAuthenticationType as error:
        return list(error.allowed_types)
    except AuthenticationException:
        return []
    return []


def _accepted(transport: Transport, user: str, key: PKey) -> bool:
    try:
        transport.auth_publickey(user, key)
    except AuthenticationException:
        return False
    return transport.is_authenticated()


def _with_password(
    transport: Transport, target: Target, allowed: list[str], ask: AskSecret
) -> bool:
    if not {"password", "keyboard-interactive"}.intersection(allowed):
        return False
    value = ask("ssh-password", f"{target.user}@{target.address}")
    if value is None:
        return False
    try:
        transport.auth_password(target.user, value)
    except AuthenticationException:
        return False
    return transport.is_authenticated()


def _keys(target: Target, key_file: str, ask: AskSecret) -> Iterator[PKey]:
    """Keys in the order in which they are offered. A named key file is offered alone."""
    wanted = [key_file] if key_file else list(target.key_files)
    public = {blob for file in wanted if (blob := _public_blob(file))}
    only = bool(key_file) or target.only_these_keys
    agent_keys = _agent_keys(target.agent_socket)
    offered = {key.asbytes() for key in agent_keys if not only or key.asbytes() in public}
    yield from (key for key in agent_keys if key.asbytes() in offered)
    locked: list[str] = []
    for file in wanted:
        if _public_blob(file) in offered or not (key_file or Path(file).is_file()):
            continue
        key = _loaded(file, locked, named=bool(key_file))
        if key is not None:
            yield key
    for file in locked:
        yield _unlocked(file, ask)


def _agent_keys(agent_socket: str) -> list[PKey]:
    if agent_socket == "none":
        return []
    if agent_socket:
        os.environ["SSH_AUTH_SOCK"] = agent_socket
    try:
        return list(Agent().get_keys())
    except (SSHException, OSError):
        return []


def _loaded(file: str, locked: list[str], *, named: bool) -> PKey | None:
    try:
        return PKey.from_path(file)
    except (PasswordRequiredException, TypeError):
        locked.append(file)
    except _BAD_KEY as error:
        if named:
            raise SshProblem("ssh-key-file", str(error), file=file) from error
    return None


def _unlocked(file: str, ask: AskSecret) -> PKey:
    phrase = ask("key-passphrase", file)
    if phrase is None:
        raise SshProblem("ssh-secret-missing", file=file)
    try:
        return PKey.from_path(file, phrase.encode())  # type: ignore[arg-type]  # takes bytes
    except (*_BAD_KEY, TypeError) as error:
        raise SshProblem("ssh-key-file", str(error), file=file) from error


def _public_blob(file: str) -> bytes:
    """The public half beside a key file, to find it in the agent."""
    try:
        return PKey.from_type_string(*_public_words(file)).asbytes()
    except _BAD_KEY:
        return b""


def _public_words(file: str) -> tuple[str, bytes]:
    words = Path(file + ".pub").read_text("ascii", "replace").split()
    if len(words) < 2:
        raise ValueError(file)
    return words[0], base64.b64decode(words[1])
