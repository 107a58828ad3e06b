"""The pictures of a round, each from its facts: what the reports and `duban picture` call.

`burn_down(facts, font)` and its like give a Picture, `as_png` and `as_svg` its bytes; `fonts.needed(env)` the font.
"""

from models.answers.course import BurnDown
from notifications.reports.pictures import burn_down as _burn_down
from notifications.reports.pictures.canvas import Picture, as_png, as_svg, drawing
from notifications.reports.pictures.fonts import Font
from notifications.reports.pictures.lettering import Lettering
from notifications.words.wording import REHEARSAL_MARK

__all__ = ["as_png", "as_svg", "burn_down"]


def burn_down(facts: BurnDown, font: Font, *, rehearsal: bool = False) -> Picture:
    """Measures still open day by day, against the plan. 160 mm wide."""
    with drawing():
        return _burn_down.draw(facts, Lettering(font), REHEARSAL_MARK if rehearsal else "")
