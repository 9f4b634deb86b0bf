"""A guest that from its first second sends frames no honest one does, and never stops.

The distribution's perl goes into its initramfs: busybox cannot send a frame of one's own making.
"""

import re
import stat
from pathlib import Path

from tests.lab.commands import run
from tests.lab.guests.definition import BOOT, Guest, GuestNic, guest_xml
from tests.lab.guests.initramfs import INIT, Entry, packed
from tests.lab.hosts.lab import Lab

NAME, HOST, TAP = "g7", "h1", "rfat0"
MAC, SPOOFED = "52:54:00:0a:77:17", "52:54:00:0a:66:66"
EVERY_S = 0.05

PERL = r"""
open(my $list, "<", "/attacks.txt") or die; my @frames = map { chomp; pack("H*", $_) } <$list>;
open(my $number, "<", "/sys/class/net/eth0/ifindex") or die; my $card = <$number> + 0;
socket(my $wire, 17, 3, 0) or die;
my $to = pack("S n i S C C a8", 17, 3, $card, 0, 0, 6, "");
while (1) {
  for my $frame (@frames) { send($wire, $frame, 0, $to); }
  select(undef, undef, undef, %s);
}
"""
START = "perl /attack.pl >/dev/null 2>&1 &\n"


def define(lab: Lab, frames: list[bytes]) -> None:
    """Define it on its host's own network; `frames` are sent again and again."""
    host = lab.hosts[HOST]
    guest = Guest(NAME, HOST, (GuestNic("lan", f"{lab.address.bridged_guest(7)}/24"),))
    lab.guests[NAME] = guest
    plain = host.path(f"{BOOT}/initramfs").read_bytes()
    host.path(f"{BOOT}/initramfs-attacker").write_bytes(plain + _extra(frames))
    host.define_guest(guest)
    host.define(machine_xml(guest, host.virsh(["domuuid", NAME]).strip()))


def machine_xml(guest: Guest, uuid: str) -> str:
    card = f'<interface type="network"><mac address="{MAC}"/><target dev="{TAP}"/>'
    xml = guest_xml(guest).replace('<interface type="network">', card)
    xml = xml.replace(f"{BOOT}/initramfs<", f"{BOOT}/initramfs-attacker<")
    return xml.replace("</name>", f"</name><uuid>{uuid}</uuid>", 1)


def _extra(frames: list[bytes]) -> bytes:
    files = {"attack.pl": (PERL % EVERY_S).encode(), "bin/perl": Path("/usr/bin/perl").read_bytes()}
    files["attacks.txt"] = "".join(f"{frame.hex()}\n" for frame in frames).encode()
    libraries = re.findall(r"(/\S+) \(0x", run(["ldd", "/usr/bin/perl"]).stdout)
    files |= {path.lstrip("/"): Path(path).read_bytes() for path in libraries}
    files["init"] = INIT.replace("httpd -p", f"{START}httpd -p").encode()
    above = {str(parent) for name in files for parent in Path(name).parents} - {"."}
    folders = [Entry(name, stat.S_IFDIR | 0o755) for name in sorted(above)]
    content = [Entry(name, stat.S_IFREG | 0o755, body) for name, body in files.items()]
    return packed([*folders, *content])
