"""What the user's ssh_config says of one host, as OpenSSH itself understands it.

`ssh -G` is asked, so that Include, Match, tokens and patterns mean what they mean to the user;
where there is no ssh program, paramiko reads the file. What paramiko cannot do is named.
"""

import getpass
import subprocess
from pathlib import Path

from msgspec import Struct
from paramiko import SSHConfig
from paramiko.ssh_exception import ConfigParseError

from core.hosts.ssh.problems import SshProblem

ASK_DEADLINE_S = 10.0
Words = dict[str, list[str]]


class Target(Struct, frozen=True):
    """Everything needed to log in to one machine. `jumps` are the hops before it, in order."""

    address: str
    port: int
    user: str
    key_files: tuple[str, ...]
    only_these_keys: bool
    agent_socket: str  # "" is the usual one, "none" no agent
    host_key_alias: str
    known_hosts_files: tuple[str, ...]
    connect_timeout_s: float
    alive_every_s: int
    jumps: tuple[str, ...]
    needs_openssh: str  # what paramiko cannot do for this host; "" when it can
    may_need_gssapi: bool


def effective(
    destination: str, user: str, port: int, *, home: Path, config_file: str, timeout_s: float
) -> Target:
    """Read the configuration of one destination.

    Raises:
        SshProblem: ssh-config: it cannot be understood.
    """
    words = _asked(destination, user, port, config_file)
    if words is None:
        words = _read(destination, home, config_file)
    return target_of(words, destination, user, port, home=home, timeout_s=timeout_s)


def target_of(
    words: Words, destination: str, user: str, port: int, *, home: Path, timeout_s: float
) -> Target:
    """Make a Target of ssh_config's words (lower-case keys, a list of values each)."""

    def one(key: str, otherwise: str = "") -> str:
        value = words.get(key, [otherwise])[0]
        return "" if value.lower() == "none" and key != "identityagent" else value

    address = one("hostname", destination)
    name = user or one("user") or getpass.getuser()
    tokens = {"%d": str(home), "%h": address, "%r": name, "%u": getpass.getuser(), "%%": "%"}
    timeout = one("connecttimeout")
    return Target(
        address=address,
        port=port or int(one("port", "22")),
        user=name,
        key_files=tuple(_path(text, home, tokens) for text in words.get("identityfile", [])),
        only_these_keys=one("identitiesonly") == "yes",
        agent_socket=_agent(one("identityagent"), home, tokens),
        host_key_alias=one("hostkeyalias"),
        known_hosts_files=_known_hosts(words, home, tokens),
        connect_timeout_s=float(timeout) if timeout.isdecimal() else timeout_s,
        alive_every_s=int(one("serveraliveinterval", "0") or 0),
        jumps=tuple(part for part in one("proxyjump").split(",") if part),
        needs_openssh=_beyond_paramiko(words),
        may_need_gssapi=one("gssapiauthentication") == "yes",
    )


def _beyond_paramiko(words: Words) -> str:
    for key in ("proxycommand", "pkcs11provider", "certificatefile"):
        if words.get(key, ["none"])[0].lower() != "none":
            return key
    return ""


def _known_hosts(words: Words, home: Path, tokens: dict[str, str]) -> tuple[str, ...]:
    lines = words.get("userknownhostsfile", ["~/.ssh/known_hosts"])
    lines = lines + words.get("globalknownhostsfile", ["/etc/ssh/ssh_known_hosts"])
    files = (part for line in lines for part in line.split())
    return tuple(_path(file, home, tokens) for file in files if file.lower() != "none")


def _agent(text: str, home: Path, tokens: dict[str, str]) -> str:
    if text in ("", "SSH_AUTH_SOCK", "$SSH_AUTH_SOCK"):
        return ""
    return "none" if text.lower() == "none" else _path(text, home, tokens)


def _path(text: str, home: Path, tokens: dict[str, str]) -> str:
    text = text.strip('"')
    for token, value in tokens.items():
        text = text.replace(token, value)
    return str(home) + text[1:] if text.startswith("~/") else text


def _asked(destination: str, user: str, port: int, config_file: str) -> Words | None:
    """`ssh -G`; None where there is no ssh program."""
    options = ["-F", config_file] if config_file else []
    options += ["-l", user] if user else []
    options += ["-p", str(port)] if port else []
    try:
        done = subprocess.run(
            ["ssh", "-G", *options, "--", destination],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ASK_DEADLINE_S,
            check=False,
        )
    except FileNotFoundError:
        return None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SshProblem("ssh-config", str(error)) from error
    if done.returncode:
        raise SshProblem("ssh-config", done.stderr.decode("utf-8", "replace").strip())
    words: Words = {}
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        key, _, value = line.partition(" ")
        words.setdefault(key.lower(), []).append(value.strip())
    return words


def _read(destination: str, home: Path, config_file: str) -> Words:
    """paramiko's own reading of the user's file."""
    file = Path(config_file) if config_file else home / ".ssh" / "config"
    if not file.is_file():
        return {"identityfile": _default_keys()}
    try:
        found = SSHConfig.from_path(str(file)).lookup(destination)
    except (ConfigParseError, OSError) as error:
        raise SshProblem("ssh-config", str(error)) from error
    words: Words = {}
    for key in found:
        value: object = found[key]  # a list for some keys, whatever the stubs say
        words[key] = [str(part) for part in value] if isinstance(value, list) else [str(value)]
    words.setdefault("identityfile", _default_keys())
    return words


def _default_keys() -> list[str]:
    return ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"]
