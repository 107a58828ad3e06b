"""Time limits as ledgers write them: sure ones, doubtful ones, unreadable ones, and junk around all of them.

The one unforgivable error is a wrong date that asks nobody to look; the properties hunt for it.
"""

import re
import time
from dataclasses import dataclass
from datetime import date, timedelta

import pendulum
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.timelimit import (
    LONGEST,
    RULES,
    LimitFlag,
    LimitKind,
    Rule,
    TimeLimit,
    add_months,
    normalise,
    parse_time_limit,
)

DATE, PERIOD, IMMEDIATE, SUSTAINED, UNRESOLVED = (
    LimitKind.DATE,
    LimitKind.PERIOD,
    LimitKind.IMMEDIATE,
    LimitKind.SUSTAINED,
    LimitKind.UNRESOLVED,
)
ANCHOR = date(2023, 3, 25)  # a Saturday
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Weekdays:
    """A calendar of Mondays to Fridays, unsettled on the days given."""

    unsettled: frozenset[date] = frozenset()

    def add_workdays(self, day: date, n: int) -> date:
        while n:
            day += DAY
            n -= day.weekday() < 5
        return day

    def is_provisional(self, day: date) -> bool:
        return day in self.unsettled


def parse(text: str, anchor: date = ANCHOR) -> TimeLimit:
    return parse_time_limit(text, anchor, Weekdays())


def d(text: str) -> date:
    return date.fromisoformat(text)


def flags(names: str) -> frozenset[LimitFlag]:
    return frozenset(map(LimitFlag, names.split()))


# --- What is sure ----------------------------------------------------------------------------------------

SURE_DATES = [
    # full dates, however they are typed
    ("2023年9月8日", "2023-09-08", ""),
    ("2023年9月8日前完成整改", "2023-09-08", ""),
    ("于2023年09月08日以前全部整改到位。", "2023-09-08", ""),
    ("完成时限：2023年9月8日之前", "2023-09-08", ""),
    ("不晚于2023年9月8日", "2023-09-08", ""),
    ("截止到2023年9月8号止", "2023-09-08", ""),
    ("2023年9月8日以内", "2023-09-08", ""),
    ("2023-09-08", "2023-09-08", ""),
    ("2023.9.8前", "2023-09-08", ""),
    ("2023/9/8日前", "2023-09-08", ""),
    ("20230908", "2023-09-08", ""),
    ("２０２３年９月８日　前", "2023-09-08", ""),
    ("2023 年 9 月 8 日\n前完成", "2023-09-08", ""),
    ("\ufeff2023年\u200b9月8日", "2023-09-08", ""),
    ("二〇二三年九月八日前", "2023-09-08", ""),
    ("二○二三年十一月二十九日", "2023-11-29", ""),
    ("二零二三年十月三十日", "2023-10-30", ""),
    ("二O二三年十月十日", "2023-10-10", ""),
    ("二0二三年十月十日", "2023-10-10", ""),
    ("2024年2月29日前", "2024-02-29", ""),
    ("2023年3月25日", "2023-03-25", ""),
    ("2023年9月8日前（2023.9.8）", "2023-09-08", ""),
    # without a year
    ("9月8日前", "2023-09-08", "year_inferred"),
    ("九月八号", "2023-09-08", "year_inferred"),
    ("3月25日前", "2023-03-25", "year_inferred"),
    # ends of months, quarters and years
    ("2023年9月底前", "2023-09-30", ""),
    ("2024年2月末", "2024-02-29", ""),
    ("二〇二三年十二月底之前完成", "2023-12-31", ""),
    ("2023年11月份底", "2023-11-30", ""),
    ("9月底前", "2023-09-30", "year_inferred"),
    ("十二月末前", "2023-12-31", "year_inferred"),
    ("3月底", "2023-03-31", "year_inferred"),
    ("2024年底前", "2024-12-31", ""),
    ("2023年年末", "2023-12-31", ""),
    ("年底前", "2023-12-31", "year_inferred"),
    ("今年年底", "2023-12-31", "year_inferred"),
    ("本年底前完成", "2023-12-31", "year_inferred"),
    ("一季度末", "2023-03-31", "year_inferred"),
    ("第三季度底前", "2023-09-30", "year_inferred"),
    ("2023年二季度末前", "2023-06-30", ""),
    ("2024年第一季度末", "2024-03-31", ""),
    # joined with what is no date
    ("2023年9月底前完成并长期坚持", "2023-09-30", "sustained"),
    ("9月8日前完成，持续推进", "2023-09-08", "sustained year_inferred"),
    ("长期坚持，2023年9月底前完成", "2023-09-30", "sustained"),
    ("立行立改，2023年5月底前完成", "2023-05-31", "immediate"),
    ("立行立改；2023年5月底前完成，并且长期坚持", "2023-05-31", "immediate sustained"),
]


