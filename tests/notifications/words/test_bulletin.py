"""A bulletin: from rows of news to a message, word for word; in which order; and what no template can do to it."""

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.directory import Directory, DirectoryParty, Person
from models.errors import InputRefused
from models.lifecycle import ClosureClass, Role
from models.news import NewsKind
from models.rehearsal import REHEARSAL_MARK
from models.store.board import NewsRow
from notifications.words.bulletin import Bulletin, NewsItem
from notifications.words.bulletin_context import entries_of, title_zh
from notifications.words.compose import Addressee, bulletin_of, news_item_of
from notifications.words.particulars import Exempted, Particulars
from notifications.words.wording import (
    ACTION_HTML,
    ACTION_SUBJECT,
    ACTION_TEXT,
    SUBJECT,
    Rendered,
    Writer,
)
from tests.notifications.news_items import DAY, DUE, PAIRS, RETURNED, news_item
from tests.offices import calendar

WRITER = Writer()
TO = Addressee("D1", "人事科")
DIRECTORY = Directory(
    (DirectoryParty("S1", "督查组", frozenset({Role.SUPERVISION}), people=(Person("zhangsan", "张三"),)),)
)
ROW = NewsRow(
    id=7,
    seq=41,
    measure="12",
    round_code="2023",
    problem="制度建设不健全",
    text="修订人事管理制度",
    limit_text="2023年6月底前",
    round_name="市委巡察反馈意见整改",
    unit="人事科",
    lead="李明",
    closure=ClosureClass.SETTLED,
    role=Role.UNIT,
    kind=NewsKind.RETURNED,
    party="D1",
    party_name="人事科",
    on_day=DAY,
    due_on=DUE,
    person="zhangsan",
    by_party="督查组",
    payload={"due_on": "2023-06-30", "reason": "佐证不足", "missing": ["制度正式文本", "会议纪要"]},
    unsaid=None,
    message_state=None,
)
ASSIGNED = replace(
    ROW, id=6, seq=40, measure="3", text="开展干部轮训", problem="", lead="", limit_text="", kind=NewsKind.ASSIGNED,
    by_party="综合组", payload={"due_on": "2023-07-31"}, due_on=date(2023, 7, 31),
)  # fmt: skip
CLOSED = replace(ROW, id=8, seq=42, measure="5", kind=NewsKind.CLOSED, by_party="李明", payload={}, due_on=None)


def rendered(*rows: NewsRow, to: Addressee = TO, rehearsal: bool = False) -> Rendered:
    return WRITER.render(bulletin_of(rows, to, DAY, calendar(), rehearsal, DIRECTORY))


def bulletin(*items: NewsItem, rehearsal: bool = False) -> Bulletin:
    return Bulletin("人事科", "D1", DAY, items, "市委巡察反馈意见整改", rehearsal)


def todos(*items: NewsItem) -> list[str]:
    return [entry.todo for entry in entries_of(bulletin(*items))]


# Word for word


def test_three_news_of_three_measures() -> None:
    said = rendered(CLOSED, ASSIGNED, ROW)
    assert said.subject == "整改办理通知：1项措施交办、1项退回整改、1项销号（2023-06-26）"
    assert said.text == (
        "人事科：\n"
        "\n"
        "现将“市委巡察反馈意见整改”有关措施的办理情况通知如下，共3条，情况截至2023-06-26。\n"
        "\n"
        "1. 序号12，督查组将本措施退回整改\n"
        "   整改措施：修订人事管理制度\n"
        "   反馈问题：制度建设不健全\n"
        "   责任单位：人事科\n"
        "   牵头领导：李明\n"
        "   整改时限：2023-06-30，还有4个工作日（台账所列完成时限：2023年6月底前）\n"
        "   理由：佐证不足\n"
        "   尚缺内容：（1）制度正式文本；（2）会议纪要\n"
        "   办理要求：请按要求在2023-06-30前（含当日，还有4个工作日）完成整改，重新提交自查上报和佐证材料。\n"
        "   通知原因：您单位是本措施的责任单位。\n"
        "\n"
        "2. 序号3，综合组将本措施交办您单位\n"
        "   整改措施：开展干部轮训\n"
        "   责任单位：人事科\n"
        "   整改时限：2023-07-31，还有25个工作日\n"
        "   办理要求：请尽快签收并明确经办人，在2023-07-31前（含当日，还有25个工作日）完成整改，"
        "提交自查上报和佐证材料。\n"
        "   通知原因：您单位是本措施的责任单位。\n"
        "\n"
        "3. 序号5，经李明审核同意，本措施已销号\n"
        "   整改措施：修订人事管理制度\n"
        "   反馈问题：制度建设不健全\n"
        "   责任单位：人事科\n"
        "   牵头领导：李明\n"
        "   销号类别：限时办结\n"
        "   办理要求：请知悉。\n"
        "   通知原因：您单位是本措施的责任单位。\n"
        "\n"
        "本通知由督办系统自动发出。请在督办系统中办理；不便使用系统或对内容有疑问的，请与综合组联系。\n"
    )


