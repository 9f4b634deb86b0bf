"""Every action of the window, in one table.

Menu bar, context menus, command palette, keys and the table of keys are made from it; there is
no other way to add an action. Its words are `window.action.<id>` in the catalogue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.text import Text
from gui.operations import (
    cases,
    copying,
    finding,
    fleet,
    hosts,
    incidents,
    looking,
    program,
    reports,
)
from gui.situation import (
    Need,
    Situation,
    filtered,
    held_machine,
    one_host,
    one_machine,
    own_host,
    reachable,
    some_host,
    some_machine,
    some_row,
    suspect_host,
    writable,
)

if TYPE_CHECKING:
    from gui.window import MainWindow


class Menu(StrEnum):
    """The menu bar from left to right: `window.menu.<value>`."""

    FLEET = "fleet"
    MACHINE = "machine"
    HOST = "host"
    COPY = "copy"
    VIEW = "view"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Action:
    """`group` separates entries of a menu; `choice` names a set of which one is ticked; `ticks`
    is for one that is on or off by itself; a key `in_table` is left to others elsewhere."""

    id: str
    menu: Menu
    group: int
    handler: Callable[["MainWindow"], None]
    key: str = ""
    icon: str = ""
    needs: tuple[Need, ...] = ()
    choice: str = ""
    role: str = "text"
    ticks: bool = False
    in_table: bool = False

    @property
    def code(self) -> str:
        return f"window.action.{self.id}"

    def why_not(self, now: Situation) -> Text | None:
        """Return why it cannot be done here, or None when it can."""
        return next((why for need in self.needs if (why := need(now)) is not None), None)


def _copy(id_: str, handler: Callable[["MainWindow"], None], key: str = "") -> Action:
    needs = (some_machine,)
    return Action(id_, Menu.COPY, 0, handler, key, "copy", needs, in_table=True)


ACTIONS: tuple[Action, ...] = (
    Action("add-host", Menu.FLEET, 0, hosts.add_host, "Ctrl+N", "plus"),
    Action("open-demo", Menu.FLEET, 0, hosts.open_demo, "", "server"),
    Action("refresh", Menu.FLEET, 1, fleet.refresh, "F5", "refresh-cw", (some_host,)),
    Action("find", Menu.FLEET, 2, finding.find, "Ctrl+F", "search"),
    Action("clear-filter", Menu.FLEET, 2, finding.clear_filter, "Ctrl+Shift+F", "x", (filtered,)),
    Action("save-view", Menu.FLEET, 2, fleet.save_view, "Ctrl+D", "bookmark-plus"),
    Action("delete-view", Menu.FLEET, 2, fleet.delete_view, "", "trash-2"),
    Action("export", Menu.FLEET, 3, copying.export, "Ctrl+E", "download", (some_row,)),
    Action("report", Menu.FLEET, 3, reports.report, "Ctrl+Shift+E", "download"),
    Action("cases", Menu.FLEET, 3, cases.open_cases, "Ctrl+Shift+K", "file-text"),
    Action("quit", Menu.FLEET, 4, program.leave, "Ctrl+Q", "log-out"),
    Action(
        "quarantine",
        Menu.MACHINE,
        0,
        incidents.quarantine,
        "Ctrl+Shift+Q",
        "lock",
        (some_machine, writable, reachable),
        role="quarantine",
    ),
    Action(
        "release",
        Menu.MACHINE,
        0,
        incidents.release,
        "Ctrl+Shift+R",
        "lock-open",
        (some_machine, writable, reachable, held_machine),
    ),
    Action(
        "drill",
        Menu.MACHINE,
        0,
        incidents.drill,
        "Ctrl+Alt+D",
        "activity",
        (one_machine, writable, reachable),
    ),
    Action(
        "inspect", Menu.MACHINE, 1, looking.inspect, "Ctrl+Return", "panel-right", (some_machine,)
    ),
    Action("case", Menu.MACHINE, 1, cases.open_case, "Ctrl+Alt+K", "file-text", (held_machine,)),
    Action("same-host", Menu.MACHINE, 2, finding.same_host, "Alt+H", "server", (some_machine,)),
    Action("same-zone", Menu.MACHINE, 2, finding.same_zone, "Alt+Z", "layers", (some_machine,)),
    Action("same-tenant", Menu.MACHINE, 2, finding.same_tenant, "Alt+T", "users", (some_machine,)),
    Action("held-only", Menu.MACHINE, 2, finding.held_only, "Alt+Q", "lock"),
    Action("check-host", Menu.HOST, 0, hosts.check_host, "Ctrl+H", "stethoscope", (one_host,)),
    Action(
        "prepare-host", Menu.HOST, 0, hosts.prepare_host, "Ctrl+Alt+P", "shield-check", (one_host,)
    ),
    Action("refresh-host", Menu.HOST, 0, hosts.refresh_host, "", "refresh-cw", (one_host,)),
    Action(
        "escape",
        Menu.HOST,
        1,
        cases.escape,
        "Ctrl+Alt+Shift+Q",
        "shield-off",
        (one_host,),
        role="critical",
    ),
    Action("trust-host", Menu.HOST, 1, cases.trust, "", "shield-check", (suspect_host,)),
    Action("remove-host", Menu.HOST, 1, hosts.remove_host, "", "trash-2", (own_host,)),
    _copy("copy-cell", copying.copy_cell, "Ctrl+C"),
    _copy("copy-rows", copying.copy_rows, "Ctrl+Shift+C"),
    _copy("copy-csv", copying.copy_csv),
    _copy("copy-json", copying.copy_json),
    _copy("copy-markdown", copying.copy_markdown),
    Action(
        "copy-command",
        Menu.COPY,
        1,
        copying.copy_command,
        "Ctrl+Alt+C",
        "terminal",
        (some_machine,),
    ),
    Action("palette", Menu.VIEW, 0, looking.open_palette, "Ctrl+K", "search"),
    Action("sidebar", Menu.VIEW, 1, looking.toggle_sidebar, "Ctrl+B", "panel-left"),
    Action("inspector", Menu.VIEW, 1, looking.toggle_inspector, "Ctrl+I", "panel-right"),
    Action("tasks", Menu.VIEW, 1, looking.toggle_tasks, "Ctrl+J", "panel-bottom"),
    Action("next-pane", Menu.VIEW, 1, looking.next_pane, "F6", "chevron-right"),
    Action("columns", Menu.VIEW, 2, looking.choose_columns, "Ctrl+Shift+L", "columns-3"),
    *(
        Action(f"group-{kind}", Menu.VIEW, 3, looking.group_by(value), key, "rows-3", (), "group")
        for kind, value, key in (
            ("none", "", "Ctrl+0"),
            ("host", "host", "Ctrl+1"),
            ("zone", "zone", "Ctrl+2"),
            ("tenant", "tenant", "Ctrl+3"),
            ("state", "state", "Ctrl+4"),
        )
    ),
    *(
        Action(f"density-{kind}", Menu.VIEW, 4, looking.density(kind), "", "", (), "density")
        for kind in ("compact", "normal", "comfortable")
    ),
    *(
        Action(f"theme-{kind}", Menu.VIEW, 5, looking.theme(kind), "", icon, (), "theme")
        for kind, icon in (("system", "sun-moon"), ("light", "sun"), ("dark", "moon"))
    ),
    *(
        Action(f"language-{kind}", Menu.VIEW, 6, looking.language(value), "", icon, (), "language")
        for kind, value, icon in (("en", "en", "languages"), ("zh-cn", "zh_CN", "languages"))
    ),
    Action("notify", Menu.VIEW, 7, program.toggle_notify, "", "bell", ticks=True),
    Action("close-to-tray", Menu.VIEW, 7, program.toggle_close_to_tray, ticks=True),
    Action("keys", Menu.HELP, 0, looking.show_keys, "?", "keyboard"),
    Action("about", Menu.HELP, 1, program.about, "F1", "info"),
)
BY_ID = {action.id: action for action in ACTIONS}

CONTEXT_MACHINE = (
    ("quarantine", "release", "drill"),
    ("inspect", "case", "refresh"),
    ("same-host", "same-zone", "same-tenant"),
    ("copy-cell", "copy-rows", "copy-csv", "copy-json", "copy-markdown", "copy-command"),
)
CONTEXT_HOST = (
    ("check-host", "prepare-host", "refresh-host"),
    ("escape", "trust-host"),
    ("remove-host",),
)

# Keys that belong to a widget and not to an action; shown in the table of keys all the same.
WIDGET_KEYS = (
    ("↑ ↓", "window.keys.rows"),
    ("← →", "window.keys.columns"),
    ("Shift+↑ ↓", "window.keys.extend"),
    ("Ctrl+A", "window.keys.all"),
    ("Enter", "window.keys.open"),
    ("Esc", "window.keys.escape"),
    ("Tab", "window.keys.complete"),
    ("1 … 9", "window.keys.reason"),
    ("Enter", "window.keys.cut"),
    ("Shift+F10", "window.keys.context"),
)
