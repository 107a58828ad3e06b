"""Pictures as files: the same facts give the same bytes, hostile words do no harm, nothing is left behind.

What is drawn is asked of the artists; what it looks like was looked at, and stands in docs/pictures.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from PIL import Image

from config.calendars import load_calendar
from models.answers.course.counting import counted
from models.answers.course.values import ClockBar, Clocks, Course, Heat, Load, RoundFacts, monday
from models.lifecycle import Stage, State
from notifications.reports.pictures import days, drawing, heat
from notifications.reports.pictures.canvas import Picture
from notifications.reports.pictures.clocks import A_PAGE
from notifications.reports.pictures.fonts import Font

DAY = date(2023, 6, 26)
CALENDAR = load_calendar(None)
HOSTILE = "$x^2$\n\u202e整改\x00\ud800\U0001f600<b>&\"'" + "整" * 5000
SVG = "{http://www.w3.org/2000/svg}"
Drawn = Callable[[], Picture]


def facts_of(name: str = "2023年整改") -> RoundFacts:
    return RoundFacts("2023", name, date(2023, 3, 25), date(2023, 6, 25), DAY)


def bar(n: int, name: str = "建立制度", held: bool = False) -> ClockBar:
    due = DAY + timedelta(days=n * 7 - 60)
    return ClockBar(
        str(n), name, name, name, Stage.COMPLETE, due - timedelta(days=70), due, moved=False,
        held_on=DAY if held else None, days=CALENDAR.workdays_between(DAY, due),
        provisional=CALENDAR.provisional_between(DAY, due) is not None,
    )  # fmt: skip


def pictures(font: Font, count: int = 3, name: str = "人事科") -> dict[str, Drawn]:
    """One of each, of so many measures."""
    facts = facts_of(name)
    courses = [
        Course(DAY - timedelta(days=n), DAY + timedelta(days=n), ((date(2023, 4, 3), State.ASSIGNED),))
        for n in range(count)
    ]
    cells = {(name, monday(DAY + timedelta(weeks=n))): Load(2, int(n < 0)) for n in range(-count, count)}
    bars = tuple(bar(n, name, held=n % 3 == 2) for n in range(count))
    return {
        "burn-down": partial(drawing.burn_down, counted(facts, courses), font),
        "heat": partial(drawing.heat, Heat(facts, False, (name,) if count else (), cells, held=1), font),
        "clocks": partial(drawing.clocks, Clocks(facts, bars), CALENDAR, font),
    }


KINDS = ("burn-down", "heat", "clocks")


def words_of(picture: Picture) -> list[str]:
    return [artist.get_text() for artist in picture.figure.findobj(Text) if artist.get_text()]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_facts_give_the_same_bytes(font: Font, kind: str) -> None:
    first, again = (pictures(font)[kind]() for _ in range(2))
    assert drawing.as_svg(first) == drawing.as_svg(again)
    assert drawing.as_png(first) == drawing.as_png(again)


@pytest.mark.parametrize("kind", KINDS)
def test_an_svg_needs_no_font_and_says_what_it_is(font: Font, kind: str) -> None:
    picture = pictures(font)[kind]()
    root = ElementTree.fromstring(drawing.as_svg(picture))
    assert root.get("role") == "img"
    assert [child.tag for child in root[:2]] == [f"{SVG}title", f"{SVG}desc"]
    assert (root[0].text, root[1].text) == (picture.title, picture.description)
    assert list(root.iter(f"{SVG}text")) == []
    assert list(root.iter(f"{SVG}image")) == []


@pytest.mark.parametrize("kind", KINDS)
def test_files_tell_neither_time_nor_program(font: Font, kind: str) -> None:
    picture = pictures(font)[kind]()
    assert b"matplotlib" not in drawing.as_png(picture).lower()
    assert b"matplotlib v" not in drawing.as_svg(picture).lower(), "its groups are called matplotlib.axis_1"
    assert b"<dc:date" not in drawing.as_svg(picture)
    with Image.open(BytesIO(drawing.as_png(picture))) as image:
        assert abs(image.width - 160 / 25.4 * 200) < 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [HOSTILE, "", "م$ \u202e" * 20])
def test_hostile_words_are_shown_as_words(font: Font, kind: str, name: str) -> None:
    picture = pictures(font, name=name)[kind]()
    ElementTree.fromstring(drawing.as_svg(picture))
    assert all(char.isprintable() for word in words_of(picture) for char in word)


def test_a_long_name_hides_neither_the_day_nor_a_number(font: Font) -> None:
    for draw in pictures(font, name="整改" * 200).values():
        words = "".join(words_of(draw()))
        assert "截至2023年6月26日" in words
        assert "…" in words
    assert "未销号3条。" in "".join(words_of(pictures(font, name="整改" * 200)["burn-down"]()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [0, 60])
def test_none_and_many_are_drawn(font: Font, kind: str, count: int) -> None:
    picture = pictures(font, count)[kind]()
    assert picture.figure.get_figheight() * 25.4 <= 230
    assert words_of(picture)


@pytest.mark.parametrize("kind", KINDS)
def test_all_words_stand_on_the_sheet(font: Font, kind: str) -> None:
    on_the_sheet(pictures(font, 40, "人事科办公室教务处综合组一二三四五")[kind]())


@pytest.mark.parametrize("since_feedback", [-3, 0, 10, 91, 93, 400])
@pytest.mark.parametrize("period", [0, 92])
def test_words_of_a_burn_down_stand_on_the_sheet_on_any_day(font: Font, since_feedback: int, period: int) -> None:
    first = date(2023, 3, 25)
    facts = RoundFacts("1", "整改", first, first + timedelta(days=period), first + timedelta(days=since_feedback))
    on_the_sheet(drawing.burn_down(counted(facts, [Course(first, first, ())] * 99), font))


def on_the_sheet(picture: Picture) -> None:
    figure = picture.figure
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    for artist in figure.findobj(Text):
        if artist.get_text().strip():
            left, bottom, right, top = artist.get_window_extent(renderer).extents
            assert min(left, bottom) >= -1, artist
            assert right <= figure.bbox.x1 + 1, artist
            assert top <= figure.bbox.y1 + 1, artist


def test_a_rehearsal_is_marked(font: Font) -> None:
    for draw in pictures(font).values():
        assert draw(rehearsal=True).title.startswith("【演练】")  # type: ignore[call-arg]
        assert not draw().title.startswith("【演练】")


def test_the_burn_down_says_its_numbers(font: Font) -> None:
    closed = ((date(2023, 4, 1), State.ASSIGNED), (date(2023, 5, 1), State.CLOSED))
    checked = ((date(2023, 4, 1), State.ASSIGNED), (date(2023, 5, 1), State.SELF_CHECKED))
    courses = [Course(DAY, DAY, changes) for changes in (closed, checked, (), ((DAY, State.WITHDRAWN),))]
    picture = drawing.burn_down(counted(facts_of(), courses), font)
    assert "共3条（另有1条已作废，不计），已销号或转入长期坚持1条，未销号2条。" in picture.description
    assert "到期应上报3条，实际已上报2条（其中1条待核查或审核）" in picture.description
    assert {"未销号2", "待上报1", "计划应余0"} <= set(words_of(picture))


def test_overdue_is_told_by_words_and_hatch_too(font: Font) -> None:
    facts = facts_of()
    cells = {("人事科", date(2023, 6, 12)): Load(3, 2), ("人事科", date(2023, 7, 3)): Load(1, 0)}
    shown = drawing.heat(Heat(facts, False, ("人事科",), cells, 0), font)
    assert words_of(shown).count("超2") == 4  # the cell, and the sums of unit, week and all
    assert len([patch for patch in shown.figure.axes[0].patches if patch.get_hatch()]) == 1
    bars = drawing.clocks(Clocks(facts, (bar(3), bar(20), bar(12, held=True))), CALENDAR, font)
    assert {f"超{-bar(3).days}", f"余{bar(20).days}", "挂起"} <= set(words_of(bars))


def test_provisional_days_are_dotted_and_their_count_is_about(font: Font) -> None:
    year = date(2090, 3, 1)
    facts = RoundFacts("2090", "2090年整改", year, year + timedelta(days=90), year)
    far = ClockBar("1", "建立制度", "人事科", "人事科", Stage.COMPLETE, year, year + timedelta(days=30), moved=False,
                   held_on=None, days=22, provisional=True)  # fmt: skip
    picture = drawing.clocks(Clocks(facts, (far,)), CALENDAR, font)
    assert "余约22" in words_of(picture)
    assert "...." in {patch.get_hatch() for patch in picture.figure.axes[0].patches}


def test_pages_hold_every_clock_once_and_tell_of_the_others(font: Font) -> None:
    facts = Clocks(facts_of(), tuple(bar(n % 20, name=f"建立{n}") for n in range(A_PAGE * 2 + 3)))
    assert drawing.pages_of(facts) == 3
    words = [words_of(drawing.clocks(facts, CALENDAR, font, page=page)) for page in (1, 2, 3)]
    listed = [word.split("建立")[1] for page in words for word in page if "建立" in word and word[0].isdigit()]
    assert listed == [str(n) for n in range(A_PAGE * 2 + 3)]
    assert f"另有{A_PAGE * 2}项" in "".join(words[2])
    with pytest.raises(ValueError, match="no page 4"):
        drawing.clocks(facts, CALENDAR, font, page=4)


@pytest.mark.parametrize("weeks", [1, 13, 14, 80])
@pytest.mark.parametrize("units", [1, 24, 25, 90])
def test_sums_hold_whatever_is_put_together(weeks: int, units: int) -> None:
    names = tuple(f"单位{n}" for n in range(units))
    start = DAY - timedelta(weeks=weeks // 2)
    cells = {(name, monday(start + timedelta(weeks=w))): Load(n + w + 1, w) for n, name in enumerate(names)
             for w in range(weeks)}  # fmt: skip
    shown = heat.table(Heat(facts_of(), False, names, cells, 0))
    assert len(shown.names) <= heat.MOST_UNITS + 1
    assert len(shown.columns) <= heat.MOST_WEEKS + 2
    *rows, sums = shown.loads
    for n, total in enumerate(sums):
        assert total.due == sum(row[n].due for row in rows)
        assert total.overdue == sum(row[n].overdue for row in rows)
    for row in shown.loads:
        assert row[-1].due == sum(load.due for load in row[:-1])
    assert sums[-1].due == sum(load.due for load in cells.values())


def _contrast(one: str, other: str) -> float:
    """As WCAG defines it."""

    def light(colour: str) -> float:
        parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _grounds() -> Iterator[tuple[str, str]]:
    for ink in (days.INK, days.GREY, days.RED, days.BLUE, days.BROWN):
        yield ink, days.PAPER
    for shade in heat._SHADES:
        yield days.INK, shade
    yield from ((days.INK, days.PALE_RED), (heat.DARK_RED, days.PALE_RED), (days.INK, days.PALE_BLUE))


@pytest.mark.parametrize(("ink", "ground"), list(_grounds()))
def test_letters_can_be_read(ink: str, ground: str) -> None:
    assert _contrast(ink, ground) >= 4.5


def test_the_drawing_library_is_left_as_it_was(font: Font) -> None:
    before = mpl.rcParams.copy()
    for draw in pictures(font).values():
        drawing.as_svg(draw())
    assert mpl.rcParams.copy() == before
    assert "matplotlib.pyplot" not in sys.modules


def test_nothing_is_written_into_a_persons_home(tmp_path: Path) -> None:
    """And a matplotlibrc that lies about is not read, a home that cannot be written does no harm."""
    home, here, scratch = tmp_path / "home", tmp_path / "here", tmp_path / "scratch"
    for folder in (home, here, scratch):
        folder.mkdir()
    code = (
        "from notifications.reports.pictures.canvas import drawing\n"
        "import os\n"
        "with drawing():\n"
        "    import matplotlib as mpl\n"
        "    print(mpl.rcParams['lines.linewidth'], os.environ.get('MPLCONFIGDIR'))\n"
    )
    (here / "matplotlibrc").write_text("lines.linewidth: 40\n", encoding="utf-8")
    home.chmod(0o500)
    kept = {name: value for name, value in os.environ.items() if name not in {"MPLCONFIGDIR", "XDG_CACHE_HOME"}}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=here, env={**kept, "HOME": str(home), "TMPDIR": str(scratch)}, check=True,
        capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert done.stdout.split() == ["1.5", "None"]
    assert done.stderr == ""
    assert list(home.iterdir()) == []
    assert [path.name for path in here.iterdir()] == ["matplotlibrc"]