def test_a_rehearsal_a_stand_in_and_a_provisional_date() -> None:
    far = replace(ASSIGNED, due_on=date(2099, 12, 30))
    said = rendered(far, to=Addressee("G1", "办公室", "人事科"), rehearsal=True)
    assert said.subject == "【演练】整改办理通知：1项措施交办（2023-06-26）"
    assert said.text.startswith(
        "【演练】本通知为演练消息，所列日期为模拟日期。\n"
        "\n"
        "办公室（代 人事科 收）：\n"
        "\n"
        "现将“市委巡察反馈意见整改”有关措施的办理情况通知如下，共1条，情况截至2023-06-26。\n"
        "本通知应由人事科接收，现由办公室代收，请及时转办。\n"
        "\n"
        "1. 序号3，综合组将本措施交办人事科\n"
    )
    assert "   日期说明：节假日安排尚未公布，为推算日期。\n" in said.text
    assert "   通知原因：人事科是本措施的责任单位。\n" in said.text
    for words in ("【演练】", "办公室（代 人事科 收）：", "现由办公室代收", "节假日安排尚未公布，为推算日期"):
        assert words in said.html


@pytest.mark.parametrize(("kind", "role"), PAIRS, ids=[f"{kind}-{role}" for kind, role in PAIRS])
def test_an_exception_is_printed_in_text_and_html_of_every_news(kind: NewsKind, role: Role) -> None:
    told = replace(RETURNED.told, exempted=Exempted("张三", "赵六", "人手不足"))
    said = WRITER.render(bulletin(news_item(kind, role, told=told)))
    exception = "单人例外：张三一人兼办应当回避的事项，由组长（赵六）准许，理由：人手不足"
    assert f"   {exception}\n" in said.text
    assert exception in "".join(parsed(said.html).words)


def test_the_html_says_what_the_text_says() -> None:
    said = rendered(ROW, CLOSED)
    words = "".join(parsed(said.html).words)
    for line in said.text.splitlines():
        _, colon, value = line.partition("：")
        assert not line.startswith("   ") or (value if colon else line) in words, line


# From a row


def test_the_names_of_persons_stand_in_place_of_their_codes() -> None:
    excepted = {"single_person_exception": {"granted_by": "zhangsan", "reason": "人手不足", "id": 1}}
    said = rendered(replace(ROW, payload={**ROW.payload, **excepted}))
    assert "张三一人兼办" in said.text
    assert "zhangsan" not in said.text


def test_days_are_counted_from_the_day_of_the_message() -> None:
    for day, days in ((DAY, 4), (DUE, 0), (date(2023, 7, 3), -1)):
        assert news_item_of(ROW, day, calendar(), DIRECTORY).days == days


RESUMED = replace(
    ROW, kind=NewsKind.RESUMED, due_on=None,
    payload={"due": {"complete": "2023-06-30", "accept": "2023-06-28", "decide": "2023-07-03"}},
)  # fmt: skip


