"""The pictures of a round, each from its facts: what the reports and `duban picture` call.

`burn_down(facts, font)` and its like give a Picture, `as_png` and `as_svg` its bytes; `fonts.needed(env)` the font.
"""

from models.answers.course.values import BurnDown, Clocks, Heat
from models.rehearsal import REHEARSAL_MARK
from models.workdays import WorkCalendar
from notifications.reports.pictures import burn_down as _burn_down
from notifications.reports.pictures import clocks as _clocks
from notifications.reports.pictures import heat as _heat
from notifications.reports.pictures.canvas import Picture, as_png, as_svg, drawing
from notifications.reports.pictures.clocks import pages_of
from notifications.reports.pictures.fonts import Font
from notifications.reports.pictures.lettering import Lettering

__all__ = ["Picture", "as_png", "as_svg", "burn_down", "clocks", "heat", "pages_of"]


def burn_down(facts: BurnDown, font: Font, *, rehearsal: bool = False) -> Picture:
    """Measures still open day by day, against the plan. 160 mm wide, as are the others."""
    with drawing():
        return _burn_down.draw(facts, Lettering(font), _mark(rehearsal))


def heat(facts: Heat, font: Font, *, rehearsal: bool = False) -> Picture:
    """Units by weeks: how many limits are due, the overdue ones marked."""
    with drawing():
        return _heat.draw(facts, Lettering(font), _mark(rehearsal))


def clocks(facts: Clocks, calendar: WorkCalendar, font: Font, *, page: int = 1, rehearsal: bool = False) -> Picture:
    """A page of the running clocks, a bar each; there are `pages_of(facts)`. Raises ValueError for another page."""
    with drawing():
        return _clocks.draw(facts, calendar, Lettering(font), _mark(rehearsal), page)


def _mark(rehearsal: bool) -> str:
    return REHEARSAL_MARK if rehearsal else ""
