"""What the words around a limit do to it: nothing, make it doubtful, or make it the start of something.

Between limits stands ordinary prose (制定方案, 完成整改). It is harmless as long as nothing in it could turn, move
or soften a date. What could is asked after; the lists are kept on the side of asking.
"""

import re
from enum import Enum, auto

from models.timelimit.rule import ALONE, DASH


class Turn(Enum):
    """What the words right after a date make of it."""

    LIMIT = auto()
    """It stays what it is: the day by which."""
    RANGE = auto()
    """The beginning of a range that ends with the next date."""
    START = auto()
    """From then on."""
    AFTER = auto()
    """Some time after then."""
    ABOUT = auto()
    """About then."""
    PART = auto()
    """A piece of something longer: 6月30日召开的会议."""


_RANGE = re.compile(rf"(?:起|开始){{0,2}},?{DASH}(?:于)?")
"""All that may stand between the two ends of a range."""
_TURNS = (
    (Turn.START, re.compile(rf"(?:之日)?起(?:至今)?|开始|始|至今|以来|{DASH}(?!位)")),
    (Turn.AFTER, re.compile(r"[之以]?后")),
    (Turn.ABOUT, re.compile(r"左右|前后")),
)
_ALONE = re.compile(ALONE)
_STILL_OPEN = re.compile(r"\(?(?:未|不得|除外|以外|逾期|已逾期)|的|之?起|[之以]?后|左右|[-—–―─~〜]")
"""After 前, 内 or 止, which end a limit, these make no sense, or another one."""
_OF_SOMETHING = re.compile(r"[一-龥]{1,4}的")
_REFERS = re.compile(r"的|度|文件|会议|精神|要求|要点|预算|决算|工资|通知|报表|数据|以来|学")
_NEAR = 12
_CLOSED_BY = frozenset("前内止底末旬")


def turn_of(plain: str, end: int, gap: str, is_last: bool, is_stretch: bool) -> tuple[Turn, int]:
    """What the words after a date make of it, and how many characters say so.

    `plain` is the text, `end` where the date ends, `gap` all the words up to the next limit. What is to be done may
    follow a month or a quarter at once (3月启动试点); after a day that reads rather as a reference to something.
    """
    if plain[end - 1] in "前内止":
        return (Turn.PART, 0) if _STILL_OPEN.match(gap) else (Turn.LIMIT, 0)
    if not is_last and _RANGE.fullmatch(gap):
        return Turn.RANGE, len(gap)
    for turn, pattern in _TURNS:
        if match := pattern.match(gap):
            return turn, match.end()
    if plain[end - 1] in _CLOSED_BY or (_ALONE.match(plain, end) and not _OF_SOMETHING.match(gap)):
        return (Turn.PART, 0) if gap.startswith("的") else (Turn.LIMIT, 0)
    refers = not is_stretch or _REFERS.search(gap, 0, _NEAR)
    return (Turn.PART if refers else Turn.LIMIT), 0


def is_narrowed(gap: str) -> bool:
    """Whether the words after a stretch of time or a recurrence make it another: 6月(上旬), 每月初, 6月例会前."""
    return bool(_NARROWS.match(gap) or _EVENT_SOON.match(gap))


def goes_on_from(gap: str) -> bool:
    """Whether a recurrence is only where something begins: 每月5日后."""
    return bool(_FROM_THEN.match(gap))


_FROM_THEN = re.compile(r"[之以]?后|起")


_NARROWS = re.compile(
    r"[(【\[、:/ 的内]{0,2}(?:[上中下](?:旬|、[上中下]旬)|年?[初中](?!期)|中期|"
    r"[末首]?(?:周|星期|礼拜)[一二三四五六日天1-7末前]?|[头间里半首]|末(?!前)|伊始|之[初中]|"
    r"第[0-9一二三四首]|月[中初半]|最后|[一二三四五六七八九十廿卅〇](?![是个次])|"
    r"[×xX*?？_某 ]{1,4}[日号]|\([ _]{0,4}\)|[日号])|"
    r"(?:结束|过)[之以]?后|[春夏秋冬]"
)
_EVENT_SOON = re.compile(r"[一-龥]{1,8}[前后](?![期续勤备进述任])")


