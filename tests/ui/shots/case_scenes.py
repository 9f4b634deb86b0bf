"""Pictures of a case: the panel of a held machine, and the first page of its report."""

from core.incidents.cases.desk import CaseDesk
from core.incidents.cases.model import Grade, Mark, Role
from gui.reports.paper import first_page
from tests.ui.shots.picture import small
from tests.ui.shots.stage import Stage


async def case(stage: Stage) -> None:
    """What people wrote in the first minutes beside what was measured; then the report's page."""
    view = stage.choose(lambda one: one.quarantine is not None)
    assert view.quarantine is not None
    name = view.quarantine.case
    panels = stage.window.panels
    await panels.case_door.write(lambda desk: _told(desk, name))
    stage.window.trigger("case")
    await stage.until(lambda: panels.cases.case is not None, "the case")
    await stage.until(lambda: not panels.cases.busy, "the story")
    await stage.shoot("case")
    page = await panels.case_door.page(name)
    stage.keep(small(first_page(page)), "case-report")
    panels.cases.shut()


def _told(desk: CaseDesk, case: str) -> None:
    desk.grade(case, Grade.HIGH, "A customer's files are on it")
    desk.person(case, "Anna Becker", Role.LEAD, "+49 30 1234")
    desk.note(case, "Encrypted files in /srv/share since 02:41")
    desk.communicate(case, "the service's owner", "off since 02:58, next call at 04:00", "phone")
    desk.follow(case, "ransomware")
    for step in ("cut", "lead", "grade"):
        desk.mark(case, step, Mark.DONE)
