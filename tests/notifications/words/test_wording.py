"""What messages say, word for word, and that nothing in a ledger can change how they are built."""

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InputRefused
from models.ladder import MessageKind, NoticeKind
from models.lifecycle import Role, Stage
from models.rehearsal import REHEARSAL_MARK
from notifications.words.digest import Digest, Item, headline_zh
from notifications.words.wording import CHAT, HTML, SUBJECT, TEXT, Slip, Writer

DAY = date(2023, 6, 26)
WRITER = Writer()

NEAR = Item(
    measure_no="12",
    problem="制度建设不健全",
    text="修订人事管理制度",
    unit="人事科",
    lead="李明",
    role=Role.UNIT,
    stage=Stage.COMPLETE,
    rung="complete/-5wd",
    kind=NoticeKind.REMIND,
    colour="yellow",
    due_on=date(2023, 6, 30),
    days=4,
    provisional=False,
    limit_text="2023年6月底前",
)
LATE = replace(
    NEAR,
    measure_no="7",
    text="清理超期借款",
    problem="财务管理不规范",
    unit="财务科",
    rung="complete/+5wd",
    kind=NoticeKind.OVERDUE,
    colour="red",
    due_on=date(2023, 6, 16),
    days=-5,
    limit_text="2023年6月16日前",
)
REFERRED = replace(LATE, rung="complete/+10wd#1", kind=NoticeKind.REFER, days=-15, due_on=date(2023, 6, 2))
UNREACHED = replace(NEAR, role=Role.GENERAL, kind=NoticeKind.ADDRESS, rung="complete/address", colour="")


def digest(*items: Item, kind: MessageKind = MessageKind.DIGEST, rehearsal: bool = False) -> Digest:
    return Digest("人事科", "D01", DAY, kind, items, "市委巡察反馈意见整改", rehearsal)


def test_a_reminder_of_two_measures() -> None:
    near = replace(NEAR, measure_no="3", text="开展干部轮训", problem="", lead="", colour="", limit_text="")
    rendered = WRITER.render(digest(NEAR, near))
    assert rendered.subject == "整改提醒：2项措施临近时限（2023-06-26）"
    assert rendered.text == (
        "人事科：\n"
        "\n"
        "现就“市委巡察反馈意见整改”有关措施的办理时限提醒如下，共2条，情况截至2023-06-26。\n"
        "\n"
        "1. 序号3，整改还有4个工作日\n"
        "   整改措施：开展干部轮训\n"
        "   责任单位：人事科\n"
        "   办理时限：2023-06-30\n"
        "   办理要求：请抓紧整改，按期提交自查上报和佐证材料；确需延期的，请提前申请。\n"
        "   通知原因：整改时限2023-06-30还有4个工作日，按升级阶梯“complete/-5wd”提醒责任单位人事科办理。\n"
        "\n"
        "2. 〔黄〕序号12，整改还有4个工作日\n"
        "   整改措施：修订人事管理制度\n"
        "   反馈问题：制度建设不健全\n"
        "   责任单位：人事科\n"
        "   牵头领导：李明\n"
        "   办理时限：2023-06-30（台账所列完成时限：2023年6月底前）\n"
        "   办理要求：请抓紧整改，按期提交自查上报和佐证材料；确需延期的，请提前申请。\n"
        "   通知原因：整改时限2023-06-30还有4个工作日，按升级阶梯“complete/-5wd”提醒责任单位人事科办理。\n"
        "\n"
        "本通知由督办系统自动发出。请在督办系统中办理；不便使用系统或对内容有疑问的，请与综合组联系。\n"
    )