# Words in which a character that tells time, or turns it, tells nothing of the kind.
_HARMLESS = re.compile(
    r"(?:[自从])?(?:[收接]到?)?(?:巡[视察]组?)?反馈(?:意见|问题)?(?:之日)?(?:起|后)|[自从]?(?:即日|现在|今日?)起(?:至(?![0-9]))?|"
    r"目前|当前|此前|前期|前置|前列|前往|前瞻|靠前|提前(?=谋划|介入|部署)|会前|课前|岗前|"
    r"(?:不少于|不低于|至少)[0-9一二两三四五六七八九十]{1,3}次|每[个名位项处条所人件级]|当[季月年期](?=[一-龥])|本年度(?=[一-龥])|至少[0-9]{1,4}个?小时|上1?个?(?:月|季度|周|年度?)(?![底末初前])|下1?年度(?=[一-龥])|"
    r"另行(?=制定|印发)|暂行|暂扣|若干|缓解|缓慢|延伸|蔓延|待遇|招待|接待|亟待|有待|"
    r"整改期间|巡视|重视|忽视|轻视|坝前|或者?(?=其他|有关|相关|部分)|视频|视察|视野|"
    r"第[0-9一二三四五六七八九十]{1,3}(?:批次?|阶段|步|轮|项|条|款|类|部分|方面|方)|\([0-9一二三四五六七八九十]{1,2}\)|[①-⑳](?![0-9])|"
    r"第[0-9]{1,4}号|[〔\[(][0-9]{4}[〕\])]第?[0-9]{1,4}号|电话:?[0-9-]{6,16}|[Vv][0-9.]{1,8}版?|"
    r"附件[0-9]{1,2}|北京时间|会议期间|[0-9]{1,4}(?:\.[0-9]{1,2})?余?(?:公里|千米|公顷|平方米|立方米|万元|项|个(?![月工自日星季小年])|条|家|名|人|所|处|万|亿|元|类|件|份|次|[%％‰分起块省款辆字页门册头只株棵宗笔张支班村部户台套米吨座栋间亩篇场轮期批名亩组]|课时|学时|基点)|"
    r"(?<=[;,。\n])[0-9]\.(?![0-9])"
)
# A time that was not read, or words that move, soften or take back the date beside them.
_RISKY = re.compile(
    r"[0-9①-⑳½]|[明次后去翌上下每各本当]个?[年月季周半]|[农阴]历|正月|腊月|[寒暑]假|学[期年]|半[年月]|周[一二三四五六日末]|"
    r"十[二三四五六]五|无法|未能|不能|节[前后假]|[之以]?前|之日|日起|即日|[年月季周]度?[底末初]|(?:限|期|时间|阶段)内|到期|期满|届满|期间|"
    r"不含|不包括|除外|另定|工作日|公休|节假|休息日|不少于|不低于|\(拟|超期|草案|征求意见(?:稿|中|阶段)|放宽|展期|可.{0,6}调整|的话|完成于|"
    r"后(?=完成|实施|执行|落实|销号|种植|施工|处理|开工|开展|启动|办理|建设|验收|整改|再|方可)|年[终后]|岁末|[一二三四]季(?!度|节)|[跨转隔]年|"
    r"数[日天月年]|几个?[月日天年周]|若干|任期|党代会|下一阶段|[二三]期|分[年期]|适时|择机|酌情|看情况|根据.{0,4}(?:进度|财力|资金|情况)|动态|"
    r"时间(?:另|再|不定|未)|另[报议]|再[定议]|没有时限|难以|不确定|存疑|尚未|未$|已逾期|[,(]逾期\)?$|已[完办结]|\(原|\([起后]\)|[?±≥≤<>+]|"
    r"[明今][春夏秋冬]|[春夏秋冬][季天后前末初]|冬$|暑期|国庆|五一|元旦|春节|中秋|端午|清明|[上中下]旬|"
    r"如果|如遇|如需|如有|如未|若|视|待|除.{1,12}外|^或|或$|或(?=[0-9])|大约|大概|左右|暂|另行|延|缓|推迟|未定|不限|不设|取消|作废|"
    r"顺延|提前|最快|最早|不早|早于|晚|[^不准得应]超过|^超过|具体时间|为准|[-—–―─~〜][0-9]"
)
_OF_ANOTHER_TIME = re.compile(
    r"(?:[农阴旧]历|[明次后去翌上下每各前某]1?个?[年月季周半]度?|之日|[0-9]{1,4}[年月])[(的]?$"
)


