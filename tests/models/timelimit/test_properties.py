"""Time limits with anything at all around them. The one unforgivable error is a wrong date that asks nobody to look.

The properties hunt for it; each has a slow, obvious twin or an answer known beforehand.
"""

import re
from datetime import date

import pendulum
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.timelimit import LimitKind, add_months, normalise
from tests.models.timelimit.limits import DAY, Weekdays, parse

CENTURY = st.dates(date(2000, 1, 1), date(2099, 12, 31))
NEAR = st.dates(date(2020, 1, 1), date(2032, 12, 31))
WRITINGS = ("{y}年{m}月{d}日前", "{y}-{m:02}-{d:02}", "{y}.{m}.{d}", "{y}/{m}/{d}前", "{y}{m:02}{d:02}")


def in_words(day: date) -> str:
    """二〇二三年十一月九日, digit by digit from tables written out here."""
    ones = "〇一二三四五六七八九"
    small = [f"{tens}{one}" for tens in ("", "十", "二十", "三十") for one in ("", *ones[1:])]
    return f"{''.join(ones[int(n)] for n in str(day.year))}年{small[day.month]}月{small[day.day]}日"


@given(NEAR)
def test_every_writing_of_a_full_date_gives_that_day(day: date) -> None:
    texts = [writing.format(y=day.year, m=day.month, d=day.day) for writing in WRITINGS]
    for text in (*texts, in_words(day)):
        limit = parse(text, date(2020, 1, 1))
        assert (limit.due_on, limit.confirm) == (day, day.year > 2030), text


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


def is_last(day: date, unit: str) -> bool:
    """Whether the day is the last of its month, quarter, half or year: the day after begins another."""
    after = day + DAY
    months = {"月": 1, "季度": 3, "半年": 6, "年": 12}[unit]
    return after.day == 1 and (after.month - 1) % months == 0


@given(CENTURY, st.sampled_from(["月", "季度", "半年", "年"]))
def test_what_recurs_is_due_on_the_first_last_day_met_walking_from_the_anchor(anchor: date, unit: str) -> None:
    walked = anchor
    while not is_last(walked, unit):
        walked += DAY
    limit = parse(f"每{unit}", anchor)
    assert (limit.kind, limit.due_on, limit.confirm) == (LimitKind.RECURRING, walked, False)


@given(CENTURY, st.integers(1, 31), st.sampled_from("一二三四五六日"))
def test_a_day_of_the_month_or_the_week_recurs_on_the_first_one_met(anchor: date, day: int, weekday: str) -> None:
    walked = anchor
    while not (walked.day == day or (walked.day < day and is_last(walked, "月"))):
        walked += DAY
    assert parse(f"每月{day}日前", anchor).due_on == walked
    walked = anchor
    while "一二三四五六日"[walked.weekday()] != weekday:
        walked += DAY
    assert parse(f"每周{weekday}", anchor).due_on == walked


@given(NEAR, st.integers(1, 60))
def test_working_days_are_counted_one_by_one(anchor: date, count: int) -> None:
    walked, left = anchor, count
    while left:
        walked += DAY
        left -= walked.weekday() < 5
    assert parse(f"{count}个工作日内", anchor).due_on == walked
    assert Weekdays().add_workdays(walked + DAY, -1) == walked


RANGES = st.tuples(
    st.integers(2022, 2026), st.integers(1, 12), st.sampled_from(["", "次年", "明年", "year"]), st.integers(1, 12)
)


@settings(max_examples=300)
@given(RANGES, st.sampled_from("至到—-~"), NEAR)
def test_a_range_never_ends_in_silence_before_it_begins(
    span: tuple[int, int, str, int], dash: str, anchor: date
) -> None:
    year, month, word, until = span
    limit = parse(f"{year}年{month}月{dash}{word.replace('year', f'{year}年')}{until}月", anchor)
    if limit.confirm:
        return
    assert limit.due_on is not None
    assert limit.due_on.month == until
    assert limit.due_on.year == {"次年": year + 1, "明年": anchor.year + 1}.get(word, year)
    assert limit.due_on >= date(year, month, 1)


# --- Junk around a limit: pieces that make, change or spoil one, and any other character

PIECES = (
    *(
        "2023年",
        "2024年",
        "6月",
        "30日",
        "6月底",
        "30日前",
        "3个月内",
        "5日内",
        "年底前",
        "二季度",
        "每季度",
        "每月",
        "下",
        "明年",
    ),
    *(
        "反馈后",
        "通报",
        "之日起",
        "立行立改",
        "长期坚持",
        "完成",
        "整改",
        "到位",
        "已",
        "已完成",
        "验收",
        "提前",
        "不早于",
        "约",
    ),
    *(
        "其中",
        "农历",
        "学期",
        "次月",
        "十四五",
        "春节",
        "不",
        "无法",
        "的",
        "前后",
        "左右",
        "以上",
        "批复",
        "2023-09-08",
        "20230908",
    ),
    *"015十二①半两前后起至到内底末已未每上自并-—~./、，。（）“” \n\u200b",
)
JUNK = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=5).map("".join)
# In front of a date without a year or of a period, a number, a year or a recurrence lawfully makes another text.
MAKES_ANOTHER = re.compile(r"[\d年月日周每下次明今本去后翌学期季半〇零○一二三四五六七八九十两百千]")
PLAIN_JUNK = JUNK.map(lambda junk: "".join(one for one in junk if not MAKES_ANOTHER.search(normalise(one))))

WITH_YEAR = [
    "2023年9月8日前",
    "2023-09-08前",
    "20230908前",
    "二〇二三年九月八日前",
    "2023年9月底前",
    "2023年底前",
    "2023年三季度末前",
]
WITHOUT_YEAR = [
    "9月8日前",
    "9月底前",
    "年底前",
    "三季度末前",
    "3个月内",
    "收到反馈后3个月内",
    "10个工作日内",
    "国庆节前",
]


def assert_same_date_or_a_look(text: str, due: date | None) -> None:
    limit = parse(text)
    assert limit.confirm or limit.due_on == due, (text, limit)


@settings(max_examples=300)
@given(JUNK, st.sampled_from(WITH_YEAR), JUNK)
@example("1", "20230908前", "")
@example("", "2023年9月8日前", "0个工作日内")
@example("2023-09-08", "2023年9月8日前", "不早于3个月内")
def test_junk_around_a_sure_date_never_makes_another_sure_date(before: str, text: str, after: str) -> None:
    assert_same_date_or_a_look(before + text + after, parse(text).due_on)


@settings(max_examples=300)
@given(PLAIN_JUNK, st.sampled_from(WITHOUT_YEAR), JUNK)
@example("会后", "3个月内", "")
@example("验收完成", "10个工作日内", "")
def test_junk_around_a_sure_period_never_makes_another_sure_date(before: str, text: str, after: str) -> None:
    assert_same_date_or_a_look(before + text + after, parse(text).due_on)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(max_size=30))
def test_every_answer_is_whole(text: str) -> None:
    limit = parse(text)
    assert limit.confirm == bool(limit.reason)
    assert limit.due_on is not None or limit.kind not in (LimitKind.DATE, LimitKind.PERIOD)
    assert limit.kind is not LimitKind.UNRESOLVED or (limit.confirm and limit.due_on is None)
    assert limit.kind is not LimitKind.RECURRING or limit.due_on is not None or limit.confirm
    assert bool(limit.matched) == bool(limit.rule)
    assert limit.due_on is None or all(day < limit.due_on for day in limit.milestones)
