"""What pictures over time share: the axis of days, the line of today, colours that hold in grey, and keys of signs.

Days are numbered by their ordinal. Nothing here reads or decides.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from models.answers.course.values import RoundFacts
from notifications.reports.pictures.lettering import Lettering
from notifications.words.sentences import day_zh

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GREY, FAINT, PAPER = "#1a1a1a", "#505050", "#d4d4d4", "#ffffff"
BLUE, PALE_BLUE, RED, PALE_RED, BROWN = "#1f4e79", "#b9d0e6", "#a31515", "#f4c7c3", "#7a4b00"
"""All that letters are written in has a contrast of 7 or more on white."""
MARGIN = 4.0
"""Left and right of all that is drawn, in mm."""
_KEY_ROW = 4.6
Key = tuple[Callable[[float, float, float, float], Any], str]
"""A sign and what it means. The sign makes an artist in a box: left, bottom, width, height in parts of the sheet."""
TITLE, PLAIN, SMALL = 11.0, 8.5, 7.5
"""Sizes of letters in points, as printed on A4."""
SHORT_SPAN, LONG_SPAN = 45, 460
"""Days up to which each week has its mark, and from which on only each quarter has one, or each year."""


def month_day_zh(day: date) -> str:
    return f"{day.month}月{day.day}日"


def round_zh(facts: RoundFacts, letters: Lettering, width_mm: float) -> str:
    """Which round, as of which day: the line below a title. A long name is cut, so that the day is always there."""
    day = f"　截至{day_zh(facts.on_day)}"
    room = (width_mm - 2 * MARGIN) * 72 / 25.4 - letters.width(letters.legible(f"年{day}"), PLAIN)
    return letters.shortened(facts.name, PLAIN, room) + day


def marks(first: date, last: date, *, years: bool = True) -> list[tuple[date, str]]:
    """Where the axis of days is marked, and with what words; with `years`, each year at its first mark."""
    span = (last - first).days
    if span <= SHORT_SPAN:
        monday = first + timedelta(days=-first.weekday() % 7)
        days = (monday + timedelta(weeks=n) for n in range(span // 7 + 1))
        return [(day, f"{day.month}/{day.day}") for day in days if day <= last]
    step = 1 if span <= LONG_SPAN else 3 if span <= 4 * LONG_SPAN else 12
    months = [day for day in _months(first, last) if (day.month - 1) % step == 0]
    with_year = set({day.year: day for day in reversed(months)}.values()) if years else set()
    return [(day, f"{day.year}年{day.month}月" if day in with_year else f"{day.month}月") for day in months]


def draw_days(axes: "Axes", letters: Lettering, first: date, last: date) -> None:
    """The axis of days at the bottom, with a faint line up at each mark."""
    axes.set_xlim(first.toordinal(), last.toordinal())
    axes.set_xticks([])
    for day, words in marks(first, last):
        axes.axvline(day.toordinal(), color=FAINT, linewidth=0.5, zorder=0.5)
        letters.write(axes, day.toordinal(), -0.02, words, SMALL, across="center", up="top", colour=GREY,
                      at=axes.get_xaxis_transform())  # fmt: skip


def draw_line(
    axes: "Axes",
    letters: Lettering,
    day: date,
    words: str,
    *,
    colour: str = INK,
    style: Any = "-",
    across: str = "left",
) -> None:
    """A line up at a day, with words above its end, of which the left, the centre or the right is at the line."""
    axes.axvline(day.toordinal(), color=colour, linewidth=1.0, linestyle=style, zorder=6)
    letters.write(axes, day.toordinal(), 1.015, words, SMALL, across=across, up="bottom", colour=colour,
                  at=axes.get_xaxis_transform())  # fmt: skip


def draw_frame(axes: "Axes") -> None:
    """Left and bottom only, in grey."""
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(GREY)
    axes.tick_params(length=2, color=GREY, labelleft=False, labelbottom=False)


def draw_head(figure: "Figure", letters: Lettering, title: str, lines: Sequence[str]) -> float:
    """Title and lines below it at the top; gives the height in mm that they take."""
    width, height = figure.get_figwidth() * 25.4, figure.get_figheight() * 25.4
    room = (width - 2 * MARGIN) * 72 / 25.4
    down = 6.0
    letters.write(figure, MARGIN / width, 1 - down / height, letters.shortened(title, TITLE, room), TITLE, colour=INK)
    for line in lines:
        down += 4.6
        shown = letters.shortened(line, PLAIN, room)
        letters.write(figure, MARGIN / width, 1 - down / height, shown, PLAIN, colour=GREY)
    return down + 3


def keys_height(letters: Lettering, keys: Sequence[Key], width_mm: float) -> float:
    """How high in mm the rows are that these keys take, with some room above and below."""
    return 7.0 + _KEY_ROW * max(row for row, _ in _places(letters, keys, width_mm))


def draw_keys(figure: "Figure", letters: Lettering, keys: Sequence[Key]) -> None:
    """Signs and what they mean, in rows at the bottom."""
    width, height = figure.get_figwidth() * 25.4, figure.get_figheight() * 25.4
    places = list(_places(letters, keys, width))
    for (sign, words), (row, across) in zip(keys, places, strict=True):
        up = 3.8 + _KEY_ROW * (places[-1][0] - row)
        figure.add_artist(sign(across / width, (up - 1.5) / height, 6.5 / width, 3 / height))
        letters.write(figure, (across + 8) / width, up / height, words, SMALL, colour=INK)


def _places(letters: Lettering, keys: Sequence[Key], width_mm: float) -> Iterator[tuple[int, float]]:
    """Row and place across in mm of each key."""
    row, across = 0, MARGIN
    for _, words in keys:
        takes = 8 + letters.width(letters.legible(words), SMALL) * 25.4 / 72
        if across + takes > width_mm and across > MARGIN:
            row, across = row + 1, MARGIN
        yield row, across
        across += takes + 4.5


def patch_sign(**look: Any) -> Any:
    """A filled field as the sign of a key."""

    def made(left: float, bottom: float, width: float, height: float) -> Any:
        from matplotlib.patches import Rectangle

        return Rectangle((left, bottom), width, height, **look)

    return made


def line_sign(**look: Any) -> Any:
    """A line as the sign of a key."""

    def made(left: float, bottom: float, width: float, height: float) -> Any:
        from matplotlib.lines import Line2D

        middle = bottom + height / 2
        return Line2D([left, left + width], [middle, middle], **look)

    return made


def point_sign(**look: Any) -> Any:
    """A single mark as the sign of a key."""

    def made(left: float, bottom: float, width: float, height: float) -> Any:
        from matplotlib.lines import Line2D

        return Line2D([left + width / 2], [bottom + height / 2], linewidth=0, **look)

    return made


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        if month >= first:
            yield month
        month = (month + timedelta(days=32)).replace(day=1)
