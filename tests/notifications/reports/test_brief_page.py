"""The day's brief on Prefect's page: what stands in it and in which order, and that nothing is read as markup."""

from dataclasses import replace
from datetime import date

from models.ladder import NoticeKind
from models.lifecycle import Role, Stage
from notifications.reports.brief_page import MOST_SHOWN, brief_markdown, coming_table, said_table, unsaid_table
from notifications.reports.coming import Coming, ComingRow
from tests.notifications.reports.test_brief import BRIEF, QUIET, REFERRED, ROW

COMING = Coming(
    until=date(2023, 7, 3),
    total=9,
    rows=(
        ComingRow(date(2023, 6, 28), 2, False, "32", "经常开展警示教育", Stage.CHECK, "督办组"),
        ComingRow(date(2023, 7, 2), 4, True, "3", "列出意识形态风险点", Stage.COMPLETE, "机关党委"),
    ),
)
FULL = replace(BRIEF, coming=COMING)


def test_the_brief_as_markdown() -> None:
    assert brief_markdown(FULL) == (
        "# 【演练】2023-06-26 督办简报\n"
        "\n"
        "| 通知事项 | 其中未送达 | 消息 | 已送达 | 待发 | 结果不明 | 被拒收 | 被退回 | 已过时 | 督办待签收 "
        "| 今后五个工作日到期 |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        "| 2 | 1 | 2 | 1 | 1 | 0 | 0 | 0 | 0 | 0 | 9 |\n"
        "\n"
        "## 需要人工处理\n"
        "\n"
        "- 基建科无可用通知地址，请补录。\n"
        "\n"
        "## 未送达的通知事项（1条）\n"
        "\n"
        "| 对象 | 措施 | 未送达原因 | 时限 |\n"
        "| --- | --- | --- | --- |\n"
        "| 责任追究组 | 7、清理超期借款 | 尚未投递 | 2023-06-16 |\n"
        "\n"
        "## 问责提请（1条）\n"
        "\n"
        "| 措施 | 告知 | 送达 | 时限 | 事由 |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| 7、清理超期借款 | 责任追究组 | 待发 | 2023-06-16 红 超期5个工作日 "
        "| 按升级阶梯“complete/+5wd”提请责任追究组研究问责 |\n"
        "\n"
        "## 提醒（1条）\n"
        "\n"
        "| 措施 | 告知 | 送达 | 时限 | 事由 |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| 12、修订人事管理制度 | 人事科（责任单位） | 已送达（file） | 2023-06-30 黄 还有4个工作日 "
        "| 按升级阶梯“complete/-5wd”提醒责任单位人事科办理 |\n"
        "\n"
        "## 今后五个工作日（至2023-07-03）到期的时限9项\n"
        "\n"
        "| 到期日 | 还有 | 措施 | 环节 | 办理方 | 整改措施 |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| 2023-06-28（周三） | 2个工作日 | 32 | 督查核查 | 督办组 | 经常开展警示教育 |\n"
        "| 2023-07-02（周日，推算日期） | 4个工作日 | 3 | 整改 | 机关党委 | 列出意识形态风险点 |\n"
        "\n"
        "另有7项未在此列出。\n"
    )


def test_a_quiet_day_says_so_and_shows_no_empty_table() -> None:
    page = brief_markdown(QUIET)
    assert page.endswith("\n\n当日没有需要通知的事项。\n\n今后五个工作日（至2023-07-03）没有到期的时限。\n")
    assert page.count("\n| --- ") == 1
    assert said_table(QUIET) == [{"说明": "当日没有已送达的通知事项。"}]
    assert unsaid_table(QUIET) == [{"说明": "当日没有需要通知的事项。"}]
    assert unsaid_table(replace(QUIET, rows=(ROW,))) == [{"说明": "当日的通知事项都已送达。"}]
    assert coming_table(QUIET) == [{"说明": "至2023-07-03没有到期的时限。"}]


def test_every_notice_is_in_one_of_the_two_tables_with_its_reason() -> None:
    assert said_table(FULL) == [
        {"对象": "人事科", "措施": "12", "事由": ROW.reason, "整改措施": "修订人事管理制度"},
    ]
    assert unsaid_table(FULL) == [
        {
            "对象": "责任追究组",
            "措施": "7",
            "未送达原因": "尚未投递",
            "事由": REFERRED.reason,
            "整改措施": "清理超期借款",
        }
    ]
    assert [row["措施"] for row in coming_table(FULL)] == ["32", "3"]


def test_a_measure_stands_once_over_all_who_hear_of_it() -> None:
    told = (REFERRED, replace(REFERRED, party="组长", role=Role.HEAD))
    page = brief_markdown(replace(BRIEF, rows=told)).split("## 问责提请")[1]
    assert [line.split(" | ")[:2] for line in page.splitlines() if "超期5个工作日" in line] == [
        ["| 7、清理超期借款", "责任追究组"],
        ["| ", "组长"],
    ]


def test_of_too_many_notices_the_gravest_are_shown_and_the_page_says_how_many_are_not() -> None:
    rows = tuple(
        replace(REFERRED if kind is NoticeKind.REFER else ROW, kind=kind, measure_no=str(no))
        for kind in (NoticeKind.REMIND, NoticeKind.REFER)
        for no in range(MOST_SHOWN)
    )
    brief = replace(BRIEF, rows=rows)
    page = brief_markdown(brief)
    assert page.count("按升级阶梯“complete/+5wd”") == MOST_SHOWN
    assert "按升级阶梯“complete/-5wd”" not in page
    assert f"## 提醒（{MOST_SHOWN}条）" in page
    assert f"另有{MOST_SHOWN}条未在此列出，见 duban notices --on 2023-06-26。" in page
    assert len(said_table(brief)) == len(unsaid_table(brief)) == MOST_SHOWN


def test_markdown_reads_no_text_as_markup() -> None:
    row = replace(ROW, text="甲|乙\n<b> *丙* `戊`", party="a|b", unsaid="[丁](http://x)")
    coming = Coming(date(2023, 7, 3), 1, (replace(COMING.rows[0], text="# <己>", holder="庚|辛"),))
    markdown = brief_markdown(replace(BRIEF, rows=(row,), attention=("<b>",), coming=coming))
    assert "12、甲\\|乙 &lt;b&gt; \\*丙\\* \\`戊\\`" in markdown
    assert "\\[丁\\](http://x)" in markdown
    assert "- &lt;b&gt;" in markdown
    assert "| 庚\\|辛 | # &lt;己&gt; |" in markdown
    for line in (line for line in markdown.splitlines() if "甲" in line):
        assert line.replace("\\|", "").count("|") in (5, 6)