@pytest.mark.parametrize(
    ("role", "due_on"),
    [(Role.UNIT, date(2023, 6, 28)), (Role.LEAD, date(2023, 7, 3)), (Role.GENERAL, None), (Role.COOPERATING, None)],
)
def test_of_the_clocks_that_run_on_each_role_has_its_own(role: Role, due_on: date | None) -> None:
    assert news_item_of(replace(RESUMED, role=role), DAY, calendar(), DIRECTORY).due_on == due_on


def test_a_lead_reads_when_the_follow_up_is_due_that_waits_for_the_unit() -> None:
    row = replace(ROW, kind=NewsKind.FOLLOW_UP_WANTED, role=Role.LEAD, due_on=None)
    found = news_item_of(replace(row, payload={"next_due_on": "2023-06-30"}), DAY, calendar(), DIRECTORY)
    assert (found.due_on, found.days) == (DUE, 4)


def test_the_rounds_are_named_once_each() -> None:
    found = bulletin_of((ROW, CLOSED, replace(ROW, round_name="二轮")), TO, DAY, calendar(), False, DIRECTORY)
    assert found.round_name == "市委巡察反馈意见整改、二轮"


# In which order


def numbers(text: str) -> list[str]:
    return [line.split("序号")[1].split("，")[0] for line in text.splitlines() if "序号" in line]


def test_what_must_be_done_comes_first_then_by_date_then_by_number() -> None:
    items = [
        replace(RETURNED, seq=seq, measure_no=number, due_on=due_on, kind=kind)
        for seq, (number, due_on, kind) in enumerate(
            (
                ("1", None, NewsKind.HELD),
                ("50", None, NewsKind.RETURNED),
                ("10", date(2023, 6, 30), NewsKind.RETURNED),
                ("2", date(2023, 6, 30), NewsKind.RETURNED),
                ("30", date(2023, 6, 28), NewsKind.RETURNED),
            )
        )
    ]
    assert numbers(WRITER.render(bulletin(*items)).text) == ["30", "2", "10", "50", "1"]


def test_the_news_of_one_measure_stay_together_as_they_happened_and_the_last_one_counts() -> None:
    first = replace(RETURNED, seq=1)
    last = replace(news_item(NewsKind.WITHDRAWN, Role.UNIT, due_on=None), seq=9)
    other = replace(RETURNED, seq=5, measure_no="4", due_on=date(2023, 6, 28), days=2)
    text = WRITER.render(bulletin(last, other, first)).text
    assert numbers(text) == ["4", "12", "12"]
    told = [line for line in text.splitlines() if "办理要求" in line]
    assert ["请以最后一条为准" in line for line in told] == [False, True, False]
    assert told[-1] == "   办理要求：本措施不再办理，请知悉。"


# In one line

EXTENDED = replace(news_item(NewsKind.EXTENSION_GRANTED, Role.SUPERVISION), measure_no="3")
SUBJECTS = [
    (
        "counted by kind",
        (RETURNED, replace(RETURNED, measure_no="2"), replace(RETURNED, measure_no="3")),
        "3项措施退回整改",
    ),
    ("one measure returned twice is one", (RETURNED, replace(RETURNED, seq=42)), "1项措施退回整改"),
    (
        "what must be done comes first",
        (replace(EXTENDED, kind=NewsKind.RETURNED), replace(EXTENDED, kind=NewsKind.CHECK_WANTED)),
        "1项措施待核查、1项退回整改",
    ),
    (
        "an outcome",
        (replace(EXTENDED, kind=NewsKind.OUTCOME),),
        "1项措施有问责处理结果",
    ),
    (
        "no more than four kinds",
        tuple(replace(EXTENDED, kind=kind) for kind in list(NewsKind)[:6]),
        "1项措施待核查、1项交办、1项补充佐证、1项退回整改，另有2项",
    ),
]


@pytest.mark.parametrize(("items", "said"), [row[1:] for row in SUBJECTS], ids=[row[0] for row in SUBJECTS])
def test_subjects(items: tuple[NewsItem, ...], said: str) -> None:
    assert title_zh(items) == f"整改办理通知：{said}"