def test_an_escalation_to_a_party_with_three_roles() -> None:
    told = digest(
        replace(LATE, role=Role.SUPERVISION, kind=NoticeKind.SUPERVISE),
        replace(REFERRED, measure_no="2", role=Role.ACCOUNTABILITY),
        replace(LATE, role=Role.LEAD),
        kind=MessageKind.ESCALATION,
    )
    rendered = WRITER.render(replace(told, party="王强"))
    assert rendered.subject == "整改督办：2项措施超期，其中1项提请问责（2023-06-26）"
    assert rendered.text == (
        "王强：\n"
        "\n"
        "现就“市委巡察反馈意见整改”有关措施的超期和督办情况通知如下，共3条，情况截至2023-06-26。\n"
        "\n"
        "作为牵头领导（1条）\n"
        "\n"
        "1. 〔红〕序号7，整改已超期5个工作日\n"
        "   整改措施：清理超期借款\n"
        "   反馈问题：财务管理不规范\n"
        "   责任单位：财务科\n"
        "   牵头领导：李明\n"
        "   办理时限：2023-06-16（台账所列完成时限：2023年6月16日前）\n"
        "   办理要求：请督促财务科立即整改，并研究是否需要重定时限。\n"
        "   通知原因：整改时限2023-06-16已超过5个工作日，按升级阶梯“complete/+5wd”提请牵头领导关注。\n"
        "\n"
        "作为督办组（1条）\n"
        "\n"
        "1. 〔红〕序号7，整改已超期5个工作日\n"
        "   整改措施：清理超期借款\n"
        "   反馈问题：财务管理不规范\n"
        "   责任单位：财务科\n"
        "   牵头领导：李明\n"
        "   办理时限：2023-06-16（台账所列完成时限：2023年6月16日前）\n"
        "   办理要求：请跟踪督办，督促财务科抓紧整改。\n"
        "   通知原因：整改时限2023-06-16已超过5个工作日，按升级阶梯“complete/+5wd”提请督办组督办。\n"
        "\n"
        "作为责任追究组（1条）\n"
        "\n"
        "1. 〔红〕序号2，整改已超期15个工作日\n"
        "   整改措施：清理超期借款\n"
        "   反馈问题：财务管理不规范\n"
        "   责任单位：财务科\n"
        "   牵头领导：李明\n"
        "   办理时限：2023-06-02（台账所列完成时限：2023年6月16日前）\n"
        "   办理要求：提请启动问责程序，由贵组研究是否受理。\n"
        "   通知原因：整改时限2023-06-02已超过15个工作日，"
        "按升级阶梯“complete/+10wd#1”提请责任追究组研究问责。\n"
        "\n"
        "本通知由督办系统自动发出。请在督办系统中办理；不便使用系统或对内容有疑问的，请与综合组联系。\n"
    )


def test_a_rehearsal_a_stand_in_and_a_provisional_date() -> None:
    told = digest(replace(NEAR, provisional=True), rehearsal=True)
    rendered = WRITER.render(replace(told, party="办公室", stand_in_for="人事科"))
    assert rendered.subject == "【演练】整改提醒：1项措施临近时限（2023-06-26）"
    assert rendered.text == (
        "【演练】本通知为演练消息，所列日期为模拟日期。\n"
        "\n"
        "办公室（代 人事科 收）：\n"
        "\n"
        "现就“市委巡察反馈意见整改”有关措施的办理时限提醒如下，共1条，情况截至2023-06-26。\n"
        "本通知应由人事科接收，现由办公室代收，请及时转办。\n"
        "\n"
        "1. 〔黄〕序号12，整改还有4个工作日\n"
        "   整改措施：修订人事管理制度\n"
        "   反馈问题：制度建设不健全\n"
        "   责任单位：人事科\n"
        "   牵头领导：李明\n"
        "   办理时限：2023-06-30（台账所列完成时限：2023年6月底前）\n"
        "   日期说明：节假日安排尚未公布，为推算日期。\n"
        "   办理要求：请抓紧整改，按期提交自查上报和佐证材料；确需延期的，请提前申请。\n"
        "   通知原因：整改时限2023-06-30（推算日期）还有4个工作日，"
        "按升级阶梯“complete/-5wd”提醒责任单位人事科办理。\n"
        "\n"
        "本通知由督办系统自动发出。请在督办系统中办理；不便使用系统或对内容有疑问的，请与综合组联系。\n"
    )
    for said in ("【演练】", "办公室（代 人事科 收）：", "节假日安排尚未公布，为推算日期", "（推算日期）"):
        assert said in rendered.html


def test_the_general_group_hears_of_a_unit_without_an_address() -> None:
    rendered = WRITER.render(digest(UNREACHED, kind=MessageKind.ESCALATION))
    assert rendered.subject == "通知无法送达：1个单位无可用通知地址（2023-06-26）"
    assert "办理要求：人事科无可用通知地址，请另行通知该单位，并补录通知地址。" in rendered.text
    assert (
        "通知原因：责任单位人事科无可用通知地址，整改时限2023-06-30还有4个工作日，按“complete/address”改为通知综合组。"
    ) in rendered.text


def test_entries_come_most_urgent_first_and_then_by_number() -> None:
    told = [
        replace(NEAR, measure_no=number, due_on=date(2023, 6, due), days=days)
        for number, due, days in (
            ("10", 30, 4),
            ("2", 30, 4),
            ("1-10", 26, 0),
            ("1-9", 26, 0),
            ("30", 25, -1),
        )
    ]
    text = WRITER.render(digest(*told)).text
    numbers = [line.split("序号")[1].split("，")[0] for line in text.splitlines() if "序号" in line]
    assert numbers == ["30", "1-9", "1-10", "2", "10"]


ACCEPT = replace(NEAR, stage=Stage.ACCEPT, rung="accept/0")
ESCALATION, DIGEST = MessageKind.ESCALATION, MessageKind.DIGEST


