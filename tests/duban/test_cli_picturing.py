"""picture: each of a round's pictures as a file, what is refused, and that an old file then stays."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.duban.conftest import Duban, kept_in
from tests.notifications.reports.pictures.drawn_fonts import put_font


@pytest.fixture(autouse=True)
def font(memory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One font for all: without the names of the sample, which other fonts fill in, or a sign does."""
    path = memory / "drawn.ttf"
    if not path.exists():
        put_font(memory, "年巡察整改演练样例")
    monkeypatch.setenv("DUBAN_FONT", str(path))
    return path


@pytest.mark.usefixtures("played")
@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ("burn-down a.svg", "共34条，已销号或转入长期坚持0条，未销号34条"),
        ("burn-down a.png --on 2023-07-31", "截至2023年7月31日。共34条"),
        ("heat a.svg", "未完成的整改时限20项，其中超期8项"),
        ("heat a.PNG --all", "日。整改时限34项，其中超期8项"),
        ("clocks a.svg", "在计时限36项，其中超期22项"),
    ],
)
def test_each_is_drawn_with_the_numbers_of_the_sample(duban: Duban, place: Path, given: str, numbers: str) -> None:
    answer = duban("picture", *given.split())
    assert (answer.code, answer.err) == (0, ""), answer
    title, words = answer.out.splitlines()
    assert title.startswith("已绘制“【演练】")
    assert numbers in words
    (file,) = place.iterdir()
    content = file.read_bytes()
    if file.suffix == ".svg":
        assert ElementTree.fromstring(content).tag.endswith("svg")
    else:
        assert content.startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.usefixtures("played")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("heat a.jpg", "不是可以写出的文件类型"),
        ("heat no/a.svg", "没有目录"),
        ("heat old.svg --round 2022", "没有代码为“2022”的轮次"),
        ("burn-down old.svg --on 2023-03-28", "不能再写出 2023-03-28 的情况"),
        ("clocks old.svg --page 2", "没有第2页，共1页"),
        ("clocks old.svg --page 0", "--page"),
        ("pie old.svg", "pie"),
        ("heat", "FILE"),
    ],
)
def test_what_is_refused_leaves_the_old_file(duban: Duban, place: Path, given: str, said: str) -> None:
    (place / "old.svg").write_text("old", encoding="utf-8")
    answer = duban("picture", *given.split())
    assert answer.code in (1, 2)
    assert said in answer.err
    assert [(path.name, path.read_text(encoding="utf-8")) for path in place.iterdir()] == [("old.svg", "old")]


@pytest.mark.usefixtures("played")
def test_a_font_that_is_none_is_told_by_picture_and_doctor(
    duban: Duban, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_FONT", str(place / "none.ttf"))
    answer = duban("picture", "heat", place / "a.svg")
    assert (answer.code, list(place.iterdir())) == (1, [])
    assert answer.lines[0].startswith("环境变量 DUBAN_FONT 指定的字体文件")
    assert {"level": "warning", "what": answer.lines[0], "cure": answer.lines[1]} in duban(
        "doctor", "--json"
    ).json["findings"]  # fmt: skip


@pytest.mark.usefixtures("played")
def test_doctor_says_which_font_is_used(duban: Duban, font: Path) -> None:
    told = [found["what"] for found in duban("doctor", "--json").json["findings"] if found["level"] == "info"]
    assert f"图表用字体“Drawn Sans”（{font}）。" in told


def test_drawing_changes_nothing_in_the_home(duban: Duban, sample: Path, place: Path) -> None:
    before = kept_in(sample)
    assert duban("picture", "burn-down", place / "a.svg").code == 0
    assert kept_in(sample) == before


def test_without_a_ledger_there_is_nothing_to_draw(duban: Duban, place: Path) -> None:
    assert duban("init", "--rehearsal").code == 0
    answer = duban("picture", "heat", place / "a.svg")
    assert (answer.code, answer.lines[0]) == (1, "还没有导入台账。")
