"""The page of a weekly brief: whole, escaped, marked; and an office's own template, and what is wrong with it."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from models.errors import TemplateRefused
from notifications.reports.paper.templates import FILES
from notifications.reports.weekly.page import page
from tests.notifications.reports.weekly.weeks import EMPTY, busy, context, hostile

VOID = {"meta", "br", "img"}
NAME = FILES["weekly-page"]


class Reader(HTMLParser):
    """What a page holds, and that all that is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def own(home: Path, text: str) -> Path:
    path = home / NAME
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("facts", [EMPTY, busy(), hostile()])
def test_a_page_is_whole_and_runs_nothing(home: Path, facts: object) -> None:
    read = Reader(page(home, context(facts, rehearsal=True)))  # type: ignore[arg-type]
    assert read.open == []
    names = {tag for tag, _ in read.tags}
    assert not names & {"script", "iframe", "object", "link", "form"}
    assert not any(key.startswith("on") for _, attributes in read.tags for key in attributes)
    assert ("html", {"lang": "zh-CN"}) in read.tags
    assert all(attributes.get("scope") in {"col", "row"} for tag, attributes in read.tags if tag == "th")
    assert "【演练】" in read.text


def test_a_quiet_week_has_sentences_and_no_empty_table(home: Path) -> None:
    read = Reader(page(home, context(EMPTY)))
    assert "table" not in {tag for tag, _ in read.tags}
    for sentence in ("本轮次没有整改措施。", "没有超期的时限。", "下周没有到期的时限。", "没有未能送达的通知。"):
        assert sentence in read.text
    assert "演练" not in read.text


def test_colours_have_their_names_beside_them(home: Path) -> None:
    text = page(home, context(busy()))
    assert text.count('class="swatch"') == 6
    for colour in ("红", "黄", "绿"):
        assert text.count(f'"></span>{colour}') == 2  # in the table's head, and where it says what it means


def test_an_office_s_own_template_comes_first(home: Path) -> None:
    own(home, "\ufeff<body>{{ round.name }}：{{ numbers.overdue }}项超期</body>")
    assert page(home, context(busy())) == "<body>2023年整改：1项超期</body>"


def test_a_mark_in_the_title_of_a_window_is_not_one_that_is_read(home: Path) -> None:
    source = '<!DOCTYPE html>\n<html><head><title>{{ title }}</title></head><body class="x"><h1>一周</h1></body></html>'
    own(home, source)
    found = page(home, context(EMPTY, rehearsal=True))
    assert found.startswith("<!DOCTYPE html>")
    assert '<body class="x"><p>【演练】</p><h1>' in found


def test_a_rehearsal_s_mark_cannot_be_left_out(home: Path) -> None:
    own(home, "<body>{{ as_of }}</body>")
    assert page(home, context(EMPTY, rehearsal=True)) == "<body><p>【演练】</p>2023年6月14日（周三）</body>"
    own(home, "{{ as_of }}")
    assert page(home, context(EMPTY, rehearsal=True)) == "<p>【演练】</p>2023年6月14日（周三）"


def problems(home: Path, text: str) -> list[str]:
    path = own(home, text)
    with pytest.raises(TemplateRefused) as found:
        page(home, context(busy()))
    assert str(path) in found.value.zh
    assert "移出 templates 文件夹" in found.value.cure
    return [str(problem) for problem in found.value.problems]


def test_what_is_wrong_with_a_template_is_told_with_its_line(home: Path) -> None:
    assert problems(home, "<p>\n{% if round %}\n")[0].startswith("weekly.html.j2:2：到末尾仍有标签没有结束")
    assert problems(home, "\n\n{{ round.name | shout }}")[0].startswith("weekly.html.j2:3：没有名为“shout”")
    assert problems(home, "\n{{ units.rows + 1 }}") == ["weekly.html.j2:2：算不出来，请核对写法"]


def test_all_missing_names_are_told_at_once(home: Path) -> None:
    found = problems(
        home, "{{ titel }}\n{% for row in overdue.rows %}\n{{ row.hodler }}{% endfor %}\n{{ nothing_like_it }}"
    )
    assert found == [
        "weekly.html.j2:1：没有名为“titel”的内容，是否为“title”",
        "weekly.html.j2:3：没有名为“hodler”的内容，是否为“holder”",
        "weekly.html.j2:4：没有名为“nothing_like_it”的内容",
    ]


@pytest.mark.parametrize(
    "attack",
    [
        "{{ title.__class__.__mro__ }}",
        "{{ title.encode() }}",
        "{{ summary.append(1) }}",
        "{% include '/etc/passwd' %}",
        "{{ 'x' * 100000000 }}",
        "{{ title | attr('__class__') }}",
    ],
)
def test_a_template_can_do_nothing_but_show(home: Path, attack: str) -> None:
    assert problems(home, attack)


def test_a_template_that_is_no_text(home: Path) -> None:
    (home / NAME).write_bytes("督办".encode("gbk"))
    with pytest.raises(TemplateRefused) as found:
        page(home, context(EMPTY))
    assert [str(problem) for problem in found.value.problems] == ["weekly.html.j2：文件不是 UTF-8 编码"]


def test_a_folder_in_its_place(home: Path) -> None:
    (home / NAME).mkdir()
    with pytest.raises(TemplateRefused):
        page(home, context(EMPTY))
