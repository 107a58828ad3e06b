"""Filling a template: what people wrote comes out as text, and what is wrong with a template is told at its place."""

from io import BytesIO

import docx
import pytest

from models.errors import TemplateRefused
from notifications.reports.paper import Picture, fill
from tests.notifications.reports.paper.papers import problems_of, template, texts_of

HOSTILE = {
    "jinja": "{{ secret }}{% if %}{# gone #}{%p endfor %}",
    "docxtpl": "{_{ x }_}{_% y %_}",
    "markup": "<w:p/>&amp;</w:t></w:r><script>'\"]]>",
    "control": "a\x00\x07\x08\x0b\x0c\x1b\ufffe\ud800b",
    "lines": "one\r\ntwo\ttab\u2028three",
    "turned": "\u202egnp.exe\u2066\u200f",
    "long": "长" * 5_000,
    "emoji": "👍🏽",
}
SEEN = {**HOSTILE, "control": "a  b", "lines": "one\ntwo tab three", "turned": "gnp.exe"}


def test_what_people_wrote_is_text_and_nothing_else() -> None:
    made = template(*(f"<{{{{ values.{name} }}}}>" for name in HOSTILE), table=[["{{ values.jinja }}"]])
    filled = fill(made, {"values": HOSTILE, "secret": "must not be seen"})
    assert texts_of(filled) == [*(f"<{text}>" for text in SEEN.values()), SEEN["jinja"]]


def test_rows_and_paragraphs_are_repeated_and_chosen() -> None:
    rows = [{"no": "1", "done": True}, {"no": "2", "done": False}]
    made = template(
        "{%p for row in rows %}", "{{ loop.index | numeral }}、{{ row.no }}{% if row.done %}完{% endif %}",
        "{%p endfor %}",
        table=[["序号"], ["{%tr for row in rows %}"], ["{{ row.no }}"], ["{%tr endfor %}"]], header="{{ title }}",
    )  # fmt: skip
    filled = fill(made, {"rows": rows, "title": "题{{ x }}"})
    assert texts_of(filled) == ["一、1完", "二、2", "序号", "1", "2"]
    paper = docx.Document(BytesIO(filled))
    assert paper.sections[0].header.paragraphs[0].text == "题{{ x }}"
    assert paper.core_properties.title == "题{{ x }}"


def test_an_entry_goes_before_a_method_of_the_same_name() -> None:
    filled = fill(template("{{ one.items }} {{ one['a.b'] }} {{ one.name.upper() }}"),
                  {"one": {"items": "件", "a.b": 3, "name": "x"}})  # fmt: skip
    assert texts_of(filled) == ["件 3 X"]


def test_a_picture_stands_where_it_is_named() -> None:
    from matplotlib.figure import Figure

    buffer = BytesIO()
    Figure(figsize=(1, 4), dpi=50).savefig(buffer, format="png")
    picture = Picture(buffer.getvalue(), 160, "高于“一页”<的图>")
    assert picture.fitting_width_mm == 50
    paper = docx.Document(BytesIO(fill(template("{{ drawn }}"), {"drawn": picture})))
    (shape,) = paper.inline_shapes
    assert round(shape.height.mm) == 200
    assert shape._inline.docPr.get("descr") == "高于“一页”<的图>"


@pytest.mark.parametrize(("text", "mark", "first"), [
    ("正文", "【演练】", "【演练】"), ("【演练】正文", "【演练】", "【演练】正文"), ("正文", "", "正文"),
])  # fmt: skip
def test_a_mark_that_a_template_dropped_is_put_first(text: str, mark: str, first: str) -> None:
    assert texts_of(fill(template(text), {}, mark))[0] == first


def test_everything_wrong_with_tags_is_told_at_once_in_order() -> None:
    made = template(
        "好的{{ a }}", "{{ b | nofilter }}", "{{ open", "{% if a %}", "{{ a b }}", "{% include 'x' %}",
        "{{ a is odder }}", "{% set x %}", "{%p for i in a %}", "{% endfor %}", "{% else %}", "{% endif %}", "多了}}",
        table=[["表头"], ["{% endfor %}"]],
    )  # fmt: skip
    found = problems_of(made, {"a": "", "b": ""})
    places = [problem.partition("：")[0] for problem in found]
    assert places == [
        "正文第2段“{{ b | nofilter }}”", "正文第3段“{{ open”", "正文第5段“{{ a b }}”", "正文第6段“{% include 'x' %}”",
        "正文第7段“{{ a is odder }}”", "正文第8段“{% set x %}”", "正文第10段“{% endfor %}”",
        "正文第13段“多了}}”", "正文第1个表格第2行第1格“{% endfor %}”",
    ]  # fmt: skip
    assert "没有名为“nofilter”的过滤器" in found[0]
    assert "缺少“}}”" in found[1]
    assert "不支持的标签“include”" in found[3]
    assert "没有名为“odder”的判断" in found[4]
    assert "与“{%p for i in a %}”不在同一层，应写成“{%p endfor”" in found[6]