@pytest.mark.parametrize(("text", "due", "expected"), SURE_DATES)
def test_a_clear_date_is_read(text: str, due: str, expected: str) -> None:
    limit = parse(text)
    assert (limit.kind, limit.due_on, limit.flags) == (DATE, d(due), flags(expected))
    assert (limit.confirm, limit.reason, limit.text) == (False, "", text)


SURE_PERIODS = [
    # the anchor's own day is not counted
    ("2个月内", "2023-05-25", ""),
    ("两个月之内完成", "2023-05-25", ""),
    ("十一个月以内", "2024-02-25", ""),
    ("收到反馈后3个月内", "2023-06-25", ""),
    ("自收到反馈意见之日起，三个月内完成整改", "2023-06-25", ""),
    ("反馈之日起30日内", "2023-04-24", ""),
    ("20天内", "2023-04-14", ""),
    ("二十日内", "2023-04-14", ""),
    ("两周内", "2023-04-08", ""),
    ("1个工作日内", "2023-03-27", ""),
    ("接到反馈后十个工作日内", "2023-04-07", ""),
    ("5工作日之内", "2023-03-31", ""),
    ("3个月内完成，长期坚持", "2023-06-25", "sustained"),
    ("立查立改，10日内完成", "2023-04-04", "immediate"),
]


@pytest.mark.parametrize(("text", "due", "expected"), SURE_PERIODS)
def test_a_clear_period_counts_from_the_feedback_day(text: str, due: str, expected: str) -> None:
    limit = parse(text)
    assert (limit.kind, limit.due_on, limit.flags) == (PERIOD, d(due), flags(expected))
    assert not limit.confirm


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("立行立改", IMMEDIATE, ""),
        ("即知即改。", IMMEDIATE, ""),
        ("马上整改", IMMEDIATE, ""),
        ("边查边改", IMMEDIATE, ""),
        ("立说立行", IMMEDIATE, ""),
        ("立行立改并长期坚持", IMMEDIATE, "sustained"),
        ("持续推进、立行立改", IMMEDIATE, "sustained"),
        ("长期坚持", SUSTAINED, ""),
        ("长期", SUSTAINED, ""),
        ("常态化推进", SUSTAINED, ""),
        ("常抓不懈，持续整改", SUSTAINED, ""),
    ],
)
def test_immediate_and_sustained_limits_have_no_day_of_their_own(text: str, kind: LimitKind, expected: str) -> None:
    limit = parse(text)
    assert (limit.kind, limit.due_on, limit.flags, limit.confirm) == (kind, None, flags(expected), False)


# --- What is doubtful: a date, and a person must look ----------------------------------------------------

