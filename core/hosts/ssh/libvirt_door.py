"""How libvirt is reached behind a login: which of a few fixed commands opens its door there.

A constant probe says what the host has; the command is picked from constants. Nothing that comes
from a URI, a file or a host is ever put into a command.
"""

from core.hosts.ssh.problems import SshProblem
from core.hosts.ssh.protocol import LIBVIRT_URIS

PROBE_SCRIPT = b"""
PATH=$PATH:/usr/local/bin:/usr/bin:/bin; export PATH
echo probe
command -v virt-ssh-helper >/dev/null 2>&1 && echo helper
command -v nc >/dev/null 2>&1 && echo nc
for s in libvirt-sock virtqemud-sock libvirt-sock-ro virtqemud-sock-ro; do
  p=/run/libvirt/$s
  [ -S "$p" ] && echo "socket $s"
  [ -S "$p" ] && [ -w "$p" ] && echo "open $s"
done
command -v libvirtd >/dev/null 2>&1 && echo installed
command -v virtqemud >/dev/null 2>&1 && echo installed
[ -x /usr/sbin/libvirtd ] || [ -x /usr/sbin/virtqemud ] && echo installed
echo done
"""
PROBE_BYTES = 4096

_HELPER = {(uri, False): f"virt-ssh-helper {uri}" for uri in LIBVIRT_URIS} | {
    (uri, True): f"virt-ssh-helper -r {uri}" for uri in LIBVIRT_URIS
}
_SOCKETS = {
    False: ("virtqemud-sock", "libvirt-sock"),
    True: ("virtqemud-sock-ro", "libvirt-sock-ro", "virtqemud-sock", "libvirt-sock"),
}
_NETCAT = {name: f"nc -U /run/libvirt/{name}" for names in _SOCKETS.values() for name in names}


def door_command(answer: bytes, libvirt_uri: str, read_only: bool) -> str:
    """Pick the command from the probe's answer.

    Raises:
        SshProblem: ssh-no-shell, ssh-daemon-missing, refused-group, ssh-no-helper.
    """
    words = set(answer.decode("ascii", "replace").splitlines())
    if not {"probe", "done"} <= words:
        raise SshProblem("ssh-no-shell", answer[:200].decode("utf-8", "replace"))
    if libvirt_uri.endswith("/system"):
        _check_socket(words, read_only)
    if "helper" in words:
        return _HELPER[libvirt_uri, read_only]
    usable = [name for name in _SOCKETS[read_only] if f"open {name}" in words]
    if "nc" in words and usable and libvirt_uri.endswith("/system"):
        return _NETCAT[usable[0]]
    raise SshProblem("ssh-no-helper")


def _check_socket(words: set[str], read_only: bool) -> None:
    names = _SOCKETS[read_only]
    if not any(f"socket {name}" in words for name in names):
        installed = "installed" in words
        raise SshProblem(
            "ssh-daemon-missing", "libvirt is installed" if installed else "no libvirt"
        )
    if not any(f"open {name}" in words for name in names):
        raise SshProblem("refused-group")