def test_an_open_block_is_told_where_it_opens() -> None:
    (found,) = problems_of(template("甲", "{%p for one in rows %}", "{{ one }}"), {"rows": [1]})
    assert found == "正文第2段“{%p for one in rows %}”：for 没有结束，缺少 endfor（原值：{%p for one in rows %}）"


def test_every_name_that_is_not_there_is_told_with_its_place() -> None:
    made = template(
        "{{ titel }}", "{% for m in rows %}{{ m.no }}{{ m.nos }}{% endfor %}", "{{ m.no }}", "{{ rows[0].x or 'y' }}",
        "{% if one.b == 1 %}{% endif %}", "{{ one.c | length }}", "{{ one.d | default('-') }}",
        table=[["{{ titel }}"]],
    )  # fmt: skip
    found = problems_of(made, {"title": "", "rows": [{"no": 1}], "one": {"a": 1}})
    assert [problem.partition("（")[0] for problem in found] == [
        "正文第1段“{{ titel }}”：没有名为“titel”的内容，是否为“title”",
        "正文第2段“{% for m in rows %}{{ m.……”：没有名为“nos”的内容，是否为“no”",
        "正文第3段“{{ m.no }}”：没有名为“m”的内容",
        "正文第4段“{{ rows[0].x or 'y' }}”：没有名为“x”的内容",
        "正文第5段“{% if one.b == 1 %}{% en……”：没有名为“b”的内容",
        "正文第6段“{{ one.c | length }}”：没有名为“c”的内容",
        "正文第1个表格第1行第1格“{{ titel }}”：没有名为“titel”的内容，是否为“title”",
    ]


@pytest.mark.parametrize("tag", [
    "{{ ''.__class__ }}", "{{ a.__class__.__mro__ }}", "{{ a['__class__'] }}", "{{ rows.append(1) }}",
    "{{ '{0.__class__}'.format(a) }}", "{{ '{:>99}'.format(1) }}", "{{ '{a}'.format_map(a) }}",
    "{{ a | attr('__class__') }}", "{{ rows.__init__.__globals__ }}",
    "{{ range(9) }}", "{{ lipsum() }}", "{{ cycler.__init__ }}", "{{ self.__class__ }}", "{{ a | safe }}",
    "{{ a * 1000000000 }}", "{{ 'x' % 1 }}", "{{ 9 ** 999999999 }}", "{{ 1 // 0 }}", "{{ a() }}",
    "{% autoescape false %}{{ a }}{% endautoescape %}", "{% raw %}x{% endraw %}",
    "{% for i in rows %}{{ loop.__class__ }}{% endfor %}", "{{ rows | map(attribute='__class__') | list }}",
])  # fmt: skip
def test_a_template_reaches_nothing_but_its_values(tag: str) -> None:
    (found, *_) = problems_of(template("", tag), {"a": "x", "rows": [1, 2]})
    assert found.startswith("正文第2段“")


def test_a_template_that_never_ends_is_refused() -> None:
    loop = "{% for i in rows %}" * 5 + "{{ text }}" + "{% endfor %}" * 5
    assert problems_of(template(loop), {"rows": [0] * 40, "text": "长" * 1_000}) == ["填写后过长，请检查其中的循环"]


def test_a_block_that_tears_the_document_is_refused() -> None:
    made = template("{% if a %}", table=[["{% endif %}"]])
    (found,) = problems_of(made, {"a": ""})
    assert found.startswith("标签跨越了段落、单元格或表格的界限")


def test_of_very_many_problems_the_first_are_told() -> None:
    with pytest.raises(TemplateRefused, match=r"有60处问题（列出前50处），没有写出文件。$") as refused:
        fill(template(*(f"第{n}{{{{ a }}}}" for n in range(60))), {})
    assert len(refused.value.problems) == 50


def test_tags_without_an_end_cost_no_more_than_others() -> None:
    """Looked for one after the other up to the paragraph's end, these would take minutes."""
    (found,) = problems_of(template("{% for" * 50_000), {})
    assert "缺少“%}”" in found
