"""A report's HTML on PDF pages. The document loads nothing, whatever its text may ask for."""

from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, Qt, QUrl
from PySide6.QtGui import (
    QGuiApplication,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextDocument,
)

from core.settings.atomic_write import write_atomically
from core.text import RingfenceError

_MARGIN_MM = 15.0
_DOTS_PER_MM = 4.3  # of a picture


class _Sealed(QTextDocument):
    """A document without resources: no picture, style sheet or file is ever opened for it."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        return None


def write_page(html: str, path: Path) -> None:
    """Write a report to a .html or, by its name, a .pdf file.

    Raises:
        RingfenceError: file-not-written.
    """
    if path.suffix.lower() == ".pdf":
        write_pdf(html, path)
    else:
        write_atomically(path, html.encode(), keep_previous=False)


def write_pdf(html: str, path: Path) -> None:
    """Lay the report out on A4, landscape.

    Raises:
        RingfenceError: file-not-written.
    """
    writer = QPdfWriter(str(path))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageOrientation(QPageLayout.Orientation.Landscape)
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageMargins(margins, QPageLayout.Unit.Millimeter)
    document = _Sealed()
    document.setHtml(html)
    document.print_(writer)
    del writer  # the file is whole only when the writer is gone
    if not path.is_file() or path.stat().st_size == 0:
        raise RingfenceError("file-not-written", path=str(path))


def first_page(html: str) -> QImage:
    """The first page as a picture, as large as a screen shows it."""
    size = QPageSize.size(QPageSize.PageSizeId.A4, QPageSize.Unit.Millimeter)
    width, height = (round(side * _DOTS_PER_MM) for side in (size.height(), size.width()))
    picture = QImage(width, height, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.white)
    margin = _MARGIN_MM * _DOTS_PER_MM
    document = _Sealed()
    document.setHtml(html)
    document.setTextWidth(width - 2 * margin)
    painter = QPainter(picture)
    painter.translate(margin, margin)
    document.drawContents(painter, QRectF(0, 0, width - 2 * margin, height - 2 * margin))
    painter.end()
    return picture


def write_pdf_alone(html: str, path: Path) -> None:
    """The same from a terminal, where nothing of Qt runs yet.

    Raises:
        RingfenceError: file-not-written.
    """
    application = QGuiApplication.instance() or QGuiApplication([])
    write_pdf(html, path)
    application.processEvents()
