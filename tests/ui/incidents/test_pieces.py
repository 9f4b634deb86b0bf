"""Of many parts the first are there at once, all of them soon, in order; none is left over."""

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from gui.incidents.pieces import AT_ONCE, PieceColumn


def test_many_parts_take_their_places_in_order(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column = PieceColumn()
    page.setLayout(column)
    page.show()
    parts = [QLabel(f"part {number}", page) for number in range(3 * AT_ONCE + 1)]
    column.fill(parts)
    assert column.count() == AT_ONCE + 1, "the first and the stretch below them"
    qtbot.waitUntil(lambda: column.count() == len(parts) + 1)
    items = [column.itemAt(number) for number in range(len(parts))]
    assert [item and item.widget() for item in items] == parts
    qtbot.waitUntil(lambda: all(part.isVisible() for part in parts))


def test_a_column_that_is_cleared_halfway_leaves_no_part(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column = PieceColumn()
    page.setLayout(column)
    parts = [QLabel(f"part {number}", page) for number in range(3 * AT_ONCE)]
    column.fill(parts)
    column.clear()
    assert column.count() == 0
    qtbot.waitUntil(lambda: not any(isValid(part) for part in parts))
