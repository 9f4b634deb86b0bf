"""Standing messages above the table: they stay until what they say is no longer true."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.fleet.model import FleetView
from core.settings.model import Problem
from core.text import Catalogue
from gui.plain import PlainLabel, one_line
from gui.theme import Face, Theme


class Banner(QWidget):
    """One line across the window: an icon and a sentence."""

    def __init__(self, role: str, icon: str, ink: str, theme: Theme) -> None:
        super().__init__()
        self.setObjectName(f"banner-{role}-{icon}")
        self.setProperty("role", role)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark = PlainLabel()
        mark.setPixmap(theme.pixmap(icon, ink, 14))
        self.words = PlainLabel()
        self.words.setFont(theme.font(Face.SECONDARY))
        self.words.setWordWrap(True)
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.space(3), theme.space(1), theme.space(3), theme.space(1))
        line.setSpacing(theme.space(2))
        line.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.words, 1)
        self.hide()

    def say(self, text: str) -> None:
        self.words.setText(text)
        self.setVisible(bool(text))


class Banners(QWidget):
    """DEMO, unverified hosts, and what of fleet.toml was left out."""

    def __init__(self, catalogue: Catalogue, theme: Theme) -> None:
        super().__init__()
        self._t = catalogue
        self.unverified = Banner("danger", "shield-off", "on_danger", theme)
        self.suspects = Banner("danger", "shield-alert", "on_danger", theme)
        self.problems = Banner("demo", "triangle-alert", "on_demo", theme)
        self.demo = Banner("demo", "info", "on_demo", theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for banner in (self.suspects, self.unverified, self.demo, self.problems):
            column.addWidget(banner)

    def show_fleet(self, fleet: FleetView) -> None:
        self.demo.say(self._t("window.banner.demo") if fleet.demo else "")
        names = [name for name, host in fleet.hosts.items() if unverified(host.entry.uri)]
        listed = one_line(", ".join(names))
        count = len(names)
        words = self._t("window.banner.unverified", hosts=listed, count=count) if names else ""
        self.unverified.say(words)

    def show_suspects(self, hosts: Iterable[str]) -> None:
        """Hosts that a guest may have taken over: nothing they say is proof."""
        listed = one_line(", ".join(sorted(hosts)))
        self.suspects.say(self._t("cases.banner.suspects", hosts=listed) if listed else "")

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say the first problem of fleet.toml with its line, and how many there are."""
        if not problems:
            self.problems.say("")
            return
        first = problems[0]
        self.problems.say(
            self._t(
                "window.banner.problems",
                count=len(problems),
                line=first.line,
                problem=self._t.say(first.message),
            )
        )


def unverified(uri: str) -> bool:
    """Whether the host's certificate is not checked, as its URI says."""
    _, _, query = uri.partition("?")
    return any(
        part.partition("=")[0] == "no_verify" and part.partition("=")[2] not in ("", "0")
        for part in query.split("&")
    )
