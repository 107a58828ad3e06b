"""What stands before a paragraph of a published notice: its number (一、 （一） 1. ①), and a label (整改措施：).

Runs for each paragraph while a notice is read into drafts. PURE, and knows nothing of the paragraphs around it:
models/ledger/notice/gathering.py puts them together. Widths of brackets and digits vary; nothing is matched by
likeness.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Style(IntEnum):
    """How a paragraph is numbered, in the order in which official writing nests it: 一、 （一） 1. （1） ① 第一， 一是.

    ORDINAL has no place of its own: 第一， may count anything, and stands below what is above it.
    """

    CHAPTER = 1
    ROUND = 2
    DOT = 3
    ROUND_DIGIT = 4
    CIRCLE = 5
    ORDINAL = 6
    FIRSTLY = 7


@dataclass(frozen=True, slots=True)
class Mark:
    """The number before a paragraph: its style, what it counts, and as written."""

    style: Style
    number: int
    written: str


class Label(StrEnum):
    """What a word with a colon before or above a text says it is; of the first three the first that a problem has
    holds its measures. NEXT is what a problem says only of what is to be done next.
    """

    MEASURE = "measure"
    PROGRESS = "progress"
    RESULT = "result"
    PROBLEM = "problem"
    OTHER = "other"
    NEXT = "next"


OF_MEASURES = (Label.MEASURE, Label.PROGRESS, Label.RESULT)


# --- Numbers

NUMERAL = "[一二三四五六七八九十]{1,4}"
_MARKS = (
    (Style.CHAPTER, re.compile(rf"({NUMERAL})[、.．]\s*")),
    (Style.ROUND, re.compile(rf"[(（〔]\s?({NUMERAL})\s?[)）〕][、.．]?\s*")),
    (Style.DOT, re.compile(r"(\d{1,3})\s?[.．、](?!\d)\s*")),
    (Style.ROUND_DIGIT, re.compile(r"[(（〔]?\s?(\d{1,3})\s?[)）〕][、.．]?\s*")),
    (Style.CIRCLE, re.compile(r"([①-⑳])[、.．]?\s*")),
    (Style.ORDINAL, re.compile(rf"第({NUMERAL})[,，、:：]\s*")),
    (Style.FIRSTLY, re.compile(rf"({NUMERAL})是[,，:：]?")),
)
_SPREAD = re.compile(r"[⑴-⒛㈠-㈩]")
"""One character that stands for several: ⑴ is (1), ⒈ is 1., ㈠ is (一)."""
_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}


def number_of(written: str) -> int:
    """The value of 七, 十二, 三十四, 12 or ⑫; 0 where it is no number."""
    if written.isdecimal():
        return int(written)
    if len(written) == 1 and written not in _DIGITS and written != "十":
        return int(unicodedata.numeric(written, 0))
    tens, ten, ones = written.rpartition("十")
    if any(part and part not in _DIGITS for part in (tens, ones)):
        return 0
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)


def marked(text: str) -> tuple[Mark | None, str]:
    """The number before a paragraph, and the paragraph without it."""
    if _SPREAD.match(text):
        text = unicodedata.normalize("NFKC", text[0]) + text[1:]
    for style, form in _MARKS:
        if (found := form.match(text)) and (number := number_of(found[1])):
            return Mark(style, number, found[0].strip()), text[found.end() :]
    return None, text


# --- Labels

_COLON = r"\s?[】\]]?\s?(?:[:：]|(?<=[】\]])|。?$)\s*"
_NUMBERED = rf"(?:\d{{1,3}}|{NUMERAL}|[(（](?:\d{{1,3}}|{NUMERAL})[)）])"
_AND_MORE = "(?:(?:及|和|与|、)?(?:整改|落实|进展|完成|推进|主要|取得的?|情况|结果|成效|效果)){0,5}"
_LABELS = (
    (Label.MEASURE, f"(?:具体|主要|已)?(?:采取的?)?(?:整改)?(?:措施|举措){_AND_MORE}"),
    (
        Label.PROGRESS,
        f"整改(?:落实|进展|推进|工作){{0,2}}情况{_AND_MORE}|(?:落实|进展|办理)情况{_AND_MORE}|整改进展|(?:主要|整改)做法"
        r"|整改(?=\s?[】\]:：])",
    ),
    (Label.RESULT, "(?:整改)?完成情况|整改(?:结果|成效|效果)|取得的?(?:整改)?成效|工作成效"),
    (
        Label.PROBLEM,
        "(?:(?:(?:巡[视察]组?|审计)?(?:反馈|指出|存在|查出|发现|整改)的?(?:具体|主要|突出)?问题|(?:具体|主要)问题)"
        rf"|整改任务|问题(?:描述|表述|内容|表现|清单)?){_NUMBERED}?",
    ),
    (
        Label.OTHER,
        "(?:整改)?(?:责任|牵头|配合|主责|协办|督导)(?:单位|部门|科室|领导|人)(?:及责任人)?"
        "|(?:整改|完成)(?:时限|期限|时间)|整改(?:目标|要求|标准|类型|状态|进度)|完成进度|佐证(?:材料|资料)",
    ),
)
_NUMBERED_PROBLEM = re.compile(rf"(?:反馈|具体)?问题{_NUMBERED}[、.．\s]\s*")
"""问题一 学习不深: a number and a blank do for the colon."""
_LABEL_FORMS = tuple((label, re.compile(rf"[【\[]?(?:{words}){_COLON}")) for label, words in _LABELS)
_BEFORE_COLON = r"\s?[】\]]?\s?[:：]"
_INSIDE = re.compile(
    rf"(?<=[。；;，,\s】])[【\[]?(?=(?:{'|'.join(f'(?:{words})' for _, words in _LABELS)}){_BEFORE_COLON})"
)


def labelled(text: str) -> tuple[Label | None, str]:
    """The label before a text, and the text without it."""
    for label, form in _LABEL_FORMS:
        if found := form.match(text):
            return label, text[found.end() :]
    if found := _NUMBERED_PROBLEM.match(text):
        return Label.PROBLEM, text[found.end() :]
    return None, text


def pieces_of(text: str) -> Iterator[str]:
    """The paragraph cut before each label that stands inside it with a colon."""
    start = 0
    for found in _INSIDE.finditer(text):
        if piece := text[start : found.start()].strip():
            yield piece
        start = found.start()
    if piece := text[start:].strip():
        yield piece
