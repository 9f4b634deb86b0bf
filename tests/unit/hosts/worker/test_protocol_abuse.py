"""What is no order ends the worker: garbage, oversize, a wrong first frame, a second Open."""

import msgspec
import pytest

from core.hosts.protocol import MAX_ORDER_BYTES, Ping, frame
from core.hosts.worker import exits
from tests.unit.hosts.worker.child import WorkerChild, opening
from tests.unit.hosts.worker.conftest import StartWorker

UNKNOWN_ORDER = msgspec.msgpack.encode({"order": "run-command", "number": 1, "command": "id"})
EXTRA_TYPE = msgspec.msgpack.encode({"order": "suspend", "number": 1, "uuid": 7})


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


@pytest.mark.parametrize(
    "data",
    [
        framed(b"\xc1garbage"),
        framed(UNKNOWN_ORDER),
        framed(EXTRA_TYPE),
        framed(b""),
        (MAX_ORDER_BYTES + 1).to_bytes(4, "big"),
        b"\xff\xff\xff\xff",
        frame(opening("test:///default")),
    ],
    ids=["garbage", "unknown", "wrong-type", "empty", "oversize", "huge", "second-open"],
)
def test_a_frame_that_is_no_order_ends_the_worker(node: WorkerChild, data: bytes) -> None:
    node.give_bytes(data)

    assert node.exit_status() == exits.PROTOCOL
    assert "protocol:" in node.words()


def test_the_first_frame_must_be_an_open(start: StartWorker) -> None:
    child = start(Ping(1))  # type: ignore[arg-type] # this is the abuse

    assert child.exit_status() == exits.PROTOCOL


def test_a_frame_cut_off_by_the_end_is_abuse(node: WorkerChild) -> None:
    node.give_bytes(b"\x00\x00\x01\x00half")
    node.stop_talking()

    assert node.exit_status() == exits.PROTOCOL