def doubt_in(words: str) -> bool:
    """Whether words that no rule read could change what the limit beside them means."""
    return bool(_RISKY.search(words)) and bool(_RISKY.search(_HARMLESS.sub("、", words)))


def misleads(words: str) -> bool:
    """Whether words that lead to a limit, after all that leads to one is taken away, make it another: 约, 非, 问题1."""
    return bool(_MISLEADING.search(words))


_MISLEADING = re.compile(r"(?:约|非|未在?|除|[迟早逾晚后]|开?始|每逢|[?±≥≤<>])$|成熟|具备条件|必要时|同意|待批")


def is_of_another_thing(words: str) -> bool:
    """Whether the words before a date label it as something else's: 填表日期, 原时限, 合同号."""
    return bool(_OTHER_LABEL.search(words))


_OTHER_THING = (
    "填[表报]|制表|更新|数据|统计|发现|检查|交办|反馈|签订|立案|受理|登记|任职|出生|有效|租|开工|启动|起始|实际完成|销号|拨付|"
    "印发|发文|成立|会议|进展"
)
_OTHER_LABEL = re.compile(
    rf"(?:{_OTHER_THING})(?:日期|时间|情况|期至?|截至|截止)?(?:[:为于(]{{0,2}}|至)$|"
    r"原(?:定|计划|来)?(?:的?(?:完成|整改)?(?:时限|期限|时间))?[:为于是]{0,2}$|上次(?:时限)?[:为]?$|调整前[:为]?$|"
    r"(?:问题|措施|任务|事项|项目|第)$|(?:编|票|同|文|证|单)号[:为]?$|批次[:为]?$|版本[:为]?$|[Vv]$"
)


def of_another_time(words: str) -> bool:
    """Whether words right before a date say that it is a date of another time than ours: 农历6月30日."""
    return bool(_OF_ANOTHER_TIME.search(words))


_STOP = r"[,;、。.()\n\"“”'’:!\]\[【】/|+]"
_OF = "整改|完成|办结|办理|计划|预定|要求|工作|集中|治理|销号|达标|整治|落实|具体"
_LABEL = rf"(?:(?:{_OF}){{0,2}}的?(?:时限|期限|时间|日期|节点)(?:要求|节点|安排)?[:为是]{{0,2}})?"
_LEAD = (
    r"(?:预计|计划|要求|力争|争取|确保|务必|必须|应当?|须|需|拟|限|将|均|于|在|到|至|自|从|最[迟晚]|不[准得应]?[晚迟超][于过]|截[至止]|直到|"
    r"延[期长续]{1,2}|时间|前|并|且|及|同时|其中|全部|全面){0,3}"
)
_LEADS = re.compile(rf"{_LABEL}{_STOP}{{0,3}}{_LEAD}$")
_CLAUSE = re.compile(r"[,;。\n:、)(]")


def without_lead(words: str) -> str:
    """`words` without a label and words that lead to the date after them (完成时限:, 确保于, 不晚于)."""
    return _LEADS.sub("", words, count=1)


def last_clause(words: str) -> tuple[str, str]:
    """What stands before the last mark in `words`, and what stands after it; a comma at the end is none."""
    words = words.rstrip(",")
    marks = list(_CLAUSE.finditer(words))
    return (words[: marks[-1].start()], words[marks[-1].end() :]) if marks else ("", words)
