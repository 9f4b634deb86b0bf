"""The ledger keeps what was told; a machine that went away is not told of again."""

from core.facts import MachineRow, MachineState
from core.hosts.worker.ledger import Ledger

ROW = MachineRow("u", "web", MachineState.RUNNING)


def test_only_what_differs_is_new() -> None:
    ledger = Ledger()
    ledger.replace_rows([ROW])
    assert ledger.is_new("u", b"1")
    assert not ledger.is_new("u", b"1")
    ledger.send_again(["u"])
    assert ledger.is_new("u", b"1")


def test_a_machine_that_went_away_while_it_was_read_is_not_sent() -> None:
    ledger = Ledger()
    ledger.replace_rows([ROW])
    assert ledger.drop("u")
    assert not ledger.is_new("u", b"1")
    assert ledger.replace_rows([]) is None
