"""The network of held machines leads nowhere, or is not taken for ours."""

import pytest

from core.hosts.quarantine_network import QUARANTINE_NETWORK_XML
from core.hosts.worker.quarantine_network import leads_nowhere
from core.hosts.worker.xml.document import parse


def test_what_we_define_leads_nowhere() -> None:
    assert leads_nowhere(parse(QUARANTINE_NETWORK_XML))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("stp='off'", "stp='on'"),
        ("isolated='yes'", "isolated='no'"),
        ("<port isolated='yes'/>", ""),
        ("rfq0", "br0"),
        ("<dns", "<forward mode='nat'/><dns"),
        ("<dns", "<ip address='192.168.1.1' netmask='255.255.255.0'/><dns"),
        ("<dns", "<vlan><tag id='7'/></vlan><dns"),
    ],
)
def test_any_way_out_is_an_altered_network(old: str, new: str) -> None:
    assert not leads_nowhere(parse(QUARANTINE_NETWORK_XML.replace(old, new)))
