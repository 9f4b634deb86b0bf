"""The network that held machines can be moved to: a bridge that leads nowhere.

No address, no forwarding, no DHCP, isolated ports; no spanning tree, because a guest could speak
it to the host.
"""

from core.facts.network import QUARANTINE_BRIDGE, QUARANTINE_NETWORK

QUARANTINE_NETWORK_UUID = "6f0e3c52-6a0e-4d5b-9b0e-52f1a7c0de01"
QUARANTINE_NETWORK_XML = f"""\
<network>
  <name>{QUARANTINE_NETWORK}</name>
  <uuid>{QUARANTINE_NETWORK_UUID}</uuid>
  <bridge name='{QUARANTINE_BRIDGE}' stp='off' delay='0'/>
  <dns enable='no'/>
  <port isolated='yes'/>
</network>
"""

# How it stands on a host: as it should; another network has its name; or ours, but altered.
NETWORK_OURS, NETWORK_ABSENT = "ours", "absent"
NETWORK_DRIFTED, NETWORK_FOREIGN = "drifted", "foreign"
