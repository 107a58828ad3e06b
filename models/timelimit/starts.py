"""From when a period counts, told by the words before it: the feedback, the receipt of a paper, or an event.

An event that nobody dated gives no day: 验收后7日内 is left to a person. How far a period reaches: periods.py.
"""

import re
from enum import Enum, auto

from models.timelimit.surroundings import doubt_in, last_clause


class Start(Enum):
    """From when a period counts, by the words before it."""

    ANCHOR = auto()
    """From the anchor: nothing is said, or the feedback is."""
    PRESUMED = auto()
    """From the receipt of a paper, which is taken to be the feedback; a person should look."""
    UNKNOWN = auto()
    """From an event whose day is not known here."""
    BACKWARD = auto()
    """Counted back from an event whose day is not known here."""


_BODY = (
    r"(?:本轮|本次|此次)?(?:[中省市区县州旗]委|上级|集团党委|校党委)?(?:第?[0-9一二三四五六七八九十]{1,3})?(?:专项)?"
    r"(?:巡视|巡察|督查|督察|督导|检查|审计|考核|评估)(?:组|单位|机关|部门|办|局)?"
)
_FROM = r"(?:[自从在于以]|自从)?"
_ON = r"(?:的?(?:之?次?日|当[日天]|之时|时(?=起)))?(?:起算?|[之以]?后|以来|开始)?(?:起|计算?|算起|起算|开始)?"
_OF_THE_FEEDBACK = (
    rf"{_FROM}(?:[收接]到?|接受|集中|正式|书面){{0,2}}(?:{_BODY})?(?:集中|正式|书面|现场)?反馈(?:会|整改)?"
    rf"(?:意见|问题|报告|情况|材料|清单|书)?(?:的?(?:整改)?(?:意见|问题|清单))?{_ON}"
)
# The paper that carries the limit itself, and so the anchor's own.
_OF_THE_PAPER = (
    rf"{_FROM}(?:[收接]到)?(?:本|该|整改|限期整改|督办|交办|问题|任务){{0,2}}"
    rf"(?:通知|通报|交办|督办|转办)(?:书|单|函|件)?{_ON}"
)
_ANYWHERE = re.compile(rf"{_OF_THE_FEEDBACK}|{_OF_THE_PAPER}")
_KNOWN = re.compile(rf"(?:{_OF_THE_FEEDBACK}|{_OF_THE_PAPER})$")
# What may stand before it: nothing, or words that lead on, after any subject.
_LEADS_ON = re.compile(
    r"(?:^|应当?|必?须|需要?|要|请您?|将|限|截[至止]|最[迟晚]|不[得应]?[迟晚]于|确保|务必|力争|争取|计划|拟|并|可以?|均|[于在:•—-])$"
)
_RECEIVED = re.compile(
    rf"(?:^|[自从在于]|应当?|须|需){_FROM}(?:(?:[收接]到[^后起,;]{{0,14}}|(?:问题|任务|整改|督办|事项)?(?:通报|交办|通知|督办|下达)){_ON}|(?:即日|现在|今日?)起|[^,;]{{0,12}}送达{_ON}|(?:今后|未来))$"
)
# Words that set a period without saying from when; and those that may stand right before one, after any subject.
_OPENERS = re.compile(
    r"(?:(?:完成|整改|办理|办结|工作|治理)?(?:时限|期限|时间|周期|限期)(?:要求|定|设定|暂定)?[:为是]?)?"
    r"(?:用|约?用时|利用|其中|其余|剩余|其他|集中整改|整改期|为期|共|历时|[短中]期\(?|近期\(?)?"
)
_MODAL = re.compile(
    r"(?:应当?|必?须|需要?|要|务必|确保|限期?|计划|拟|要求|建议|力争|争取|原则上|一律|均|全部|在|于|"
    r"不[准得应]?超过|最[长多迟晚]|可以?|请|将|通常|一般|截[至止]|[•·—-]){1,4}$"
)
_EVENT_AT_END = re.compile(r"(?:[之以]?后|起|之日|[日时]|以来|起算|开始|届满|期满|到期|当[日天])(?:的|之|计算?)?$")
# Something that happens, by its verb alone; and a case that may or may not come about.
_EVENT_VERB = re.compile(
    r"完成|结束|终了|合格|验收|签订|签署|批复|批准|核准|印发|下发|发布|公布|出具|通过|开学|发生|发现|生效|施行|竣工|移交|立案|"
    r"作出|形成|确认|认定|受理|届满|到期|期满|截止|送达|成立|举行|召开|开工|投产|停产"
)
_EVENT_EARLIER = re.compile(
    r"(?<![今落])[之以]?后(?!续|勤|备|盾)|之日|日起|届满|期满|到期|截止|逾期|合格的|[^完]成的,|发生|发现.{1,12}的$"
)
_AT_LEAST = re.compile(r"(?:不[得能应]?[少低短早]于|至少|最[少短])$")
_BACK = re.compile(r"(?:前|提前|前的)$")


def start_of(before: str, earlier: str) -> Start:
    """From when a period counts: `before` are the words between it and the limit before, `earlier` older ones."""
    older, clause = last_clause(before)
    if known := _KNOWN.search(clause):
        return _from_what_is_known(clause[: known.start()], known[0])
    if _RECEIVED.search(clause):
        return Start.PRESUMED
    if _BACK.search(clause):
        return Start.BACKWARD
    if before.endswith(",") and not _EVENT_AT_END.search(clause):
        older, clause = f"{older},{clause}", ""
    return _by_the_clause(clause, earlier + older)


def _from_what_is_known(lead: str, known: str) -> Start:
    """The feedback or the paper, unless it is something else's: 验收单位收到通知后."""
    subject = _LEADS_ON.sub("", lead)
    led_to = known[0] in "自从在于以" or _LEADS_ON.search(lead)
    return Start.ANCHOR if led_to and not _EVENT_VERB.search(subject) else Start.PRESUMED


def _by_the_clause(clause: str, earlier: str) -> Start:
    if _AT_LEAST.search(clause):
        return Start.PRESUMED
    if _OPENERS.fullmatch(clause) and not _EVENT_EARLIER.search(_ANYWHERE.sub("", earlier)):
        return Start.ANCHOR
    modal = _MODAL.search(clause)
    rest = clause[: modal.start()] if modal else clause
    earlier = _ANYWHERE.sub("", earlier)
    if _EVENT_AT_END.search(rest) or _EVENT_EARLIER.search(earlier):
        return Start.UNKNOWN
    if _OPENERS.fullmatch(rest):
        return Start.ANCHOR
    if modal:
        return Start.PRESUMED if doubt_in(rest) else Start.ANCHOR
    return Start.UNKNOWN if _EVENT_VERB.search(rest) else Start.PRESUMED
