"""The pictures of a paper: the burn-down, and due dates by unit and week, each where it has anything to show.

Runs when a report or a brief is written; both have the same pictures, under the same captions and descriptions. A
machine without a Chinese font draws none and says why. How they look is decided in pictures.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from models.errors import FontRefused
from notifications.reports.paper.values import NO_PICTURES
from notifications.reports.paper.values import Picture as PaperPicture

if TYPE_CHECKING:
    from notifications.reports.pictures.drawing import Picture
    from notifications.reports.pictures.fonts import Font

WIDTH_MM = 155.0


@dataclass(frozen=True, slots=True)
class Illustrations:
    """The pictures by name, and why there are none, for whoever asked: "" where there is nothing to say."""

    drawn: Mapping[str, "Picture"]
    why_none: str = ""

    def of_document(self) -> dict[str, object]:
        """As a document takes them; "" for one that is not drawn."""
        from notifications.reports.pictures.drawing import as_png

        shown = {name: PaperPicture(as_png(one), WIDTH_MM, one.alt) for name, one in self.drawn.items()}
        return {**NO_PICTURES, **shown}

    def of_page(self) -> dict[str, object]:
        """As a page of HTML takes them: `src` and `alt`; "" for one that is not drawn."""
        from notifications.reports.pictures.drawing import as_svg

        head = "data:image/svg+xml;base64,"
        shown = {
            name: {"alt": one.alt, "src": f"{head}{b64encode(as_svg(one)).decode()}"}
            for name, one in self.drawn.items()
        }
        return {**NO_PICTURES, **shown}


def illustrations(
    connection: Connection, round_code: str, on_day: date, env: Mapping[str, str], *, rehearsal: bool
) -> Illustrations:  # fmt: skip
    """Draws what there is to show of the round on that day."""
    from notifications.reports.pictures import fonts

    drawings = dict(_drawings(connection, round_code, on_day, rehearsal=rehearsal))
    if not drawings:
        return Illustrations({})
    try:
        font = fonts.needed(env)
    except FontRefused as error:
        return Illustrations({}, f"文中没有图：{error.zh}{error.cure}")
    return Illustrations({name: draw(font) for name, draw in drawings.items()})


def _drawings(
    connection: Connection, code: str, on_day: date, *, rehearsal: bool
) -> "Iterator[tuple[str, Callable[[Font], Picture]]]":  # fmt: skip
    from models.answers.course import reading as course
    from notifications.reports.pictures import drawing

    burn_down = course.burn_down(connection, code, on_day)
    if burn_down.total:
        yield "burn_down", lambda font: drawing.burn_down(burn_down, font, rehearsal=rehearsal)
    heat = course.heat(connection, code, on_day)
    if heat.cells:  # no unit has a completion limit running: an empty field says nothing
        yield "heat", lambda font: drawing.heat(heat, font, rehearsal=rehearsal)
