"""Lucide icons in the colour of their role, sharp at every scale, each drawn once a colour."""

from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

SCALES = (1.0, 2.0)


class IconBox:
    """Draws icons by name and colour and keeps what it drew."""

    def __init__(self) -> None:
        self._sources: dict[str, str] = {}
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}
        self._icons: dict[tuple[str, str, str, int], QIcon] = {}

    def pixmap(self, name: str, colour: str, size: int, scale: float = 1.0) -> QPixmap:
        """Return the icon at `size` device-independent pixels."""
        key = (name, colour, size, scale)
        if key not in self._pixmaps:
            self._pixmaps[key] = self._draw(name, colour, size, scale)
        return self._pixmaps[key]

    def icon(self, name: str, colour: str, disabled: str, size: int) -> QIcon:
        key = (name, colour, disabled, size)
        if key not in self._icons:
            icon = QIcon()
            for scale in SCALES:
                icon.addPixmap(self.pixmap(name, colour, size, scale))
                icon.addPixmap(self.pixmap(name, disabled, size, scale), QIcon.Mode.Disabled)
            self._icons[key] = icon
        return self._icons[key]

    def _source(self, name: str) -> str:
        if name not in self._sources:
            path = files("resources") / "icons" / f"{name}.svg"
            self._sources[name] = path.read_text("utf-8")
        return self._sources[name]

    def _draw(self, name: str, colour: str, size: int, scale: float) -> QPixmap:
        svg = self._source(name).replace("currentColor", colour)
        pixmap = QPixmap(QSize(round(size * scale), round(size * scale)))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        QSvgRenderer(QByteArray(svg.encode())).render(
            painter, QRectF(0, 0, pixmap.width(), pixmap.height())
        )
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        return pixmap
