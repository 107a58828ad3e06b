"""What one paragraph of a published notice is by its own words: its number, a finding's title, a label, a chapter.

Runs for each paragraph while a notice is read into drafts. PURE, and knows nothing of the paragraphs around it:
models/ledger/notice_outline.py puts them together. The forms are those of published notices: widths of brackets
and digits, the word 关于 and quotation marks vary; no form is matched by likeness.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum

TITLE_MOST = 60
"""Characters of a title that no form tells; what is longer is a sentence."""
_FORM_WITHIN = 1000
"""A form is sought in so many characters: some findings are quoted at length."""


class Style(IntEnum):
    """How a paragraph is numbered, in the order in which official writing nests it: 一、 （一） 1. （1） ① 一是."""

    CHAPTER = 1
    ROUND = 2
    DOT = 3
    ROUND_DIGIT = 4
    CIRCLE = 5
    FIRSTLY = 6


@dataclass(frozen=True, slots=True)
class Mark:
    """The number before a paragraph: its style, what it counts, and as written."""

    style: Style
    number: int
    written: str


class Says(StrEnum):
    """How surely a title names a finding."""

    PROBLEM = "problem"
    ASPECT = "aspect"
    IN_PASSING = "in_passing"


@dataclass(frozen=True, slots=True)
class Title:
    """A finding's title: the finding without its quotation marks, what follows on the same line, how it was said.

    PROBLEM says 问题 or 整改情况; ASPECT says 方面, and may stand above other titles; IN_PASSING goes on in the same
    sentence with what was done.
    """

    problem: str
    rest: str
    says: Says


class Label(StrEnum):
    """What a word with a colon before or above a text says it is; of the first three the first that a finding has
    holds its measures.
    """

    MEASURE = "measure"
    PROGRESS = "progress"
    RESULT = "result"
    PROBLEM = "problem"
    OTHER = "other"


OF_MEASURES = (Label.MEASURE, Label.PROGRESS, Label.RESULT)


class Chapter(StrEnum):
    """What a chapter of a notice holds: what came of the findings, something else, or what ends the notice."""

    FINDINGS = "findings"
    OTHER = "other"
    ENDING = "ending"


# --- Numbers

NUMERAL = "[一二三四五六七八九十]{1,4}"
_MARKS = (
    (Style.CHAPTER, re.compile(rf"({NUMERAL})[、.．]\s*")),
    (Style.ROUND, re.compile(rf"[(（〔]\s?({NUMERAL})\s?[)）〕][、.．]?\s*")),
    (Style.DOT, re.compile(r"(\d{1,3})\s?[.．、](?!\d)\s*")),
    (Style.ROUND_DIGIT, re.compile(r"[(（〔]?\s?(\d{1,3})\s?[)）〕][、.．]?\s*")),
    (Style.CIRCLE, re.compile(r"([①-⑳])[、.．]?\s*")),
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


# --- Titles of findings

_OPENING, _CLOSING = "“「『‘", "”」』’"
_HIDDEN = "�"
_KIND_OF_WORK = "(?:整改|改进|落实|进展|推进|完成|工作){0,4}"
_OF_IT = rf"的?{_KIND_OF_WORK}(?:情况|结果|成效)?"
_PROBLEM = rf"(?:存在|反映)?的?(?:突出|具体|主要)?问题{_OF_IT}"
_ASPECT = rf"方面(?P<said>(?:存在)?的?(?:突出|具体|主要)?问题)?{_OF_IT}"
_WORK_ONLY = "的?整改(?:落实|进展|完成|工作)*+情况"
_ENDING = "(?P<end>[。：:；;]|$)"
_TITLES = (
    # (关于)“…”问题的整改情况: what is quoted is the finding, whatever stands in it
    (Says.PROBLEM, re.compile(rf"(?:关于|针对|对于|对|就)?(?P<finding>{_HIDDEN}++){_PROBLEM}{_ENDING}")),
    (Says.ASPECT, re.compile(rf"(?:关于|针对|对于|对|在|围绕|聚焦)?(?P<finding>{_HIDDEN}++){_ASPECT}{_ENDING}")),
    (Says.PROBLEM, re.compile(rf"(?:关于|针对)(?P<finding>{_HIDDEN}++)(?:{_WORK_ONLY})?{_ENDING}")),
    (
        Says.ASPECT,
        re.compile(rf"(?:关于|针对|在|围绕|聚焦)?(?P<finding>[^。：:；;，,]{{1,80}}?{_ASPECT})(?P<end>[：:。]?$)"),
    ),
    (Says.PROBLEM, re.compile(rf"(?:关于|针对)(?P<finding>[^。：:；;，,]{{1,120}}?){_PROBLEM}{_ENDING}")),
    (Says.PROBLEM, re.compile(rf"关于(?P<finding>[^。：:；;]{{1,120}}?)(?:{_PROBLEM}|{_WORK_ONLY})(?P<end>[：:。]?$)")),
    (
        Says.PROBLEM,
        re.compile(r"(?P<finding>[^。：:；;]{1,80}?)问题的?整改(?:落实|进展|完成|工作)*+情况(?P<end>[：:。]?$)"),
    ),
    (
        Says.IN_PASSING,
        re.compile(rf"(?:关于|针对|对于|对)(?P<finding>{_HIDDEN}++)(?:存在)?的?(?:突出|具体)?问题(?P<end>[，,])"),
    ),
)
_OF_THE_NOTICE = re.compile(
    "(?:反馈|指出|发现|查出|移交|巡视|巡察|审计|督察|督查|整改)(?:的|具体|主要|意见|落实|进展)*+$"
)
"""How what stands before 问题整改情况 ends where this is the title of the notice or a chapter."""
_OF_ANY_FINDING = re.compile(
    r"(?:[省市区县旗州校院局厅部中央党委组第一二三四五六七八九十届轮次\d所的个项条各上级]"
    r"|巡视|巡察|审计|督查|督察|检查|考核|环保|生态环境|保护|反馈|指出|发现|查出|移交|意见|问题|整改|落实|工作|具体"
    r"|主要|有关|相关|情况|存在|进展|方面|类)*+"
)
"""Words of which the title of a whole chapter is made: 市委巡察组反馈意见 names no finding."""


def _hidden(text: str) -> str:
    """The text with everything that is quoted, quotation marks included, hidden; a quotation never ended is not."""
    depth, start, hidden = 0, 0, list(text)
    for place, character in enumerate(text):
        if character in _OPENING or (character == '"' and not depth):
            start = place if not depth else start
            depth += 1
        elif depth and (character in _CLOSING or character == '"'):
            depth -= 1
            if not depth:
                hidden[start : place + 1] = _HIDDEN * (place + 1 - start)
    return "".join(hidden)


def unquoted(text: str) -> str:
    """The text without the quotation marks that stand around the whole of it, and without a mark that has no other."""
    text = text.strip()
    if len(text) > 2 and set(_hidden(text)) == {_HIDDEN} and not set(text[1:-1]) & set("“”"):
        return text[1:-1].strip()
    if len(text) > 2 and text[0] in _OPENING + '"' and _hidden(text)[0] != _HIDDEN:
        return text[1:].strip()
    return text


def title_of(text: str) -> Title | None:
    """The finding that a paragraph without its number is the title of; None where no form tells one."""
    within = text[:_FORM_WITHIN]
    hidden = _hidden(within)
    for says, form in _TITLES:
        found = form.match(hidden)
        if not found or (found["end"] == "" and len(text) > _FORM_WITHIN):
            continue
        problem = text[slice(*found.span("finding"))]
        if _HIDDEN not in found["finding"] and (_OF_ANY_FINDING.fullmatch(problem) or _OF_THE_NOTICE.search(problem)):
            return None
        rest = text[found.end() :].strip()
        if says is Says.ASPECT and found["said"]:
            problem = text[found.start("finding") : min(found.end("finding"), found.start("said"))]
        return Title(unquoted(problem), rest, says)
    return None


def is_sentence(text: str) -> bool:
    """Whether this is more than a title: long, or of several sentences."""
    return len(text) > TITLE_MOST or any(mark in text[:-1] for mark in "。；;！!？?")


# --- Labels

_COLON = r"\s?[】\]]?\s?(?:[:：]|(?<=[】\]])|。?$)\s*"
_NUMBERED = rf"(?:\d{{1,3}}|{NUMERAL}|[(（](?:\d{{1,3}}|{NUMERAL})[)）])"
_LABELS = (
    (Label.MEASURE, "(?:具体|主要)?(?:整改)?(?:措施|举措)|采取的?(?:整改)?措施"),
    (Label.PROGRESS, "整改(?:落实|进展|工作){0,2}情况|(?:落实|进展|办理)情况|整改进展|(?:主要|整改)做法"),
    (Label.RESULT, "(?:整改)?完成情况|整改(?:结果|成效|效果)|取得的?成效|工作成效"),
    (
        Label.PROBLEM,
        "(?:巡[视察]组?|审计)?(?:反馈|指出|存在|查出|发现|整改)的?(?:具体|主要|突出)?问题|(?:具体|主要)问题"
        rf"|问题(?:描述|表述|内容|表现|清单)?{_NUMBERED}?",
    ),
    (
        Label.OTHER,
        "(?:整改)?(?:责任|牵头|配合|主责|协办|督导)(?:单位|部门|科室|领导|人)(?:及责任人)?"
        "|(?:整改|完成)(?:时限|期限|时间)|整改(?:目标|要求|标准|类型|状态|进度)|完成进度|佐证(?:材料|资料)",
    ),
)
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


# --- Chapters and the notice's end

_ENDING_STARTS = (
    *("下一步", "下步", "下一阶段", "下阶段", "今后", "接下来"),
    *("欢迎广大", "欢迎社会", "欢迎各界", "欢迎干部", "特此", "附件"),
    *("联系方式", "联系电话", "联系人", "联系地址", "监督电话", "举报电话", "通讯地址", "通信地址"),
    *("电子邮箱", "电子邮件", "邮政编码", "邮政信箱"),
)
_ENDING_TITLE = re.compile(r"[^。；;，,]{0,30}?(?:下一步|下步|下阶段|下一阶段|后续|今后)[^。；;，,]{0,20}$")
_DATE_LINE = re.compile(
    r"[(（]?[\d〇零○Ｏ一二三四五六七八九十]{2,4}\s?年\s?[\d一二三四五六七八九十]{1,3}\s?月(?:\s?[\d一二三四五六七八九十]{1,3}\s?日)?[)）]?"
)
_SIGNATURE = re.compile(r"[^\s。；;，,：:、“”!！?？]{2,40}")


def ends(text: str) -> bool:
    """Whether a paragraph without its number is of those that end a notice: what is next, whom to tell, the date."""
    return text.startswith(_ENDING_STARTS) or is_date_line(text)


def is_date_line(text: str) -> bool:
    return _DATE_LINE.fullmatch(text) is not None


def may_sign(text: str) -> bool:
    """Whether a line could be the name of who publishes; it is one only where the date or the end follows it."""
    return _SIGNATURE.fullmatch(text) is not None and text.endswith(
        ("委", "会", "组", "局", "办", "室", "院", "府", "学", "司", "厅", "部", "中心")
    )


def chapter_of(text: str) -> Chapter | None:
    """The chapter that a title without its number opens; None where these words open none."""
    title = text.rstrip("。：: ")
    if is_sentence(title):
        return None
    if _ENDING_TITLE.match(title) or title.startswith(_ENDING_STARTS):
        return Chapter.ENDING
    of_findings = title.removeprefix("关于")
    if _OF_ANY_FINDING.fullmatch(of_findings) and re.search("问题|意见|整改", of_findings) and len(of_findings) > 3:
        return Chapter.FINDINGS
    if re.search("(?:问题|反馈意见|(?:任务|事项)).{0,12}(?:情况|进展|成效|落实)$", title) and title_of(title) is None:
        return Chapter.FINDINGS
    return None
