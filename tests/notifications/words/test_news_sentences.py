"""The sentences of a news: every kind has them for every role that hears it, and nothing that matters is left out."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.lifecycle import Role, Stage
from models.news import NewsKind
from notifications.words.bulletin import NewsItem
from notifications.words.news_sentences import (
    FILES_SHOWN,
    MEASURES_SHOWN,
    STATEMENT_SHOWN,
    Detail,
    details_of,
    headline_zh,
    must_act,
    todo_zh,
    why_zh,
)
from notifications.words.particulars import Change, Exempted, Particulars, Undelivered
from tests.notifications.news_items import DAY, DUE, PAIRS, RETURNED, news_item

U, C, L, G, S, _, H = Role
EVERY_NEWS = pytest.mark.parametrize(("kind", "role"), PAIRS, ids=[f"{kind}-{role}" for kind, role in PAIRS])
BOTH = Particulars(unit=Change("财务科", "人事科"), lead=Change("王强", "李明"))
MOVED = Particulars(old_due_on=date(2023, 6, 16), new_due_on=DUE)


def details(told: Particulars, kind: NewsKind = NewsKind.RETURNED) -> list[Detail]:
    return list(details_of(news_item(kind, U, told=told)))


# Every news


@EVERY_NEWS
@pytest.mark.parametrize("due_on", [DUE, None])
def test_every_news_has_words(kind: NewsKind, role: Role, due_on: date | None) -> None:
    item = news_item(kind, role, due_on)
    headline, todo, why = headline_zh(item), todo_zh(item, DAY), why_zh(item)
    assert "督查组" in headline
    assert todo.endswith("。")
    assert why
    assert not (headline + why).count("。")
    for slip in ("{", "}", "None", "，，", "。。"):
        assert slip not in headline + todo + why


@EVERY_NEWS
def test_whoever_must_act_hears_by_when_and_others_are_to_know(kind: NewsKind, role: Role) -> None:
    item = news_item(kind, role)
    todo = todo_zh(item, DAY)
    if must_act(item):
        assert "2023-06-30" in todo
        assert "还有4个工作日" in todo
        assert "请知悉" not in todo
    else:
        assert "请知悉" in todo


@EVERY_NEWS
def test_reasons_what_is_missing_and_exceptions_are_never_silent(kind: NewsKind, role: Role) -> None:
    told = Particulars(reason="佐证不足", missing=("会议纪要",), exempted=Exempted("张三", "赵六", "人手不足"))
    said = details_of(news_item(kind, role, told=told))
    assert Detail("理由", "佐证不足") in said
    assert Detail("尚缺内容", "会议纪要") in said
    assert Detail("单人例外", "张三一人兼办应当回避的事项，由组长（赵六）准许，理由：人手不足") in said


@EVERY_NEWS
def test_a_stand_in_is_not_taken_for_the_party(kind: NewsKind, role: Role) -> None:
    item = news_item(kind, role)
    said = headline_zh(item, "某单位") + why_zh(item, "某单位")
    assert "某单位" in said
    assert not {"您", "贵"} & set(said)


# Whom a news asks to act

ACTORS = {
    NewsKind.ASSIGNED: {U}, NewsKind.CHECK_WANTED: {S}, NewsKind.RETURNED: {U}, NewsKind.REVIEW_WANTED: {L, H},
    NewsKind.CLOSED: {U}, NewsKind.FOLLOW_UP_WANTED: {U}, NewsKind.FOLLOW_UP_PASSED: {U},
    NewsKind.EXTENSION_ASKED: {L}, NewsKind.EXTENSION_GRANTED: {U}, NewsKind.EXTENSION_REFUSED: {U},
    NewsKind.LIMIT_SET: {U}, NewsKind.RESUMED: {U, L}, NewsKind.REOPENED: {U}, NewsKind.HANDED_OVER: {U, L},
}  # fmt: skip
WITHOUT_A_DATE = {
    NewsKind.ASSIGNED, NewsKind.RETURNED, NewsKind.FOLLOW_UP_WANTED, NewsKind.EXTENSION_GRANTED,
    NewsKind.EXTENSION_REFUSED, NewsKind.LIMIT_SET, NewsKind.REOPENED, NewsKind.HANDED_OVER,
}  # fmt: skip


@EVERY_NEWS
def test_who_must_act(kind: NewsKind, role: Role) -> None:
    asked = role in ACTORS.get(kind, set())
    assert must_act(news_item(kind, role)) == asked
    assert must_act(news_item(kind, role, due_on=None)) == (asked and kind in WITHOUT_A_DATE)


# What happened

HEADLINES = [
    (news_item(NewsKind.ASSIGNED, U), "督查组将本措施交办您单位"),
    (news_item(NewsKind.ASSIGNED, C), "督查组将本措施交办人事科，由您单位配合"),
    (news_item(NewsKind.ASSIGNED, L), "督查组将本措施交办人事科，由您牵头"),
    (RETURNED, "督查组将本措施退回整改"),
    (replace(RETURNED, told=Particulars(is_closure_decision=True)), "督查组不予销号，将本措施退回整改"),
    (news_item(NewsKind.CLOSED, U, due_on=None), "经督查组审核同意，本措施已销号"),
    (news_item(NewsKind.CLOSED, U), "经督查组审核同意，本措施销号并转入回头看"),
    (news_item(NewsKind.FOLLOW_UP_PASSED, U), "督查组回头看核查通过，本措施继续长期坚持"),
    (news_item(NewsKind.FOLLOW_UP_PASSED, U, due_on=None), "督查组回头看核查通过，本措施仍为已销号"),
    (news_item(NewsKind.EXTENSION_ASKED, L, told=MOVED), "督查组申请延期，整改时限由2023-06-16延至2023-06-30"),
    # The date of such a news is the lead's own, not the one asked for.
    (news_item(NewsKind.EXTENSION_ASKED, L), "督查组申请延期"),
    (news_item(NewsKind.EXTENSION_GRANTED, U, told=MOVED), "督查组同意延期，整改时限由2023-06-16改为2023-06-30"),
    (news_item(NewsKind.EXTENSION_REFUSED, U, told=MOVED), "督查组不同意延期，整改时限仍为2023-06-30"),
    (news_item(NewsKind.LIMIT_SET, U), "督查组重定时限，整改时限改为2023-06-30"),
    (news_item(NewsKind.HANDED_OVER, U, told=BOTH), "督查组将本措施改派您单位负责（原责任单位：财务科）"),
    (news_item(NewsKind.HANDED_OVER, L, told=BOTH), "督查组将本措施改由您牵头（原牵头领导：王强）"),
    (news_item(NewsKind.TAKEN_AWAY, U, told=BOTH), "督查组将本措施改派人事科负责，您单位不再负责"),
    (news_item(NewsKind.TAKEN_AWAY, L, told=BOTH), "督查组将本措施改由李明牵头，您不再牵头"),
    (
        news_item(NewsKind.REASSIGNED, S, told=BOTH),
        "督查组改派本措施：责任单位由财务科改为人事科，牵头领导由王强改为李明",
    ),
    (
        news_item(NewsKind.REASSIGNED, U, told=Particulars(lead=Change("王强", "李明"))),
        "督查组改派本措施：牵头领导由王强改为李明",
    ),
    (news_item(NewsKind.OUTCOME, U, told=Particulars(outcome="约谈")), "督查组登记了本措施的问责处理结果：约谈"),
]


@pytest.mark.parametrize(("item", "said"), HEADLINES, ids=[said for _, said in HEADLINES])
def test_headlines(item: NewsItem, said: str) -> None:
    assert headline_zh(item) == said


def test_every_kind_reads_differently() -> None:
    first = dict(reversed(PAIRS))
    told = replace(BOTH, old_due_on=MOVED.old_due_on, new_due_on=DUE, outcome="约谈")
    said = {headline_zh(news_item(kind, role, told=told)) for kind, role in first.items()}
    assert len(said) == len(NewsKind) - len({NewsKind.UNDELIVERED})


# By when

LATE, TODAY, SUNDAY = date(2023, 6, 16), DAY, date(2023, 7, 2)
WHEN = [
    (RETURNED, "请按要求在2023-06-30前（含当日，还有4个工作日）完成整改，重新提交自查上报和佐证材料。"),
    (replace(RETURNED, due_on=TODAY, days=0), "请按要求于今日（2023-06-26）完成整改，重新提交自查上报和佐证材料。"),
    (
        replace(RETURNED, due_on=LATE, days=-5),
        "请按要求立即完成整改，重新提交自查上报和佐证材料。整改时限为2023-06-16，已超期5个工作日。",
    ),
    (replace(RETURNED, due_on=None, days=0), "请按要求完成整改，重新提交自查上报和佐证材料。"),
    (
        news_item(NewsKind.HANDED_OVER, U),
        "请与原责任单位做好交接，接续办理。现行最近时限为2023-06-30，还有4个工作日。",
    ),
    (
        replace(news_item(NewsKind.HANDED_OVER, U), due_on=LATE, days=-5),
        "请与原责任单位做好交接，接续办理。现行最近时限为2023-06-16，已超期5个工作日。",
    ),
]


@pytest.mark.parametrize(("item", "said"), WHEN, ids=[said for _, said in WHEN])
def test_by_when_to_act(item: NewsItem, said: str) -> None:
    assert todo_zh(item, DAY) == said


def test_the_last_working_day_before_a_rest_day_is_said() -> None:
    friday = date(2023, 6, 30)
    assert "（含当日，今日为到期前最后一个工作日）" in todo_zh(replace(RETURNED, due_on=SUNDAY, days=0), friday)


# That a message died

DEAD = Undelivered(12, "人事科", "2023-06-26", "rejected", "550 no such user", ("3", "12"))
UNDELIVERED = news_item(NewsKind.UNDELIVERED, G, due_on=None, told=Particulars(undelivered=DEAD))


RESEND = "duban messages resolve 12 --resend --by 经办人代码"
TELL = "请用其他方式告知人事科，并核对其通知地址。"


@pytest.mark.parametrize(
    ("fate", "how", "then"),
    [
        ("rejected", "被拒收", "地址改正后会自动重新投递；"),
        ("expired", "直到过时仍未能投递", ""),
        ("bounced", "投递后被退回", f"地址改正后可以重新发送：{RESEND}；"),
    ],
)
def test_a_dead_escalation_names_message_party_measures_reason_and_what_to_do(fate: str, how: str, then: str) -> None:
    item = replace(UNDELIVERED, told=Particulars(undelivered=replace(DEAD, fate=fate)))
    assert headline_zh(item) == f"发给人事科的督办消息（编号12，2023-06-26）{how}"
    assert todo_zh(item, DAY) == (
        f"{TELL}{then}已另行告知的，请登记：duban messages resolve 12 --arrived --by 经办人代码。"
    )
    assert details_of(item) == (Detail("涉及措施", "3、12"), Detail("未送达原因", "550 no such user"))
    assert must_act(item)
    assert why_zh(item) == "贵组是本轮整改的综合组，督办消息未能送达的，须由综合组另行告知"
    assert "督办组" in why_zh(replace(item, role=S))


@pytest.mark.parametrize(
    ("dead", "said"),
    [
        (
            replace(DEAD, doubtful=True),
            f"它曾有投递是否送达不明，请先向对方核实。{TELL}地址改正后可以重新发送：{RESEND}；",
        ),
        (
            replace(DEAD, address_failed=False),
            f"请用其他方式告知人事科，并请管理系统的人员查明消息为何无法生成。查明后可以重新发送：{RESEND}；",
        ),
        (replace(DEAD, fate="expired", doubtful=True), f"它曾有投递是否送达不明，请先向对方核实。{TELL}"),
    ],
    ids=["in doubt", "not put into words", "expired in doubt"],
)
def test_what_nothing_sends_by_itself_is_not_promised(dead: Undelivered, said: str) -> None:
    todo = todo_zh(replace(UNDELIVERED, told=Particulars(undelivered=dead)), DAY)
    assert todo == f"{said}已另行告知的，请登记：duban messages resolve 12 --arrived --by 经办人代码。"


def test_of_very_many_measures_of_a_dead_message_the_first_are_named() -> None:
    many = replace(DEAD, measures=tuple(map(str, range(1, 31))))
    (named, _) = details_of(replace(UNDELIVERED, told=Particulars(undelivered=many)))
    assert named.text.endswith(f"、{MEASURES_SHOWN}等30项")


# Why this party

WHYS = [
    (NewsKind.RETURNED, U, "您单位是本措施的责任单位"),
    (NewsKind.RETURNED, C, "您单位是本措施的配合单位"),
    (NewsKind.RETURNED, L, "您是本措施的牵头领导"),
    (NewsKind.RETURNED, S, "贵组是本轮整改的督办组"),
    (NewsKind.CLOSED, G, "贵组是本轮整改的综合组"),
    (NewsKind.CHECK_WANTED, S, "贵组是本轮整改的督办组，负责督查核查"),
    (NewsKind.REVIEW_WANTED, H, "您是本轮整改的组长，重大措施的销号须经组长审核"),
    (NewsKind.HANDED_OVER, U, "您单位现为本措施的责任单位"),
    (NewsKind.TAKEN_AWAY, L, "您原是本措施的牵头领导"),
]


@pytest.mark.parametrize(("kind", "role", "said"), WHYS, ids=[said for *_, said in WHYS])
def test_why(kind: NewsKind, role: Role, said: str) -> None:
    assert why_zh(news_item(kind, role)) == said


# What else is said

DETAILS = [
    ("several things missing are numbered", Particulars(missing=("甲", "乙")), Detail("尚缺内容", "（1）甲；（2）乙")),
    (
        "files with their kind",
        Particulars(evidence=(("办法.pdf", "rule"), ("照片.jpg", ""))),
        Detail("所附材料", "办法.pdf（制度）、照片.jpg"),
    ),
    (
        "a kind of file not known here is shown as it is",
        Particulars(evidence=(("办法.pdf", "novel"),)),
        Detail("所附材料", "办法.pdf（novel）"),
    ),
    ("what it rests on", Particulars(basis="检查记录.pdf"), Detail("依据材料", "检查记录.pdf")),
    ("an interval", Particulars(interval="6个月"), Detail("回头看间隔", "6个月")),
    (
        "the dates of clocks that run on",
        Particulars(due=((Stage.ACCEPT, DAY), (Stage.COMPLETE, DUE))),
        Detail("恢复后时限", "签收2023-06-26，整改2023-06-30"),
    ),
    (
        "who typed it in",
        Particulars(signed_by="李明", recorded_by="张三"),
        Detail("录入说明", "由李明书面签批，张三代为录入"),
    ),
    ("who stood in", Particulars(stand_in="办公室"), Detail("代办说明", "由办公室代督查组办理")),
]


@pytest.mark.parametrize(("told", "said"), [row[1:] for row in DETAILS], ids=[row[0] for row in DETAILS])
def test_details(told: Particulars, said: Detail) -> None:
    assert details(told) == [said]


def test_where_nothing_was_written_down_nothing_is_said() -> None:
    assert details(Particulars(signed_by="李明")) == []


def test_who_decides_a_closure_reads_its_class() -> None:
    assert details(Particulars(), NewsKind.REVIEW_WANTED) == [Detail("销号类别", "完善长效机制")]


def test_a_statement_is_what_it_is_of() -> None:
    told = Particulars(statement="情况属实")
    assert details(told, NewsKind.CHECK_WANTED) == [Detail("上报情况", "情况属实")]
    assert details(told, NewsKind.OUTCOME) == [Detail("处理情况", "情况属实")]


@given(st.text("甲乙丙", min_size=1, max_size=STATEMENT_SHOWN * 2))
def test_a_report_is_shown_whole_or_says_that_it_is_not(statement: str) -> None:
    said = details(Particulars(statement=statement))[0].text
    assert said.startswith(statement[:STATEMENT_SHOWN])
    assert (said == statement) == (len(statement) <= STATEMENT_SHOWN)
    assert ("全文见督办系统" in said) == (len(statement) > STATEMENT_SHOWN)


@given(st.integers(1, FILES_SHOWN * 2))
def test_many_files_are_counted(n: int) -> None:
    said = details(Particulars(evidence=tuple((f"{i}.pdf", "proof") for i in range(n))))[0].text
    assert said.count(".pdf") == min(n, FILES_SHOWN)
    assert said.endswith(f"等{n}份") == (n > FILES_SHOWN)
