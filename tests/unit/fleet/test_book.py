"""A host's book: capped, and nothing that is no machine becomes one."""

from datetime import UTC, datetime

import pytest

from core.fleet.book import MAX_MACHINES_A_HOST, HostBook
from core.hosts.protocol import (
    Machines,
    Rows,
)
from core.settings.model import HostEntry
from tests.unit.fleet.machines import machine, row


def test_a_host_cannot_list_more_than_we_hold() -> None:
    book = HostBook(HostEntry("hv1", "test:///default"), datetime.now(UTC))
    book.rows = dict.fromkeys((str(n) for n in range(MAX_MACHINES_A_HOST)), row(1))
    touched = book.take(Machines((machine(1),)))
    assert touched.looked == ()
    assert book.problem is not None
    assert book.problem.code == "too-many-machines"


@pytest.mark.parametrize("uuid", ["", "x" * 65])
def test_a_uuid_that_is_none_is_not_a_machine(uuid: str) -> None:
    book = HostBook(HostEntry("hv1", "test:///default"), datetime.now(UTC))
    book.take(Rows((row(1, uuid=uuid),), whole=True))
    book.take(Machines((machine(1, uuid=uuid),)))
    assert book.rows == {}
    assert book.machines == {}