DOUBTFUL = [
    ("2月底前", "2024-02-29", "year_inferred next_year", "未写年份"),
    ("1月15日前", "2024-01-15", "year_inferred next_year", "2024年1月15日"),
    ("2022年12月31日前", "2022-12-31", "past", "早于起算日2023年3月25日"),
    ("2023年7月前", "2023-06-30", "ambiguous", "暂按2023年6月30日"),
    ("7月之前完成", "2023-06-30", "ambiguous year_inferred", "不同理解"),
    ("2月前", "2024-01-31", "ambiguous year_inferred next_year", "未写年份"),
    ("2023年三季度前", "2023-06-30", "ambiguous", "不同理解"),
    ("巡察反馈后2个月内", "2023-05-25", "ambiguous", "不同理解"),
    ("5月底前，2023年9月底前", "2023-09-30", "several", "多个"),
    ("5月底前制定方案，9月底前完成整改", "2023-09-30", "several residue year_inferred", "制定方案"),
    ("2023年4月1日至2023年9月8日", "2023-09-08", "several residue", "至"),
    ("2023年9月底前取得成效并长期坚持", "2023-09-30", "residue sustained", "取得成效"),
    ("力争2023年9月底前完成", "2023-09-30", "residue", "力争"),
    ("2023年9月底前完成5项制度", "2023-09-30", "residue", "完成5项制度"),
    ("2023年9月底前到位见效", "2023-09-30", "residue", "到位见效"),
    ("2个月内出台办法", "2023-05-25", "residue", "出台办法"),
]


@pytest.mark.parametrize(("text", "due", "expected", "why"), DOUBTFUL)
def test_a_doubtful_date_asks_and_says_why(text: str, due: str, expected: str, why: str) -> None:
    limit = parse(text)
    assert (limit.due_on, limit.flags, limit.confirm) == (d(due), flags(expected), True)
    assert why in limit.reason
    assert limit.reason.endswith("请核对。")


def test_words_beside_a_limit_without_a_day_ask_too() -> None:
    limit = parse("立行立改，加强监管")
    assert (limit.kind, limit.flags, limit.confirm) == (IMMEDIATE, flags("residue"), True)


@pytest.mark.parametrize(("days", "flagged"), [((3,), True), ((4, 5), False)])
def test_a_period_over_unsettled_days_is_provisional(days: tuple[int, ...], flagged: bool) -> None:
    """Days 1 to 3 after the anchor are counted: one of them may move the end, a later one cannot."""
    calendar = Weekdays(frozenset(date(2024, 12, 27) + timedelta(days=n) for n in days))
    limit = parse_time_limit("1个工作日内", date(2024, 12, 27), calendar)
    assert limit.due_on == date(2024, 12, 30)
    assert (LimitFlag.PROVISIONAL in limit.flags, limit.confirm) == (flagged, flagged)


# --- What gives no date, and says why --------------------------------------------------------------------

