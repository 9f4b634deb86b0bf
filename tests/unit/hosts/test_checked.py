"""What a worker says is looked at for texts that nothing could show, wherever they stand."""

import msgspec
import pytest

from core.hosts.checked import MAX_TEXT_LENGTH, checked_report
from core.hosts.framing import ProtocolBreach
from core.hosts.protocol import Log

MARK = "\u06c0"  # its first byte in UTF-8 is the one that begins a long text


@pytest.mark.parametrize("before", ["", MARK, MARK * 1000])
def test_a_long_text_is_refused_whatever_stands_before_it(before: str) -> None:
    body = msgspec.msgpack.encode(Log(before, "x" * (MAX_TEXT_LENGTH + 1)))
    with pytest.raises(ProtocolBreach) as caught:
        checked_report(body, "a")
    assert caught.value.code == "worker-oversize"


def test_a_text_just_short_enough_and_the_mark_alone_pass() -> None:
    report = Log(MARK * 5000, "x" * MAX_TEXT_LENGTH)
    assert checked_report(msgspec.msgpack.encode(report), "a") == report