def numbered(item: Item, measure_no: str) -> Item:
    return replace(item, measure_no=measure_no)


HEADLINES = [
    (
        "one measure heard of in two roles is one measure",
        DIGEST,
        (NEAR, replace(NEAR, role=Role.LEAD)),
        "整改提醒：1项措施临近时限",
    ),
    (
        "urging makes it an urge",
        DIGEST,
        (NEAR, replace(NEAR, measure_no="3", kind=NoticeKind.URGE, due_on=DAY, days=0)),
        "整改催办：1项措施今日到期、1项措施临近时限",
    ),
    ("another clock than the limit is named", DIGEST, (ACCEPT,), "整改提醒：1项措施签收临近时限"),
    (
        "several clocks are not called late measures",
        DIGEST,
        (ACCEPT, numbered(NEAR, "3")),
        "整改提醒：2项措施有事项临近时限",
    ),
    ("late ones", ESCALATION, (LATE, numbered(LATE, "8")), "整改督办：2项措施超期"),
    (
        "referrals are counted apart",
        ESCALATION,
        (LATE, numbered(REFERRED, "8"), numbered(LATE, "9")),
        "整改督办：3项措施超期，其中1项提请问责",
    ),
    (
        "unreached units beside late measures",
        ESCALATION,
        (LATE, UNREACHED, numbered(UNREACHED, "13")),
        "整改督办：1项措施超期；1个单位无可用通知地址",
    ),
]


@pytest.mark.parametrize(("kind", "items", "said"), [row[1:] for row in HEADLINES], ids=[row[0] for row in HEADLINES])
def test_headlines(kind: MessageKind, items: tuple[Item, ...], said: str) -> None:
    assert headline_zh(digest(*items, kind=kind)) == said


def test_a_line_break_in_a_cell_does_not_break_an_entry() -> None:
    text = WRITER.render(digest(replace(NEAR, text="第一步\r\n第二步\n\n第三步"))).text
    assert "   整改措施：第一步 第二步 第三步\n" in text


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, object]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def parsed(html: str) -> _Tags:
    parser = _Tags()
    parser.feed(html)
    parser.close()
    return parser


def test_a_script_in_a_measure_is_shown_and_not_run() -> None:
    rendered = WRITER.render(digest(replace(NEAR, text="<script>alert(1)</script>")))
    assert "<script" not in rendered.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in rendered.html
    assert "整改措施：<script>alert(1)</script>\n" in rendered.text


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1))
def test_no_text_of_a_ledger_changes_the_structure_of_the_html(text: str) -> None:
    told = replace(NEAR, measure_no=text, text=text, unit=text, problem="x" + text, lead="x" + text)
    hostile = replace(digest(told), party=text, round_name="x" + text)
    assert parsed(WRITER.render(hostile).html).tags == parsed(WRITER.render(digest(NEAR)).html).tags


def test_the_html_says_what_the_text_says_and_names_the_colour() -> None:
    words = "".join(parsed(WRITER.render(digest(NEAR)).html).words)
    for said in (
        NEAR.measure_no,
        NEAR.text,
        NEAR.problem,
        NEAR.unit,
        NEAR.lead,
        NEAR.limit_text,
        "2023-06-30",
    ):
        assert said in words
    for said in ("黄", "整改还有4个工作日", "请抓紧整改", "提醒责任单位人事科办理。", "请与综合组联系。"):
        assert said in words


def test_the_html_loads_nothing_and_styles_only_inline() -> None:
    tags = parsed(WRITER.render(digest(NEAR)).html).tags
    assert not {"style", "link", "script", "img"} & {tag for tag, _ in tags}


def test_an_office_overrides_one_template_and_keeps_the_others(tmp_path: Path) -> None:
    # A byte order mark, as an editor on an office machine leaves it.
    (tmp_path / SUBJECT).write_text("某市教育局通知：{{ headline }}", encoding="utf-8-sig")
    rendered = Writer(tmp_path).render(digest(NEAR))
    assert rendered.subject == "某市教育局通知：整改提醒：1项措施临近时限"
    assert rendered.text == WRITER.render(digest(NEAR)).text


def test_an_office_html_template_escapes_too(tmp_path: Path) -> None:
    (tmp_path / HTML).write_text("{{ sections[0].entries[0].text }}", encoding="utf-8")
    assert Writer(tmp_path).render(digest(replace(NEAR, text="<b>"))).html == "&lt;b&gt;"


def test_no_template_can_take_the_mark_off_a_rehearsal(tmp_path: Path) -> None:
    for name in (SUBJECT, TEXT, HTML):
        (tmp_path / name).write_text("通知", encoding="utf-8")
    writer = Writer(tmp_path)
    rehearsed, live = writer.render(digest(NEAR, rehearsal=True)), writer.render(digest(NEAR))
    assert {rehearsed.subject, rehearsed.text, rehearsed.html} == {REHEARSAL_MARK + "通知"}
    assert {live.subject, live.text, live.html} == {"通知"}