NO_DATE = [
    ("", "", "为空"),
    (" \u3000\n", "", "为空"),
    ("待定", "", "未能识别“待定”"),
    ("/", "", "未能识别"),
    ("尽快", "", "未能识别"),
    ("已完成", "", "未能识别"),
    # days that do not exist
    ("2023年2月29日前", "impossible", "“2023年2月29日前”不是有效日期"),
    ("20231301", "impossible", "不是有效日期"),
    ("2023-06-31", "impossible", "不是有效日期"),
    ("13月底前", "impossible", "不是有效日期"),
    ("2月30日", "impossible", "不是有效日期"),
    ("2023年2月29日前完成，9月底前验收", "impossible several residue", "不是有效日期"),
    # periods from an event we do not know
    ("项目竣工验收后3个月内", "unknown_start residue", "从何时起算不明确"),
    ("立行立改完成3个月内", "unknown_start residue immediate", "“完成”未能识别"),
    ("整改完成3个月内", "unknown_start residue", "“整改完成”未能识别"),
    ("自通报之日起30日内", "unknown_start residue", "从何时起算"),
    ("整改情况反馈后2个月内", "unknown_start residue", "从何时起算"),
    ("方案批复后，立行立改，5个工作日内", "unknown_start residue immediate", "从何时起算"),
    # a number that is part of something else
    ("2.5个月内", "", "未能识别"),
    ("1至2个月内", "unknown_start residue", "从何时起算"),
    ("1-2个月内", "", "未能识别"),
    ("①5日内", "unknown_start residue", "从何时起算"),
    ("1 5日内", "unknown_start residue", "从何时起算"),
    ("1十日内", "", "未能识别"),
    ("两三个月内", "", "未能识别"),
    ("几十天内", "unknown_start residue", "从何时起算"),
    ("一百二十天内", "", "未能识别"),
    # somebody else's year
    ("明年6月底前", "", "未能识别"),
    ("23年6月30日前", "", "未能识别"),
    ("12023年6月30日前", "", "未能识别"),
    ("2023-09-081", "", "未能识别"),
    ("202309081", "", "未能识别"),
    ("明年底前", "", "未能识别"),
    ("上年年底", "", "未能识别"),
    ("学年末", "", "未能识别"),
    ("明年第二季度末", "", "未能识别"),
    ("2024年（6月底前）", "residue year_inferred", "“2024年(”未能识别"),
    ("明年（6月底前）", "residue year_inferred", "“明年(”未能识别"),
    ("农历六月三十日前", "residue year_inferred", "农历"),
    # the date is where it starts, or not where it ends
    ("2023年9月8日起", "residue", "“起”未能识别"),
    ("2023年9月8日起长期坚持", "residue sustained", "“起”未能识别"),
    ("2023年9月8日后", "residue", "“后”未能识别"),
    ("2023年9月底前后", "residue", "“后”未能识别"),
    ("2023年4月1日—6月30日", "residue", "6月30日"),
    ("2023年9月8日起3个月内", "unknown_start several residue", "从何时起算"),
    ("2023年9月8日前3日内", "several", "多个"),
    ("2023年9月8日前一周", "residue", "“1周”未能识别"),
    ("3个月内完成，3个月内验收", "several residue", "多个"),
    ("2023年9月底前，2023年5月底前", "several", "多个"),
    # left to the full grammar
    ("2023年6月", "", "未能识别"),
    ("6月中旬", "", "未能识别"),
    ("上半年底前", "", "未能识别"),
    ("每月底前", "", "未能识别"),
    ("每年12月31日前", "", "未能识别"),
    ("3月内", "", "未能识别"),
    ("半年内", "", "未能识别"),
    ("国庆节前", "", "未能识别"),
]


@pytest.mark.parametrize(("text", "expected", "why"), NO_DATE)
def test_what_cannot_be_read_has_no_date_and_says_why(text: str, expected: str, why: str) -> None:
    limit = parse(text)
    assert (limit.kind, limit.due_on, limit.confirm) == (UNRESOLVED, None, True)
    assert limit.flags == flags(expected)
    assert why in limit.reason
    assert limit.reason.endswith("请填写具体日期。")


# --- Anchors ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "anchor", "due", "confirm"),
    [
        ("6月30日前", "2023-06-30", "2023-06-30", False),
        ("6月30日前", "2023-07-01", "2024-06-30", True),
        ("6月底前", "2023-07-01", "2024-06-30", True),
        ("二季度末", "2023-07-01", "2024-06-30", True),
        ("1月前", "2023-07-01", "2023-12-31", True),
        ("年底前", "2023-12-31", "2023-12-31", False),
        ("2月29日", "2024-02-29", "2024-02-29", False),
        ("2月29日", "2024-03-01", "2028-02-29", True),
        ("2月29日", "2096-03-01", "2104-02-29", True),
        ("1个月内", "2023-01-31", "2023-02-28", False),
        ("1个月内", "2024-01-31", "2024-02-29", False),
        ("3个月内", "2023-11-30", "2024-02-29", False),
        ("2023年6月30日前", "2023-07-01", "2023-06-30", True),
    ],
)
def test_the_anchor_decides_year_and_period(text: str, anchor: str, due: str, confirm: bool) -> None:
    limit = parse(text, d(anchor))
    assert (limit.due_on, limit.confirm) == (d(due), confirm)


