"""No text can make the grammar run away, however long or odd; an ordinary one costs microseconds."""

import os
import re
import time

import pytest

from models.timelimit import RULES, TEXT_LONGEST, LimitKind, Rule, normalise
from models.timelimit.starts import start_of
from models.timelimit.stretches import LOOSE_STRETCHES
from models.timelimit.surroundings import doubt_in, without_lead
from tests.models.timelimit.limits import ANCHOR, d, parse

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
        "1.4月",
        "已经",
    ),
    *(
        "①",
        "第",
        "年",
        "（",
        "，并",
        "完成整改",
        "3个月内",
        "1 ",
        "二〇二",
        "\u200b",
        "2023年2月30日前，",
        "每",
        "每月1日、",
        "边查",
    ),
]
LENGTH = int(os.environ.get("DUBAN_TEXT_LENGTH", "5000"))
"""Characters of a hostile text; `make soak` takes 100,000, which the figure of 50 ms a rule is for."""
HUGE = [(piece * LENGTH)[:LENGTH] for piece in HOSTILE]
EVERY_RULE = (*RULES, *LOOSE_STRETCHES)


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.name)
def test_a_rule_repeats_nothing_without_bound(rule: Rule) -> None:
    assert not re.search(r"(?<!\\)[*+](?!\+)|\{\d*,\}", re.sub(r"\[[^\]]*\]", "x", rule.pattern.pattern))


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.name)
def test_a_rule_reads_a_hostile_text_at_once(rule: Rule) -> None:
    for text in HUGE:
        started = time.process_time()
        sum(1 for _ in rule.pattern.finditer(text))
        assert time.process_time() - started < 0.05, text[:10]


@pytest.mark.parametrize("text", HUGE, ids=HOSTILE)
def test_a_hostile_text_is_answered_at_once(text: str) -> None:
    started = time.process_time()
    assert parse(text).kind is LimitKind.UNRESOLVED
    parse(text[:TEXT_LONGEST])
    assert time.process_time() - started < 0.1


@pytest.mark.parametrize("text", HUGE, ids=HOSTILE)
def test_so_are_the_words_around_a_limit(text: str) -> None:
    started, words = time.process_time(), text[:TEXT_LONGEST]
    normalise(text)
    doubt_in(words)
    without_lead(words)
    start_of(words, words)
    assert time.process_time() - started < 0.25


def test_an_ordinary_text_takes_less_than_100_microseconds() -> None:
    texts = [
        "2023年9月底前完成整改",
        "立行立改并长期坚持",
        "收到反馈意见后3个月内",
        "每季度末报送",
        "9月8日前",
        "待定",
    ] * 50
    fastest = min(_seconds(texts) for _ in range(5))
    assert fastest / len(texts) < 100e-6


def _seconds(texts: list[str]) -> float:
    started = time.process_time()
    for text in texts:
        parse(text)
    return time.process_time() - started


def test_a_text_too_long_to_be_a_limit_is_not_read() -> None:
    text = "2023年9月8日前" + "，" * TEXT_LONGEST
    assert "1000字" in parse(text).reason
    assert parse(text[:TEXT_LONGEST]).due_on == d("2023-09-08")
    assert parse(text[:TEXT_LONGEST], ANCHOR).confirm is False
