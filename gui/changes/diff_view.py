"""Plain monospaced text that reads like a code review: signs first, tints second."""

from collections.abc import Sequence

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from core.text import Catalogue
from gui.plain import one_line
from gui.theme import Face, Theme

_TINT_ALPHA = 40
MOST_CHARACTERS = 400_000


class _Signs(QSyntaxHighlighter):
    """Tints lines by their first character; the sign itself stays the carrier of the meaning."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._formats = {
            "+": _tinted(theme.colour("good")),
            "-": _tinted(theme.colour("critical")),
            "@": _quiet(theme.colour("secondary")),
        }

    def highlightBlock(self, text: str) -> None:
        chosen = self._formats.get(text[:1])
        if chosen is not None:
            self.setFormat(0, len(text), chosen)


def _tinted(colour: QColor) -> QTextCharFormat:
    made = QTextCharFormat()
    ground = QColor(colour)
    ground.setAlpha(_TINT_ALPHA)
    made.setBackground(ground)
    return made


def _quiet(colour: QColor) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(colour)
    return made


class TextView(QPlainTextEdit):
    """Read-only text of a host: plain, monospaced, unwrapped, cut at a stated size."""

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._t = t
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.document().setDefaultFont(theme.font(Face.MONO))
        self.setFont(theme.font(Face.MONO))
        self.full = ""

    def show_text(self, text: str) -> None:
        """Keep the place while the text is the same; control characters become visible."""
        if text == self.full and self.toPlainText():
            return
        self.full = text
        shown = "\n".join(one_line(line) for line in text[:MOST_CHARACTERS].split("\n"))
        if len(text) > MOST_CHARACTERS:
            shown += "\n" + self._t("panels.text.cut", shown=MOST_CHARACTERS, all=len(text))
        self.setPlainText(shown)


class DiffView(TextView):
    """Lines that begin with '+', '-', ' ' or '@'."""

    def __init__(self, t: Catalogue, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(t, theme, parent)
        self._signs = _Signs(self.document(), theme)

    def show_lines(self, lines: Sequence[str]) -> None:
        self.show_text("\n".join(lines))