@pytest.mark.parametrize("text", ["900个月内", "999天内", "100周内"])
def test_a_period_beyond_the_calendar_is_impossible(text: str) -> None:
    assert parse(text, date(9999, 6, 1)).flags == flags("impossible")


# --- Explaining ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rule", "matched"),
    [
        ("于２０２３ 年 九 月底 前完成", "month_end", "2023年9月底前"),
        ("立行立改，5月8日前完成，并长期坚持", "month_day", "5月8日前"),
        ("长期坚持，立行立改", "immediate", "立行立改"),
        ("收到反馈后三个月内完成", "months_within", "收到反馈后3个月内"),
        ("5月底前制定方案，9月底前完成", "month_end", "9月底前"),
        ("2023年9月底前，2023年2月30日前，2023年12月底前", "full_date", "2023年2月30日前"),
        ("待定", "", ""),
    ],
)
def test_the_span_shows_the_deciding_words_in_the_normalised_text(text: str, rule: str, matched: str) -> None:
    limit = parse(text)
    assert (limit.rule, limit.matched) == (rule, matched)
    assert normalise(text)[limit.span[0] : limit.span[1]] == matched


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("２０２３ 年 六 月 三 十 日", "2023年6月三 10日"),  # a blank inside a number stays one
        ("第三季度、一把手、十二个月", "第3季度、一把手、12个月"),
        ("二十一日，两周，九十九天", "21日,2周,99天"),
        ("①3  0日½个月²㏠", "①3  0日½个月²㏠"),
        ("６⽉３０⽇", "6月30日"),  # radicals, as copied from a PDF
        ("〇日 二三年 十十天", "〇日二三年十十天"),
    ],
)
def test_normalising(text: str, plain: str) -> None:
    assert normalise(text) == plain


# --- Properties ------------------------------------------------------------------------------------------

CENTURY = st.dates(date(2000, 1, 1), date(2099, 12, 31))
WRITINGS = ("{y}年{m}月{d}日前", "{y}-{m:02}-{d:02}", "{y}.{m}.{d}", "{y}/{m}/{d}前", "{y}{m:02}{d:02}")


def in_words(day: date) -> str:
    """二〇二三年十一月九日, digit by digit from tables written out here."""
    ones = "〇一二三四五六七八九"
    small = [f"{tens}{one}" for tens in ("", "十", "二十", "三十") for one in ("", *ones[1:])]
    return f"{''.join(ones[int(n)] for n in str(day.year))}年{small[day.month]}月{small[day.day]}日"


@given(CENTURY)
def test_every_writing_of_a_full_date_gives_that_day(day: date) -> None:
    texts = [writing.format(y=day.year, m=day.month, d=day.day) for writing in WRITINGS]
    for text in (*texts, in_words(day)):
        limit = parse(text, date(2000, 1, 1))
        assert (limit.due_on, limit.confirm) == (day, False), text


@given(CENTURY, st.integers(1, 120))
def test_months_agree_with_pendulum(day: date, months: int) -> None:
    twin = pendulum.Date(day.year, day.month, day.day).add(months=months)
    assert add_months(day, months) == date(twin.year, twin.month, twin.day)


@given(CENTURY, CENTURY)
def test_a_day_without_a_year_is_the_first_one_met_walking_from_the_anchor(day: date, anchor: date) -> None:
    walked = anchor
    while (walked.month, walked.day) != (day.month, day.day):
        walked += DAY
    limit = parse(f"{day.month}月{day.day}日前", anchor)
    assert (limit.due_on, limit.confirm) == (walked, walked.year > anchor.year)


