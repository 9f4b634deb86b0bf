"""Fusion with our palette and the little that a palette cannot say."""

from importlib.resources import files
from string import Template

from PySide6.QtGui import QColor, QPalette

from gui.theme.tokens import DARK, Colours

_SHEET = Template("""
QToolTip { background: $raised; color: $text; border: 1px solid $hairline; padding: 4px 8px; }
QMainWindow::separator { background: $hairline; width: 1px; height: 1px; }
QSplitter::handle { background: $hairline; }
QMenuBar { background: $surface; padding: 2px 4px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $selection; color: $text; }
QMenu { background: $raised; border: 1px solid $hairline; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 28px; border-radius: 4px; }
QMenu::item:selected { background: $selection; color: $text; }
QMenu::item:disabled { color: $secondary; }
QMenu::icon { left: 8px; }
QMenu::separator { height: 1px; background: $hairline; margin: 4px 8px; }
QStatusBar { background: $surface; border-top: 1px solid $hairline; }
QStatusBar::item { border: none; }
QHeaderView { background: $base; border: none; }
QHeaderView::section { background: $base; color: $secondary; border: none;
  border-bottom: 1px solid $hairline; padding: 0 8px; }
QTreeView, QTableView, QListView { background: $base; border: none; outline: none;
  selection-background-color: $selection; selection-color: $text; }
QTreeView#sidebar { background: $surface; }
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox { background: $base; color: $text;
  border: 1px solid $hairline; border-radius: 4px; padding: 4px 8px;
  selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus {
  border: 1px solid $accent; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url("$unfold"); width: 12px; height: 12px; }
QPushButton { background: $base; color: $text; border: 1px solid $hairline; border-radius: 4px;
  padding: 5px 12px; }
QPushButton:hover { background: $hover; }
QPushButton:focus { border: 1px solid $accent; }
QPushButton:disabled { color: $secondary; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[role="danger"] { background: $danger; color: $on_danger; border-color: $danger; }
QPushButton[role="primary"]:disabled, QPushButton[role="danger"]:disabled {
  background: $hover; color: $secondary; border-color: $hairline; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 4px;
  padding: 4px; color: $text; }
QToolButton:hover { background: $selection; }
QToolButton:focus { border-color: $accent; }
QToolButton:checked { background: $selection; }
QToolButton[role="fold"]:checked { background: transparent; }
QToolButton[role="filter"] { padding: 4px 3px; }
QToolButton[role="step"] { padding: 4px 0; }
QToolButton:disabled { color: $secondary; }
QToolButton::menu-indicator { image: none; }
QCheckBox { color: $text; spacing: 8px; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $secondary; border-radius: 3px;
  background: $base; }
QCheckBox::indicator:hover { background: $hover; }
QCheckBox::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$tick"); }
QCheckBox:disabled { color: $secondary; }
QCheckBox::indicator:disabled { border-color: $hairline; }
QCheckBox::indicator:checked:disabled { background: $hairline; border-color: $hairline; }
QTabWidget::pane { border: none; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: $secondary; padding: 6px 8px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:focus { color: $accent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $hairline; border-radius: 4px; min-height: 24px;
  min-width: 24px; margin: 1px; }
QScrollBar::handle:hover { background: $secondary; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollArea { border: none; background: transparent; }
QFrame[role="floating"], QListView#completions { background: $raised;
  border: 1px solid $hairline; border-radius: 8px; }
QFrame[role="floating"] QScrollArea, QFrame[role="floating"] QScrollArea > QWidget > QWidget {
  background: $raised; }
QWidget[role="surface"] { background: $surface; }
QWidget[role="paper"] { background: $base; }
QWidget[role="danger"] { background: $danger; }
QWidget[role="danger"] QLabel { color: $on_danger; }
QWidget[role="demo"] { background: $demo; }
QWidget[role="demo"] QLabel { color: $on_demo; }
QLabel[role="secondary"] { color: $secondary; }
QLabel[role="problem"] { color: $critical; }
""")


def style_sheet(colours: Colours) -> str:
    ending = "dark" if colours is DARK else "light"
    icons = {
        name: str(files("resources") / "icons" / f"{name}-{ending}.svg").replace("\\", "/")
        for name in ("tick", "unfold")
    }
    values = {name: getattr(colours, name) for name in colours.__slots__}
    return _SHEET.substitute(values, **icons)


def qt_palette(colours: Colours) -> QPalette:
    """Return the palette from which Fusion draws what the sheet leaves alone."""
    palette = QPalette()
    role = QPalette.ColorRole
    for target, value in (
        (role.Window, colours.surface),
        (role.WindowText, colours.text),
        (role.Base, colours.base),
        (role.AlternateBase, colours.surface),
        (role.Text, colours.text),
        (role.Button, colours.surface),
        (role.ButtonText, colours.text),
        (role.BrightText, colours.on_danger),
        (role.Highlight, colours.selection),
        (role.HighlightedText, colours.text),
        (role.ToolTipBase, colours.raised),
        (role.ToolTipText, colours.text),
        (role.PlaceholderText, colours.secondary),
        (role.Link, colours.accent),
        (role.Mid, colours.hairline),
        (role.Accent, colours.accent),
    ):
        palette.setColor(target, QColor(value))
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(colours.secondary))
    return palette
