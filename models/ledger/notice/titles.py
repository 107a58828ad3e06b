"""What a paragraph of a published notice is by its own words: a problem's title, a chapter's, or of the notice's end.

Runs for each paragraph while a notice is read into drafts. PURE, and knows nothing of the paragraphs around it:
models/ledger/notice/gathering.py puts them together. The forms are those of published notices; the word 关于 and
quotation marks may be missing, and nothing is matched by likeness.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

TITLE_MOST = 60
"""Characters of a title that no form tells; what is longer is a sentence."""
_FORM_WITHIN = 1000
"""A form is sought in so many characters: some problems are quoted at length."""


class Says(StrEnum):
    """How surely a title names a problem."""

    PROBLEM = "problem"
    ASPECT = "aspect"
    IN_PASSING = "in_passing"


@dataclass(frozen=True, slots=True)
class Title:
    """A problem's title: the problem without its quotation marks, what follows on the same line, how it was said.

    PROBLEM says 问题 or 整改情况; ASPECT says 方面, and may stand above other titles; IN_PASSING goes on in the same
    sentence with what was done. `note` is what stands in brackets after the title: （已完成）.
    """

    problem: str
    rest: str
    says: Says
    note: str = ""


class Chapter(StrEnum):
    """What a chapter of a notice holds: what came of the problems, something else, or what ends the notice."""

    PROBLEMS = "problems"
    OTHER = "other"
    ENDING = "ending"


# --- Titles of problems

QUOTATION_MARKS = '“「『‘"'
"""Those that open a quotation; the last closes it too."""
_OPENING, _CLOSING = QUOTATION_MARKS[:-1], "”」』’"
_HIDDEN = "�"
_OF_IT = "的?(?:整改|改进|落实|进展|推进|完成|工作|措施){0,4}(?:情况|结果|成效)?"
_PROBLEM = rf"(?:存在|反映)?的?(?:突出|具体|主要)?问题{_OF_IT}"
_ASPECT = rf"方面(?:(?:存在)?的?(?:突出|具体|主要)?问题)?{_OF_IT}"
_WORK_ONLY = "的?整改(?:落实|进展|完成|工作)*+情况"
_NOTE = "(?P<note>[(（【][^)）】]{1,20}[)）】])?"
_GOES_ON = rf"{_NOTE}(?P<end>[。：:；;]|$)"
_IS_OVER = rf"{_NOTE}(?P<end>[。：:]?$)"
_TITLES = (
    # (关于)“…”问题的整改情况: what is quoted is the problem, whatever stands in it
    (Says.PROBLEM, rf"(?:关于|针对|对于|对|就)?(?P<problem>{_HIDDEN}++){_PROBLEM}{_GOES_ON}"),
    (Says.ASPECT, rf"(?:关于|针对|对于|对|在|围绕|聚焦)?(?P<problem>{_HIDDEN}++){_ASPECT}{_GOES_ON}"),
    (Says.PROBLEM, rf"(?:关于|针对)(?P<problem>{_HIDDEN}++)(?:{_WORK_ONLY})?{_GOES_ON}"),
    # 以下方面, 三个方面 are no problem
    (
        Says.ASPECT,
        rf"(?:关于|针对|在|围绕|聚焦)?(?P<problem>[^。：:；;，,]{{1,80}}?(?<![下列等各多个些几])方面)"
        rf"(?:(?:存在)?的?(?:突出|具体|主要)?问题)?{_OF_IT}{_IS_OVER}",
    ),
    (Says.PROBLEM, rf"(?:关于|针对)(?P<problem>[^。：:；;，,]{{1,120}}?){_PROBLEM}{_GOES_ON}"),
    (Says.PROBLEM, rf"关于(?P<problem>[^。：:；;]{{1,120}}?)(?:{_PROBLEM}|{_WORK_ONLY}){_IS_OVER}"),
    (Says.PROBLEM, rf"(?P<problem>[^。：:；;]{{1,80}}?)问题的?整改(?:落实|进展|完成|工作)*+情况{_IS_OVER}"),
    (
        Says.IN_PASSING,
        rf"(?:关于|针对|对于|对)(?P<problem>{_HIDDEN}++)(?:存在)?的?(?:突出|具体)?问题(?P<note>)(?P<end>[，,])",
    ),
    (Says.IN_PASSING, rf"针对(?P<problem>{_HIDDEN}++)(?P<note>)(?P<end>[，,])"),
    (Says.IN_PASSING, r"针对(?P<problem>[^。：:；;，,]{2,60}?)的?问题(?P<note>)(?P<end>[，,])"),
)
_TITLE_FORMS = tuple((says, re.compile(form)) for says, form in _TITLES)
_OF_THE_NOTICE = re.compile(
    "(?:反馈|指出|发现|查出|移交|巡视|巡察|审计|督察|督查|整改)"
    "(?:的|具体|主要|重点|突出|各类|全部|有关|相关|意见|落实|进展)*+$"
)
"""How what stands before 问题整改情况 ends where this is the title of the notice or of a chapter."""
_OF_ANY_PROBLEM = re.compile(
    r"(?:[省市区县旗州校院局厅部中央党委组第一二三四五六七八九十届轮次\d所的个项条各上级及和]"
    r"|巡视|巡察|审计|督查|督察|检查|考核|环保|生态环境|保护|反馈|指出|发现|查出|移交|意见|问题|整改|落实|工作|具体"
    r"|主要|重点|突出|有关|相关|情况|存在|进展|方面|成效|结果|逐项|逐条|对照|抓好|推进|全面|类)*+"
)
"""Words of which the title of a whole chapter is made: 市委巡察组反馈意见 names no problem."""


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
    """The problem that a paragraph without its number is the title of; None where no form tells one."""
    hidden = _hidden(text[:_FORM_WITHIN])
    for says, form in _TITLE_FORMS:
        found = form.match(hidden)
        if not found or (found["end"] == "" and len(text) > _FORM_WITHIN):
            continue
        problem = text[slice(*found.span("problem"))]
        if _HIDDEN not in found["problem"] and (_OF_ANY_PROBLEM.fullmatch(problem) or _OF_THE_NOTICE.search(problem)):
            return None
        return Title(unquoted(problem), text[found.end() :].strip(), says, found["note"] or "")
    return None


def may_name_problem(text: str) -> bool:
    """Whether a short line begins or ends as a problem's title does, though no form tells that it is one."""
    return text.startswith(("关于", "针对")) or text.rstrip("。：: ").endswith("问题")


