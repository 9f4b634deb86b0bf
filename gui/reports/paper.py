"""A report's HTML on PDF pages. The document loads nothing, whatever its text may ask for."""

from pathlib import Path

from PySide6.QtCore import QMarginsF, QUrl
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter, QTextDocument

from core.settings.atomic_write import write_atomically
from core.text import RingfenceError

_MARGIN_MM = 15.0


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