# Pieces that make, change or spoil a limit, and any other character.
PIECES = (
    *("2023年", "2024年", "6月", "30日", "6月底", "30日前", "3个月内", "5日内", "年底前", "二季度"),
    *(
        "反馈后",
        "通报",
        "之日起",
        "立行立改",
        "长期坚持",
        "完成",
        "整改",
        "到位",
        "明年",
        "2023-09-08",
        "20230908",
    ),
    *"015十二①半两前后起至到内底末已未每上自并-—~./、，。（） \n\u200b",
)
JUNK = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=5).map("".join)
# In front of a date without a year or of a period, a number or a year lawfully makes another text.
NUMBER_OR_DATE = re.compile(r"[\d年月日〇零○一二三四五六七八九十两百千]")
PLAIN_JUNK = JUNK.map(lambda junk: "".join(one for one in junk if not NUMBER_OR_DATE.search(normalise(one))))


WITH_YEAR = [
    "2023年9月8日前",
    "2023-09-08前",
    "20230908前",
    "二〇二三年九月八日前",
    "2023年9月底前",
    "2023年底前",
    "2023年三季度末前",
]
WITHOUT_YEAR = ["9月8日前", "9月底前", "年底前", "三季度末前", "3个月内", "收到反馈后3个月内", "10个工作日内"]


def assert_same_date_or_a_look(text: str, due: date | None) -> None:
    limit = parse(text)
    assert limit.confirm or limit.due_on == due, (text, limit)


@settings(max_examples=400)
@given(JUNK, st.sampled_from(WITH_YEAR), JUNK)
@example("1", "20230908前", "")
@example("", "2023年9月8日前", "0个工作日内")
def test_junk_around_a_sure_date_never_makes_another_sure_date(before: str, text: str, after: str) -> None:
    assert_same_date_or_a_look(before + text + after, parse(text).due_on)


@settings(max_examples=400)
@given(PLAIN_JUNK, st.sampled_from(WITHOUT_YEAR), JUNK)
@example("通报后", "3个月内", "")
def test_junk_around_a_sure_period_never_makes_another_sure_date(before: str, text: str, after: str) -> None:
    assert_same_date_or_a_look(before + text + after, parse(text).due_on)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(max_size=30))
def test_every_answer_is_whole(text: str) -> None:
    limit = parse(text)
    assert limit.confirm == bool(limit.reason)
    assert (limit.due_on is not None) == (limit.kind in (DATE, PERIOD))
    assert limit.kind is not UNRESOLVED or limit.confirm
    assert bool(limit.matched) == bool(limit.rule)
    assert normalise(normalise(text)) == normalise(text)


# --- Cost: no text can make it run away ------------------------------------------------------------------

HOSTILE = [
    *(
        "1",
        "十",
        "2023年",
        "6月",
        "6月30日",
        "自收到反馈意见之日起,",
        "长期",
        "立行",
        "20230",
        "2023-1-",
        " ",
    ),
    *("①", "第", "年", "（", "，并", "完成整改", "3个月内", "1 ", "二〇二", "\u200b", "2023年2月30日前，"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_reads_a_hostile_text_once(rule: Rule) -> None:
    assert not re.search(r"[*+]|\{\d*,\}", rule.pattern.pattern), "repeats without bound"
    for piece in HOSTILE:
        text = (piece * 100_000)[:100_000]
        started = time.process_time()
        sum(1 for _ in rule.pattern.finditer(text))
        assert time.process_time() - started < 0.25, piece


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_is_answered_at_once(piece: str) -> None:
    huge = (piece * 100_000)[:100_000]
    started = time.process_time()
    assert parse(huge).kind is UNRESOLVED
    parse(huge[:LONGEST])
    assert time.process_time() - started < 0.05


def test_a_text_too_long_to_be_a_limit_is_not_read() -> None:
    text = "2023年9月8日前" + "，" * LONGEST
    assert "1000字" in parse(text).reason
    assert parse(text[:LONGEST]).due_on == date(2023, 9, 8)
