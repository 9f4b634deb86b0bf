"""As whom we are on a host, that we only look there, and that its peer is not verified."""

import msgspec
import pytest

from core.facts import Reason, Unknown
from core.fleet.model import HostView
from core.text import Catalogue
from gui.actions import ACTIONS
from gui.fleet.arrange import GroupRow
from gui.fleet.wording import group_title
from gui.identity import access
from gui.operations.going import group_by
from gui.situation import writable
from gui.window import MainWindow
from tests.ui.desk import key_of
from tests.ui.fleets import fleet, host, view
from tests.ui.hand_station import HandStation
from tests.ui.inspector.subjects import rich_host
from tests.ui.test_plain import shown_by_qt


def known(user: str, how: str = "client certificate", *, read_only: bool = False) -> HostView:
    one = rich_host()
    assert one.facts is not None
    identity = msgspec.structs.replace(_identity(one), user=user, how=how)
    facts = msgspec.structs.replace(one.facts, identity=identity)
    entry = msgspec.structs.replace(one.entry, name="hv1", read_only=read_only)
    return msgspec.structs.replace(one, entry=entry, facts=facts)


def _identity(one: HostView) -> msgspec.Struct:
    assert one.facts is not None
    assert not isinstance(one.facts.identity, Unknown)
    return one.facts.identity


@pytest.mark.parametrize(
    ("user", "how", "words"),
    [
        ("CN=anna,O=Acme", "client certificate", "as CN=anna (client certificate)"),
        ("root", "ssh key SHA256:abcdef", "as root (ssh key)"),
        ("a\u202eb", "sasl", "as a⟨U+202E⟩b (sasl)"),
    ],
)
def test_a_few_words_say_as_whom(user: str, how: str, words: str, t: Catalogue) -> None:
    assert access(known(user, how), t) == words


def test_what_is_not_told_is_said_to_be_unknown(t: Catalogue) -> None:
    one = rich_host()
    assert one.facts is not None
    facts = msgspec.structs.replace(one.facts, identity=Unknown(Reason.NOT_SUPPORTED))
    assert access(msgspec.structs.replace(one, facts=facts), t) == t("window.host.as-unknown")
    assert access(host("hv1", 1), t) == ""


def test_heading_header_and_hover_say_it(
    window: MainWindow, station: HandStation, t: Catalogue
) -> None:
    words = "as CN=anna (client certificate)"
    one = known("CN=anna,O=Acme")
    station.hand.put(fleet([view(1, "web-01")], [one]))
    window.refresh_now()
    group_by(window, "host")
    heading = window.model.row_at(0)
    assert isinstance(heading, GroupRow)
    assert words in group_title(heading, t, window.model.hosts)
    assert words in window.model.index(0, 0).data()
    window.sidebar.select_entry("host", "hv1")
    window.table.clearSelection()
    window.look_again()
    assert words in window.panels.inspector.header.line.text()
    hovers = [window.sidebar.model().index(row, 0).data(3) for row in range(3)]
    assert any(words in shown_by_qt(hover) for hover in hovers if hover)


def test_on_a_read_only_host_every_act_is_disabled_with_that_reason(
    window: MainWindow, station: HandStation, t: Catalogue
) -> None:
    station.hand.put(fleet([view(1, "web-01", read_only=True)]))
    window.table.select([key_of(window, "web-01")])
    window.look_again()
    acts = [action for action in ACTIONS if writable in action.needs]
    assert {action.id for action in acts} >= {"quarantine", "release"}
    for action in acts:
        entry = window.board.entries[action.id]
        assert not entry.isEnabled()
        assert t("window.why.read-only", host="hv1") in shown_by_qt(entry.toolTip())
    assert t("panels.read-only") in window.panels.inspector.header.line.text()


def test_a_peer_that_is_not_verified_stands_in_red(
    window: MainWindow, station: HandStation, t: Catalogue
) -> None:
    one = host("hv1", 1)
    entry = msgspec.structs.replace(one.entry, uri="qemu+tls://hv1/system?no_verify=1")
    station.hand.put(fleet([view(1, "web-01")], [msgspec.structs.replace(one, entry=entry)]))
    window.refresh_now()
    banner = window.banners.unverified
    assert banner.isVisible()
    assert banner.property("role") == "danger"
    assert banner.words.text() == t("window.banner.unverified", hosts="hv1", count=1)
    station.hand.put(fleet([view(1, "web-01")]))
    window.refresh_now()
    assert not banner.isVisible()
