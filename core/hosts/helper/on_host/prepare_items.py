"""What a prepared host has of ours: closed items, each rendered here from data alone.

Nothing is taken from outside but who the operators are, whether two of them must sign a release,
and who may start us with sudo. The station renders the same to tell what lies there from what
should.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from typing import Any, NamedTuple

from core.hosts.helper.on_host.prepare_module import module_text
from core.hosts.helper.on_host.values import Refused, is_list, is_object

OPERATOR_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
OPERATOR_KEY = re.compile(r"[0-9a-f]{64}")
SUDO_WHO = re.compile(r"%?[a-z_][a-z0-9_-]{0,31}")
MOST_OPERATORS = 64

PROGRAM_FILE = "/usr/sbin/ringfence-host"
OPERATORS_FOLDER = "/etc/ringfence/operators"
POLICY_FILE = "/etc/ringfence/policy.json"
RECORD_FILE = "/etc/ringfence/prepared.json"
MODULE_FILE = "/etc/ringfence/ringfence.cil"  # its name becomes the module's
QEMU_CONF = "/etc/libvirt/qemu.conf"
UNITS_FOLDER = "/etc/systemd/system"
KEEP_UNIT = "ringfence-keep.service"
BARRIER_UNIT = "ringfence-barrier@.service"
HOOK_QEMU_FILE = "/etc/libvirt/hooks/qemu.d/50-ringfence"
HOOK_NETWORK_FILE = "/etc/libvirt/hooks/network.d/50-ringfence"
SUDOERS_FILE = "/etc/sudoers.d/ringfence"

# Ours alone, from the innermost last; the second is the mode.
OWN_FOLDERS = (
    ("/etc/ringfence", 0o755),
    (OPERATORS_FOLDER, 0o755),
    ("/var/lib/ringfence", 0o711),  # QEMU's own user writes disks below, as evidence
    ("/var/lib/ringfence/holds", 0o700),
    ("/var/lib/ringfence/anchors", 0o700),
    ("/var/lib/ringfence/evidence", 0o711),
)
FOLDERS, PROGRAM_ITEM, OPERATORS_ITEM, POLICY_ITEM = "folders", "program", "operators", "policy"
KEEP_ITEM, BARRIER_ITEM, PORTS_ITEM = "keep-unit", "barrier-unit", "console-ports"
QEMU_HOOK, NETWORK_HOOK, SUDOERS_ITEM = "qemu-hook", "network-hook", "sudoers"
SELINUX_ITEM = "selinux"  # only where SELinux is on
# In the order in which they are written; taken away in reverse: hooks never outlive the program.
PREPARED_ITEMS = (
    FOLDERS,
    SELINUX_ITEM,
    PROGRAM_ITEM,
    OPERATORS_ITEM,
    POLICY_ITEM,
    BARRIER_ITEM,
    KEEP_ITEM,
    PORTS_ITEM,
    QEMU_HOOK,
    NETWORK_HOOK,
    SUDOERS_ITEM,
)

# libvirt takes the first value of a name: the block stands at the top of its file.
PORTS_BEGIN = "# Ringfence begin: console ports from a known range\n"
PORTS_END = "# Ringfence end\n"
PORTS_BLOCK = (
    PORTS_BEGIN
    + "remote_display_port_min = 5900\n"
    + "remote_display_port_max = 6155\n"
    + "remote_websocket_port_min = 5700\n"
    + "remote_websocket_port_max = 5763\n"
    + PORTS_END
)

_HOOK = """\
#!/bin/sh
# Ringfence: a machine that is held stays held. `ringfence host unprepare` takes this away.
# Without a hold there is nothing to ask, but of a machine that comes from another host. With the
# program gone, or holds that cannot be looked at, nothing begins; but what runs goes on: libvirt
# ends a machine whose reconnect is refused.
holds=/var/lib/ringfence/holds
stands=
for hold in $holds/*.json; do
    [ "$hold" = "$holds/*.json" ] || stands=yes # seen by name: whether it can be read is not asked
done
if ls $holds >/dev/null 2>&1 && [ -z "$stands" ]; then
    [ "$2" = migrate ] && [ -x {program} ] || exit 0
fi
case "$2" in
prepare | restore | migrate | started | port-created) ;;
*)
    [ "$2" != reconnect ] || {program} {verb} "$@" || :
    exit 0
    ;;
esac
if [ ! -x {program} ]; then
    echo "Ringfence: holds stand, but {program} is gone" >&2
    exit 1
fi
exec {program} {verb} "$@"
"""

_BARRIER = """\
# Ringfence: one instance a held machine; loads its barrier before libvirt starts anything.
[Unit]
Description=Barrier around machine %i, held by Ringfence
DefaultDependencies=no
RequiresMountsFor=/etc/ringfence /var/lib/ringfence
After=local-fs.target nftables.service firewalld.service
Wants=network-pre.target
Before=network-pre.target libvirtd.service virtqemud.service virtnetworkd.service shutdown.target
Conflicts=shutdown.target
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/ringfence-host boot %i
ExecReload=/usr/sbin/ringfence-host boot %i

[Install]
WantedBy=multi-user.target
"""

_KEEP = """\
# Ringfence: keeps held machines held while nobody is connected.
[Unit]
Description=Ringfence keeps held machines held
RequiresMountsFor=/etc/ringfence /var/lib/ringfence
After=nftables.service firewalld.service
Before=libvirtd.service virtqemud.service virtnetworkd.service
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart=/usr/sbin/ringfence-host keep
Restart=always
KillMode=process
RestartSec=1
RuntimeDirectory=ringfence
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
OOMScoreAdjust=-900

[Install]
WantedBy=multi-user.target
"""


class Preparation(NamedTuple):
    """The data that a host is prepared with."""

    operators: tuple[tuple[str, str], ...]  # (name, public key in hex), by name
    two_people: bool
    sudo: str  # a user, or a %group; "": nobody


class WantedFile(NamedTuple):
    path: str
    mode: int
    body: bytes


def checked_preparation(value: object) -> Preparation:
    """Take the data from a frame or from the record.

    Raises:
        Refused: helper-value, with what is wrong.
    """
    given = dict(value) if is_object(value) else {}
    if given.keys() != {"operators", "two_people", "sudo"}:
        raise Refused("helper-value", "wanted")
    two_people, sudo = given["two_people"], given["sudo"]
    if not isinstance(two_people, bool):
        raise Refused("helper-value", "two_people")
    if not isinstance(sudo, str) or (sudo and not SUDO_WHO.fullmatch(sudo)):
        raise Refused("helper-value", "sudo")
    return Preparation(_checked_operators(given["operators"]), two_people, sudo)


def _checked_operators(value: object) -> tuple[tuple[str, str], ...]:
    if not is_list(value) or not 1 <= len(value) <= MOST_OPERATORS:
        raise Refused("helper-value", "operators")
    found: OrderedDict[str, str] = OrderedDict()
    for each in value:
        pair = dict(each) if is_object(each) else {}
        name, key = pair.get("name"), pair.get("key")
        if not isinstance(name, str) or not OPERATOR_NAME.fullmatch(name) or name in found:
            raise Refused("helper-value", "operator name")
        if (
            not isinstance(key, str)
            or not OPERATOR_KEY.fullmatch(key)
            or pair.keys() - {"name", "key"}
        ):
            raise Refused("helper-value", "operator key")
        found[name] = key
    return tuple(sorted(found.items()))


def preparation_values(wanted: Preparation) -> dict[str, Any]:
    operators = [{"name": name, "key": key} for name, key in wanted.operators]
    return {"operators": operators, "two_people": wanted.two_people, "sudo": wanted.sudo}


def wanted_items(wanted: Preparation, selinux: bool = False) -> tuple[str, ...]:
    left_out = {SUDOERS_ITEM: not wanted.sudo, SELINUX_ITEM: not selinux}
    return tuple(item for item in PREPARED_ITEMS if not left_out.get(item))


def wanted_files(item: str, wanted: Preparation, program: bytes) -> tuple[WantedFile, ...]:
    """The whole files of an item; folders and the block in qemu.conf are none."""
    if item == PROGRAM_ITEM:
        return (WantedFile(PROGRAM_FILE, 0o755, program),)
    if item == OPERATORS_ITEM:
        return tuple(
            WantedFile(f"{OPERATORS_FOLDER}/{name}.pub", 0o644, f"{key}\n".encode())
            for name, key in wanted.operators
        )
    if item == POLICY_ITEM:
        policy = json.dumps({"two_people": wanted.two_people}) + "\n"
        return (WantedFile(POLICY_FILE, 0o644, policy.encode()),)
    if item == SUDOERS_ITEM and wanted.sudo:
        rule = f'{wanted.sudo} ALL=(root) NOPASSWD: {PROGRAM_FILE} ""\n'
        head = "# Ringfence: starts this one program, without a word, and nothing else.\n"
        return (WantedFile(SUDOERS_FILE, 0o440, (head + rule).encode()),)
    fixed = _FIXED.get(item)
    return (fixed,) if fixed else ()


def program_file(interpreter: str, source: bytes) -> bytes:
    """What is installed: isolated and without site, as it is sent."""
    return f"#!{interpreter} -IS\n".encode() + source


def _hook_file(path: str, verb: str) -> WantedFile:
    return WantedFile(path, 0o755, _HOOK.format(program=PROGRAM_FILE, verb=verb).encode())


_FIXED = {
    QEMU_HOOK: _hook_file(HOOK_QEMU_FILE, "hook-qemu"),
    NETWORK_HOOK: _hook_file(HOOK_NETWORK_FILE, "hook-network"),
    BARRIER_ITEM: WantedFile(f"{UNITS_FOLDER}/{BARRIER_UNIT}", 0o644, _BARRIER.encode()),
    KEEP_ITEM: WantedFile(f"{UNITS_FOLDER}/{KEEP_UNIT}", 0o644, _KEEP.encode()),
    SELINUX_ITEM: WantedFile(MODULE_FILE, 0o644, module_text()),
}