# What no text and no template can do


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


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Z")), min_size=1))
def test_no_text_of_a_ledger_or_of_a_person_changes_how_it_is_built(text: str) -> None:
    told = replace(RETURNED.told, reason=text, missing=(text, text), basis="x")
    plain = replace(RETURNED, told=replace(told, reason="x", missing=("x", "x")))
    hostile = replace(
        RETURNED, measure_no=text, text=text, unit=text, problem=text, lead=text, by_party=text, told=told
    )
    said = WRITER.render(replace(bulletin(hostile), party=text, round_name=text))
    expected = WRITER.render(bulletin(plain))
    assert parsed(said.html).tags == parsed(expected.html).tags
    assert len(said.text.splitlines()) == len(expected.text.splitlines())


def test_a_script_is_shown_and_not_run_wherever_it_is_written() -> None:
    script = "<script>alert(1)</script>"
    told = Particulars(reason=script, missing=(script,), statement=script, evidence=((script, script),), basis=script,
                       interval=script, outcome=script, signed_by=script, recorded_by=script, stand_in=script,
                       exempted=Exempted(script, script, script))  # fmt: skip
    item = replace(RETURNED, measure_no=script, text=script, unit=script, problem=script, lead=script,
                   by_party=script, limit_text=script, told=told)  # fmt: skip
    hostile = Bulletin(script, script, DAY, (item,), script, rehearsal=False, stand_in_for=script)
    said = WRITER.render(hostile)
    assert "<script" not in said.html
    assert said.html.count("&lt;script&gt;") >= said.text.count(script) > 15


def test_a_line_break_in_what_a_person_wrote_does_not_break_an_entry() -> None:
    said = rendered(replace(ROW, payload={"reason": "其一\r\n其二\n\n其三"}))
    assert "   理由：其一 其二 其三\n" in said.text


def test_no_template_can_take_the_mark_off_a_rehearsal(tmp_path: Path) -> None:
    for name in (ACTION_SUBJECT, ACTION_TEXT, ACTION_HTML):
        (tmp_path / name).write_text("通知", encoding="utf-8")
    writer = Writer(tmp_path)
    marked = writer.render(bulletin(RETURNED, rehearsal=True))
    live = writer.render(bulletin(RETURNED))
    assert {marked.subject, marked.text, marked.html} == {REHEARSAL_MARK + "通知"}
    assert {live.subject, live.text, live.html} == {"通知"}


BROKEN = [
    (
        "a name misspelt in a branch of rehearsals only",
        ACTION_TEXT,
        "{% if rehearsal %}{{ nobody }}{% endif %}",
        ACTION_TEXT,
    ),
    (
        "a name misspelt for entries without a date only",
        ACTION_HTML,
        "{% for e in entries %}{% if not e.due_on %}{{ e.nothing }}{% endif %}{% endfor %}",
        ACTION_HTML,
    ),
    (
        "a name misspelt in a detail",
        ACTION_TEXT,
        "{% for d in entries[0].details %}{{ d.words }}{% endfor %}",
        ACTION_TEXT,
    ),
    ("a tag left open, with its line", ACTION_HTML, "\n{% if kind %}", f"{ACTION_HTML}:2"),
]


@pytest.mark.parametrize(("name", "content", "where"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_template_is_refused_at_construction(tmp_path: Path, name: str, content: str, where: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputRefused, match="无法使用") as refused:
        Writer(tmp_path)
    assert refused.value.problems[0].where.startswith(where)


def test_the_templates_of_digests_are_not_those_of_bulletins(tmp_path: Path) -> None:
    (tmp_path / SUBJECT).write_text("催办", encoding="utf-8")
    assert Writer(tmp_path).render(bulletin(RETURNED)) == WRITER.render(bulletin(RETURNED))


FOLLOWED = "请以最后一条为准"


def test_messages_that_died_are_matters_of_their_own_also_about_one_measure() -> None:
    """The second alarm takes nothing of the first back, and neither takes back what was done."""
    died = [replace(news_item(NewsKind.UNDELIVERED, Role.GENERAL), seq=seq) for seq in (42, 43)]
    assert not any(FOLLOWED in todo for todo in todos(*died))
    later = replace(RETURNED, seq=44)
    assert [FOLLOWED in todo for todo in todos(RETURNED, *died, later)] == [True, False, False, False]