BROKEN = [
    ("a name misspelt, seen before any message is written", TEXT, b"{{ pary }}", TEXT),
    (
        "a name misspelt in a branch of rehearsals only",
        TEXT,
        b"{% if rehearsal %}{{ nobody }}{% endif %}",
        TEXT,
    ),
    ("a tag left open, with its line", HTML, b"\n{% if kind %}", f"{HTML}:2"),
    ("a filter that does not exist", SUBJECT, b"{{ on | nonsense }}", SUBJECT),
    ("a sum of text and number", SUBJECT, b"{{ count + on }}", SUBJECT),
    ("saved as GBK", TEXT, "整改提醒".encode("gbk"), TEXT),
]


@pytest.mark.parametrize(("name", "content", "where"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_template_is_refused_at_construction(tmp_path: Path, name: str, content: bytes, where: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputRefused, match="无法使用") as refused:
        Writer(tmp_path)
    assert refused.value.problems[0].where.startswith(where)
    assert refused.value.cure


# Numbers, and what goes to chats


def test_every_message_shows_its_number() -> None:
    rendered = WRITER.render(digest(NEAR), Slip(1207))
    assert rendered.text.endswith("请与综合组联系。\n\n〔编号 1207〕\n")
    assert rendered.html.count("〔编号 1207〕") == 1
    assert "编号" not in rendered.subject


def test_no_template_can_take_the_number_off(tmp_path: Path) -> None:
    (tmp_path / TEXT).write_text("正文", encoding="utf-8")
    (tmp_path / HTML).write_text("<html><body>正文</body></html>", encoding="utf-8")
    rendered = Writer(tmp_path).render(digest(NEAR), Slip(1207))
    assert rendered.text == "正文\n\n〔编号 1207〕\n"
    assert rendered.html == "<html><body>正文<p>〔编号 1207〕</p></body></html>"


def test_a_digest_as_a_chat_reads_it() -> None:
    told = replace(digest(LATE, kind=MessageKind.ESCALATION), party="财务科")
    said = WRITER.render_chat(told, Slip(1207), markdown=True)
    assert said.subject == "整改督办：1项措施超期（2023-06-26）"
    assert said.text == (
        "**整改督办：1项措施超期**\n"
        "\n"
        "财务科：“市委巡察反馈意见整改”以下1条，情况截至2023-06-26。\n"
        "\n"
        "1. 〔红〕序号7，整改已超期5个工作日（2023-06-16）\n"
        "措施：清理超期借款\n"
        "责任单位：财务科；牵头领导：李明\n"
        "要求：请立即完成整改，提交自查上报和佐证材料，并书面说明超期原因。\n"
        "原因：整改时限2023-06-16已超过5个工作日，按升级阶梯“complete/+5wd”通知责任单位财务科已超期。\n"
        "\n"
        "请在督办系统中办理，有疑问请与综合组联系。"
    )
    assert "**" not in WRITER.render_chat(told, Slip(1207), markdown=False).text


def test_a_part_says_which_of_how_many_it_is() -> None:
    said = WRITER.render_chat(digest(NEAR), Slip(1207, 2, 3), markdown=False)
    assert said.text.startswith("整改提醒：1项措施临近时限（2/3）\n")


def test_a_long_measure_is_cut_short_in_a_chat() -> None:
    said = WRITER.render_chat(digest(replace(NEAR, text="整改" * 500)), markdown=True)
    assert f"措施：{'整改' * 39}整…\n" in said.text


def test_nothing_in_a_ledger_calls_people_or_makes_links_in_a_chat() -> None:
    hostile = replace(NEAR, text='<@all> <at user_id="all"></at> [点此](https://evil.example)', unit="<@all>科")
    for markdown in (True, False):
        said = WRITER.render_chat(digest(hostile), markdown=markdown).text
        assert "<" not in said
        assert "](" not in said
        assert "＜@all＞科" in said


def test_no_chat_template_can_take_the_mark_off_a_rehearsal(tmp_path: Path) -> None:
    (tmp_path / CHAT).write_text("{{ headline }}", encoding="utf-8")
    writer = Writer(tmp_path)
    assert writer.render_chat(digest(NEAR, rehearsal=True), markdown=True).text.startswith(REHEARSAL_MARK)
    assert REHEARSAL_MARK not in writer.render_chat(digest(NEAR), markdown=True).text


def test_a_broken_chat_template_is_refused_at_construction(tmp_path: Path) -> None:
    (tmp_path / CHAT).write_text("{{ headlin }}", encoding="utf-8")
    with pytest.raises(InputRefused, match=CHAT):
        Writer(tmp_path)
