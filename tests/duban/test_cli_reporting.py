"""report, template: a report of the sample, what it leaves blank, own templates, and refusals that change nothing."""

from pathlib import Path

import pytest

from notifications.reports.paper.templates import shipped
from tests.duban.conftest import Duban
from tests.notifications.reports.paper.papers import template, texts_of

NO_FONT = {"DUBAN_FONT": "/nowhere/font.ttf"}
"""Drawing takes seconds; pictures have tests of their own."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, duban: Duban) -> None:  # after duban has cleared the environment
    for name, value in NO_FONT.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("sample")
def test_a_report_is_written_by_the_formula_that_is_asked_for(duban: Duban, place: Path) -> None:
    answer = duban("report", "报告.docx", "--formula", "sustained_apart", "--on", "2023-03-28")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("已写出报告：报告.docx（截至2023-03-28，完成率按“长期坚持单列的完成率”计算）。\n")
    told = texts_of((place / "报告.docx").read_bytes())
    assert told[:2] == ["【单位名称】", "【演练】2023年巡察整改（演练样例）进展情况报告"]
    assert "完成率为0.00%（0/27）" in "".join(told)


@pytest.mark.usefixtures("sample")
def test_what_is_to_be_filled_in_is_said(duban: Duban, place: Path) -> None:
    answer = duban("report", "r.docx")
    assert "report.yaml 中写明 organisation（【单位名称】）、contact（【联系方式】）" in answer.out
    assert "文中没有图：" in answer.out
    (place / "home" / "report.yaml").write_text("organisation: 某局\ncontact: '1'\nnext_steps: [看一看]\n", "utf-8")
    answer = duban("report", "r.docx")
    assert "写明" not in answer.out
    told = texts_of((place / "r.docx").read_bytes())
    assert "（二）看一看。" in told
    assert told.count("某局") == 2


@pytest.mark.usefixtures("sample")
def test_an_offices_own_template_is_taken_and_told_where_it_is_wrong(duban: Duban, place: Path) -> None:
    answer = duban("template", "progress")
    own = place / "home" / "templates" / "progress.docx"
    assert (answer.code, own.read_bytes()) == (0, shipped("progress").read_bytes())
    again = duban("template", "progress")
    assert (again.code, again.lines[1]) == (1, "请直接修改该文件；要重新开始，请先将其改名或移走。")
    own.write_bytes(template("本单位{{ numbers['measures.all'] }}项").content)
    assert duban("report", "r.docx").code == 0
    assert texts_of((place / "r.docx").read_bytes()) == ["【演练】", "本单位34项"]
    own.write_bytes(template("{{ numbers['measures.al'] }}", "{{ organization }}").content)
    refused = duban("report", "r.docx")
    assert (refused.code, refused.lines) == (1, [
        f"模板 {own} 有2处问题，没有写出文件。",
        "  · 正文第1段“{{ numbers['measures.al'……”：没有名为“measures.al”的内容，是否为“measures.all”"
        "（原值：{{ numbers['measures.al'] }}）",
        "  · 正文第2段“{{ organization }}”：没有名为“organization”的内容，是否为“organisation”"
        "（原值：{{ organization }}）",
        "请在该模板中改正；或将其移出 templates 文件夹，改用系统自带的模板。",
    ])  # fmt: skip
    assert texts_of((place / "r.docx").read_bytes())[1] == "本单位34项", "what was there stays"


@pytest.mark.usefixtures("sample")
def test_refusals_say_what_to_do(duban: Duban, place: Path) -> None:
    assert duban("report", "报告.doc").lines[0] == "“报告.doc”不是可以写出的文件类型。"
    assert duban("report", "无/报告.docx").code == 2
    assert duban("report", "r.docx", "--round", "2020").code == 1
    assert duban("report", "r.docx", "--formula", "best").code == 2
    assert duban("template", "other").code == 2
    (place / "home" / "report.yaml").write_text("formula: best\n", "utf-8")
    assert duban("report", "r.docx").lines[0] == "报告设置 report.yaml 有1处问题，未采用。"
    assert list(place.glob("*.doc*")) == []


@pytest.mark.usefixtures("sample")
def test_the_page_of_the_brief_can_be_copied_for_changing(duban: Duban, place: Path) -> None:
    answer = duban("template", "weekly-page")
    assert answer.out.splitlines()[1].startswith("请用文本编辑器修改")
    assert (place / "home" / "templates" / "weekly.html.j2").read_bytes() == shipped("weekly-page").read_bytes()
