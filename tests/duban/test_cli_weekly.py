"""duban weekly, as people call it: both kinds of file, the office's own template, refusals that leave the old file."""

import re
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document

from tests.duban.conftest import Duban, kept_in
from tests.offices import moved_home

SAID = [
    "整改措施共34条：未销号34条，已通过销号审核0条。",
    "在办措施中，红色20条、黄色10条、绿色1条、未到提醒期3条。",
    "超期的时限22项，涉及措施20条，其中责任单位自身超期的8条。",
    "本周到期的时限9项，下周没有到期的时限。",
    "本周没有销号、退回、延期等变动。",
]


@pytest.fixture
def no_font(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    """A machine on which no font for pictures is found, as far as its user said."""
    monkeypatch.setenv("DUBAN_FONT", str(place / "没有.ttf"))


def test_a_page_with_pictures_that_says_what_the_board_says(duban: Duban, played: Path, place: Path) -> None:
    before = kept_in(played)
    answer = duban("weekly", place / "通报.html")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[0].endswith(
        "通报.html（2023年6月26日（周一）至7月2日（周日），情况截至2023-06-26）。"
    )
    assert answer.out.splitlines()[1:6] == SAID
    page = (place / "通报.html").read_text(encoding="utf-8")
    assert page.count("data:image/svg+xml;base64,") == 2
    colours = Counter(one["colour"] for one in duban("measures", "--json").json)
    assert re.search(r"在办措施中，红色(\d+)条、黄色(\d+)条、绿色(\d+)条", page).groups() == tuple(  # type: ignore[union-attr]
        str(colours[name]) for name in ("red", "yellow", "green")
    )
    assert kept_in(played) == before


@pytest.mark.usefixtures("no_font")
def test_a_document_without_a_font_for_pictures(duban: Duban, played: Path, place: Path) -> None:
    answer = duban("weekly", "通报.docx", "--round", "2023")
    assert answer.code == 0
    assert answer.out.splitlines()[-1].startswith("文中没有图：环境变量 DUBAN_FONT 指定的字体文件")
    paper = Document(BytesIO((place / "通报.docx").read_bytes()))
    assert set(SAID) <= {paragraph.text for paragraph in paper.paragraphs}
    assert not paper.inline_shapes


def test_other_files_are_refused_before_anything_is_read(duban: Duban, place: Path) -> None:
    answer = duban("weekly", "通报.pdf")
    assert (answer.code, answer.lines[0]) == (2, "“通报.pdf”不是可以写出的文件类型。")
    assert list(place.iterdir()) == []


@pytest.mark.usefixtures("no_font")
@pytest.mark.parametrize(
    ("name", "file", "place_of_it"),
    [
        ("weekly.html.j2", "通报.html", "weekly.html.j2:2：没有名为“hodler”的内容"),
        ("weekly.docx", "通报.docx", "不是 Word 文档（.docx）"),
    ],
)
def test_a_broken_template_leaves_the_old_file(
    duban: Duban, homes: Path, place: Path, name: str, file: str, place_of_it: str
) -> None:
    home = moved_home(homes / "played", place / "home")
    (home / "templates").mkdir()
    (home / "templates" / name).write_text("\n{{ hodler }}", encoding="utf-8")
    (place / file).write_text("上周的通报", encoding="utf-8")
    answer = duban("weekly", file)
    assert answer.code == 1
    assert name in answer.err
    assert place_of_it in answer.err
    assert (place / file).read_text(encoding="utf-8") == "上周的通报"
    assert {path.name for path in place.iterdir()} == {"home", file}


def test_only_the_present_can_be_written(duban: Duban, played: Path) -> None:
    answer = duban("weekly", "通报.html", "--on", "2023-06-19")
    assert (answer.code, answer.lines[0]) == (2, "已经办理或运行到 2023-06-26，不能再写出 2023-06-19 的情况。")


def test_a_home_without_a_ledger(duban: Duban) -> None:
    duban("init")
    assert duban("weekly", "通报.html").lines[0] == "还没有导入台账。"
    assert "只能办理今天" in duban("weekly", "通报.html", "--on", "2023-06-19").lines[0]
