"""Words in pictures: what people wrote is made fit to be shown, in fonts that have it, and never as a box."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from notifications.reports.pictures.fonts import Font, needed
from notifications.reports.pictures.lettering import Lettering, cleaned
from tests.notifications.reports.pictures.drawn_fonts import font_of


@pytest.fixture
def letters(tmp_path: Path) -> Lettering:
    """Two fonts: the second one alone has 㐂; the library's own, which has Latin, is left out."""
    first, second = tmp_path / "first.ttf", tmp_path / "simsun.ttf"
    first.write_bytes(font_of("整改措施abc $_^…〓"))
    second.write_bytes(font_of("整改措施督办销号时限㐂", "SimSun"))
    found = needed({"DUBAN_FONT": str(first)}, [tmp_path])
    return Lettering(Font(found.faces[:2]))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("整改\n措施", "整改 措施"),
        ("整\x00改\x1b[31m", "整改[31m"),
        ("\u202e整改\u202c\u200b", "整改"),
        ("整\ud800改", "整改"),
        ("　整改　", "整改"),
    ],
)
def test_what_shows_nothing_or_turns_others_round_is_left_out(written: str, shown: str) -> None:
    assert cleaned(written) == shown


def test_a_character_that_no_font_has_is_a_sign(letters: Lettering) -> None:
    assert letters.legible("整\U0001f600改") == "整〓改"
    assert letters.legible("㐂") == "㐂"


def test_without_the_sign_its_number_is_shown_or_a_question_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.ttf"
    for chars, shown in (("整改U+0123456789ABCDEF", "U+20AC"), ("整改?", "?"), ("整改", "")):
        path.write_bytes(font_of(chars))
        path = path.rename(path.with_stem(path.stem + "a"))
        letters = Lettering(Font(needed({"DUBAN_FONT": str(path)}, []).faces[:1]))
        assert letters.legible("整€") == f"整{shown}"


def test_a_text_is_cut_where_the_room_ends(letters: Lettering) -> None:
    assert letters.width("整改", 10) == 20
    assert letters.width("整a", 10) == 15
    assert letters.shortened("整改措施", 10, 40) == "整改措施"
    for room in range(10, 40):
        cut = letters.shortened("整改措施", 10, room)
        assert letters.width(cut, 10) <= room
        assert cut.endswith("…")
    assert letters.shortened("整" * 100_000, 10, 50) == "整整整整…"


@pytest.mark.parametrize("text", ["$整改$", "$\\frac{a}{", "a_b^c", "\\alpha", "整\U0001f600㐂 $", "", "\u202e"])
def test_signs_of_formulas_are_letters(letters: Lettering, text: str) -> None:
    figure = Figure()
    letters.write(figure, 0.5, 0.5, text, 9)
    figure.savefig("/dev/null", format="png")
    written = "".join(artist.get_text() for artist in figure.texts)
    assert written == letters.legible(text)
    assert not any(artist.get_parse_math() for artist in figure.texts)


@pytest.mark.parametrize(("across", "left"), [("left", 100), ("center", 90), ("right", 80)])
def test_runs_in_several_fonts_stand_side_by_side(letters: Lettering, across: str, left: float) -> None:
    figure = Figure(figsize=(2, 2), dpi=72)
    letters.write(figure, 100 / 144, 0.5, "整㐂", 10, across=across, up="baseline")
    places = [artist.get_transform().transform(artist.get_position())[0] for artist in figure.texts]
    assert places == pytest.approx([left, left + 10])
    assert [artist.get_text() for artist in figure.texts] == ["整", "㐂"]
