"""The names of the pages, all of them always in sight: they wrap rather than hide."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.theme import Face, Theme

_HEIGHT = 28
_PADDING = 8
_EDGE = 8
_MARK = 2


class PageButton(QAbstractButton):
    """One page's name; the chosen one is underlined and said to be so."""

    def __init__(self, words: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setText(words)
        self.setCheckable(True)
        self.setFont(theme.font(Face.SECONDARY))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        wide = QFontMetrics(self.font()).horizontalAdvance(self.text())
        return QSize(wide + 2 * _PADDING, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        lit = self.isChecked() or self.underMouse()
        painter.setPen(self._theme.colour("text" if lit else "secondary"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.isChecked():
            line = QRectF(_PADDING, _HEIGHT - _MARK, self.width() - 2 * _PADDING, _MARK)
            painter.fillRect(line, self._theme.colour("accent"))
        painter.end()


class PageBar(QWidget):
    """Arrows turn the pages while the bar has the keys."""

    chosen = Signal(str)

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self._buttons: dict[str, PageButton] = {}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def current(self) -> str:
        return next((name for name, one in self._buttons.items() if one.isChecked()), "")

    def names(self) -> tuple[str, ...]:
        return tuple(self._buttons)

    def set_pages(self, pages: Sequence[tuple[str, str]]) -> None:
        """Show these (name, words); the same page stays chosen if it is still there."""
        kept = self.current
        for button in self._buttons.values():
            button.hide()
            button.deleteLater()
        self._buttons = {name: self._button(name, words) for name, words in pages}
        if self._buttons:
            self.choose(kept if kept in self._buttons else next(iter(self._buttons)))
        self.setVisible(len(self._buttons) > 1)
        self.updateGeometry()
        self._arrange()

    def choose(self, name: str) -> None:
        for each, button in self._buttons.items():
            button.setChecked(each == name)

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(max(self.width(), 240)))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, _HEIGHT)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        places = self._places(width)
        return (places[-1].bottom() + 1 if places else _HEIGHT) + 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()), 0)
        if not step or not self._buttons:
            super().keyPressEvent(event)
            return
        names = self.names()
        self._turn(names[(names.index(self.current) + step) % len(names)])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        line = QRect(0, self.height() - 1, self.width(), 1)
        painter.fillRect(line, self._theme.colour("accent" if self.hasFocus() else "hairline"))
        painter.end()

    def _button(self, name: str, words: str) -> PageButton:
        button = PageButton(words, self._theme, self)
        button.setObjectName(f"page-{name}")
        button.clicked.connect(partial(self._turn, name))
        button.show()
        return button

    def _turn(self, name: str, _checked: bool = False) -> None:
        self.choose(name)
        self.chosen.emit(name)

    def _arrange(self) -> None:
        for button, place in zip(self._buttons.values(), self._places(self.width()), strict=True):
            button.setGeometry(place)

    def _places(self, width: int) -> list[QRect]:
        places: list[QRect] = []
        left, top = _EDGE, 0
        for button in self._buttons.values():
            wide = button.sizeHint().width()
            if left + wide > width - _EDGE and left > _EDGE:
                left, top = _EDGE, top + _HEIGHT
            places.append(QRect(left, top, wide, _HEIGHT))
            left += wide
        return places