def is_sentence(text: str) -> bool:
    """Whether this is more than a title: long, or of several sentences."""
    return len(text) > TITLE_MOST or any(mark in text[:-1] for mark in "。；;！!？?")


# --- Chapters and the notice's end

_OF_PROBLEMS = re.compile("(?:问题|意见|整改).{0,12}(?:情况|进展|成效|结果|落实)$|(?:问题|意见)$")
_WORK_ON_PROBLEMS = re.compile("(?:问题|反馈意见|任务|事项).{0,12}(?:情况|进展|成效|落实)$")
_HOW_FAR = re.compile(
    "(?:已|未|正在|尚|需|长期|持续|继续|限期|阶段)[^。；;，,：:]{0,14}(?:事项|任务|问题)(?:清单|情况)?$"
)
_IS_WORK = ("整改", "完成", "推进", "解决", "办结")
_NEXT = ("下一步", "下步", "下一阶段", "下阶段", "今后", "接下来")
_NEXT_STEP = re.compile(rf"(?:{'|'.join(_NEXT)})(?P<of>[^。；;，,：:]{{0,8}}[：:]\s*)?")
_ENDING_STARTS = (
    *_NEXT,
    *("欢迎广大", "欢迎社会", "欢迎各界", "欢迎干部", "特此", "附件", "公示期", "公示时间"),
    *("联系方式", "联系电话", "联系人", "联系地址", "监督电话", "举报电话", "通讯地址", "通信地址"),
    *("电子邮箱", "电子邮件", "邮政编码", "邮政信箱"),
)
_ENDING_TITLE = re.compile(r"[^。；;，,]{0,30}?(?:下一步|下步|下阶段|下一阶段|后续|今后)[^。；;，,]{0,20}$")
_COUNT = r"[\d一二三四五六七八九十]{1,3}\s?"
_DATE_LINE = re.compile(rf"[(（]?[\d〇零○一二三四五六七八九十]{{2,4}}\s?年\s?{_COUNT}月(?:\s?{_COUNT}日)?[)）]?")
_PROMISE = re.compile("[^。；;，,：:]{0,20}(?:将继续|将以|将进一步|将持续|将始终|将坚持)")
_CONTACT = re.compile("(?:联系|监督|举报|咨询)(?:电话|方式)[：:]")
_SIGNATURE = re.compile(r"[^\s。；;，,：:、“”!！?？]{2,40}")


def ends(text: str) -> bool:
    """Whether a paragraph without its number is of those that end a notice: what is next, whom to tell, the date."""
    return text.startswith(_ENDING_STARTS) or is_date_line(text) or _CONTACT.search(text) is not None


def next_step(text: str) -> str | None:
    """What is to be done next, where a sentence says so; None of any other paragraph, and of a title."""
    found = _NEXT_STEP.match(text)
    if not found or not (found["of"] or is_sentence(text) or re.search("[，,。]", text)):
        return None
    return (text[found.end() :] if found["of"] else text) or None


def says_how_far(text: str) -> bool:
    """Whether the title of a chapter says how far its problems have come: 需要长期整改事项, 尚未完成整改的问题."""
    title = text.rstrip("。：: ")
    return not is_sentence(title) and _HOW_FAR.search(title) is not None and any(word in title for word in _IS_WORK)


def promises(text: str) -> bool:
    """Whether a paragraph says what will be done from now on, as the last ones of a notice do."""
    return _PROMISE.match(text) is not None


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
    of_problems = title.removeprefix("关于")
    if _OF_ANY_PROBLEM.fullmatch(of_problems) and _OF_PROBLEMS.search(of_problems) and len(of_problems) > 4:
        return Chapter.PROBLEMS
    if _WORK_ON_PROBLEMS.search(title) and title_of(title) is None:
        return Chapter.PROBLEMS
    return None
