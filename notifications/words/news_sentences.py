"""The sentences of a news: what was done and by whom, what to do now, why this party hears. Pure.

What sentences.py is to clocks, for actions of people. Who hears what is decided elsewhere (models/news.py); nothing
here knows a message, a template or a database. Where a stand-in reads, the party it stands in for is called by name,
since 您单位 would be another.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from models.closure import EVIDENCE_ZH
from models.lifecycle import CLOSURE_ZH, ROLE_ZH, STAGE_ZH, Role
from models.news import NewsKind
from models.saying import Saying, command_zh
from notifications.words.bulletin import NewsItem
from notifications.words.particulars import Change, Undelivered
from notifications.words.sentences import Timing, when_zh


@dataclass(frozen=True, slots=True)
class Detail:
    """A line of an entry beside those that every entry has."""

    label: str
    text: str


STATEMENT_SHOWN = 200
"""Characters of a report in a message; who must judge it reads the whole of it beside its evidence."""
FILES_SHOWN = 10
MEASURES_SHOWN = 20

_U, _C, _L, _G, _S, _A, _H = Role

# The formatter is off where a person reads a table: it would spread each over a page.
# fmt: off
_YOU: Mapping[Role, str] = MappingProxyType({
    _U: "您单位", _C: "您单位", _L: "您", _G: "贵组", _S: "贵组", _A: "贵组", _H: "您",
})

# What happened. The first that fits is said: by kind and role, where a date follows, by kind.
_HEADLINES_BY_ROLE: Mapping[tuple[NewsKind, Role], str] = MappingProxyType({
    (NewsKind.ASSIGNED, _U): "{by}将本措施交办{you}",
    (NewsKind.ASSIGNED, _C): "{by}将本措施交办{unit}，由{you}配合",
    (NewsKind.ASSIGNED, _L): "{by}将本措施交办{unit}，由{you}牵头",
    (NewsKind.HANDED_OVER, _U): "{by}将本措施改派{you}负责{unit_before}",
    (NewsKind.HANDED_OVER, _L): "{by}将本措施改由{you}牵头{lead_before}",
    (NewsKind.TAKEN_AWAY, _U): "{by}将本措施改派{unit}负责，{you}不再负责",
    (NewsKind.TAKEN_AWAY, _L): "{by}将本措施改由{lead}牵头，{you}不再牵头",
})
_HEADLINES_DATED: Mapping[NewsKind, str] = MappingProxyType({
    NewsKind.CLOSED: "经{by}审核同意，本措施销号并转入回头看",
    NewsKind.FOLLOW_UP_PASSED: "{by}回头看核查通过，本措施继续长期坚持",
})
_HEADLINES: Mapping[NewsKind, str] = MappingProxyType({
    NewsKind.ASSIGNED: "{by}交办本措施",
    NewsKind.CHECK_WANTED: "{by}已上报整改情况，提请核查",
    NewsKind.EVIDENCE_ADDED: "{by}补充了佐证材料",
    NewsKind.RETURNED: "{by}将本措施退回整改",
    NewsKind.REVIEW_WANTED: "{by}已发起销号审核，提请审核",
    NewsKind.CLOSED: "经{by}审核同意，本措施已销号",
    NewsKind.FOLLOW_UP_WANTED: "{by}决定对本措施开展回头看",
    NewsKind.FOLLOW_UP_PASSED: "{by}回头看核查通过，本措施仍为已销号",
    NewsKind.EXTENSION_ASKED: "{by}申请延期{moved}",
    NewsKind.EXTENSION_GRANTED: "{by}同意延期{moved}",
    NewsKind.EXTENSION_REFUSED: "{by}不同意延期{kept}",
    NewsKind.LIMIT_SET: "{by}重定时限{moved}",
    NewsKind.HELD: "{by}将本措施挂起，各项时限暂停计算",
    NewsKind.RESUMED: "{by}恢复办理本措施，各项时限继续计算",
    NewsKind.REOPENED: "{by}决定对本措施重新整改",
    NewsKind.HANDED_OVER: "{by}改派本措施{changes}",
    NewsKind.TAKEN_AWAY: "{by}改派本措施{changes}",
    NewsKind.REASSIGNED: "{by}改派本措施{changes}",
    NewsKind.TAKEN_UP: "{by}受理了本措施的问责提请",
    NewsKind.OUTCOME: "{by}登记了本措施的问责处理结果{outcome}",
    NewsKind.WITHDRAWN: "{by}将本措施作废",
    NewsKind.UNDELIVERED: "{undelivered}",
})
_CLOSURE_REFUSED = "{by}不予销号，将本措施退回整改"

# What whoever must act should do; {within} becomes the date with the working days left.
_RECTIFY = "请按要求{within}完成整改，重新提交自查上报和佐证材料。"
_GO_ON = "请{within}完成整改，提交自查上报和佐证材料。"
_HOLD_ON = "请继续落实长效措施，并{within}开展回头看自查、报告长期坚持情况。"
_INSTRUCTIONS: Mapping[tuple[NewsKind, Role], str] = MappingProxyType({
    (NewsKind.ASSIGNED, _U): "请尽快签收并明确经办人，{within}完成整改，提交自查上报和佐证材料。",
    (NewsKind.CHECK_WANTED, _S): "请{within}组织核查，作出核查通过或退回整改的意见。",
    (NewsKind.RETURNED, _U): _RECTIFY,
    (NewsKind.REVIEW_WANTED, _L): "请{within}作出是否同意销号的决定。",
    (NewsKind.REVIEW_WANTED, _H): "请{within}作出是否同意销号的决定。",
    (NewsKind.CLOSED, _U): _HOLD_ON,
    (NewsKind.FOLLOW_UP_WANTED, _U): "请{within}开展回头看自查，并报告长期坚持情况。",
    (NewsKind.FOLLOW_UP_PASSED, _U): _HOLD_ON,
    (NewsKind.EXTENSION_ASKED, _L): "请{within}作出是否同意延期的决定。",
    (NewsKind.EXTENSION_GRANTED, _U): _GO_ON,
    (NewsKind.EXTENSION_REFUSED, _U): "请仍按原时限，{within}完成整改，提交自查上报和佐证材料。",
    (NewsKind.LIMIT_SET, _U): _GO_ON,
    (NewsKind.RESUMED, _U): "请按恢复后的时限继续办理，其中最近一项请{within}办结。",
    (NewsKind.RESUMED, _L): "请按恢复后的时限继续办理，{within}作出决定。",
    (NewsKind.REOPENED, _U): _RECTIFY,
    # The clock that runs may be another's: the measure may be with the supervision group.
    (NewsKind.HANDED_OVER, _U): "请与原责任单位做好交接，接续办理。{clock}",
    (NewsKind.HANDED_OVER, _L): "请督促{unit}按时限办理；已提请牵头领导审核、审批的事项，请接续作出决定。{clock}",
    (NewsKind.UNDELIVERED, _G): "{undelivered}", (NewsKind.UNDELIVERED, _S): "{undelivered}",
})
_ONLY_DATED = frozenset({
    NewsKind.CHECK_WANTED, NewsKind.REVIEW_WANTED, NewsKind.EXTENSION_ASKED,
    NewsKind.CLOSED, NewsKind.FOLLOW_UP_PASSED, NewsKind.RESUMED,
})
"""News after which a party must act only where a date waits for it: of several groups, one holds the clock."""

# What to do now for everybody else.
_WITH_UNIT = "请知悉，并配合{unit}做好整改工作。"
_PRESS_UNIT = "请知悉，并督促{unit}抓紧整改。"
_TRACK = "请知悉，并跟踪督办。"
_TO_KNOW: Mapping[tuple[NewsKind, Role], str] = MappingProxyType({
    (NewsKind.ASSIGNED, _C): _WITH_UNIT, (NewsKind.ASSIGNED, _L): "请知悉，并督促{unit}尽快签收、抓紧整改。",
    (NewsKind.EVIDENCE_ADDED, _S): "请知悉，并在核查和发起销号审核时一并审阅。",
    (NewsKind.RETURNED, _C): _WITH_UNIT, (NewsKind.RETURNED, _L): _PRESS_UNIT, (NewsKind.RETURNED, _S): _TRACK,
    (NewsKind.FOLLOW_UP_WANTED, _L): "请知悉，并督促{unit}做好回头看。",
    (NewsKind.EXTENSION_GRANTED, _C): _WITH_UNIT, (NewsKind.EXTENSION_GRANTED, _S): _TRACK,
    (NewsKind.EXTENSION_REFUSED, _S): _TRACK,
    (NewsKind.LIMIT_SET, _C): _WITH_UNIT, (NewsKind.LIMIT_SET, _S): _TRACK,
    (NewsKind.HELD, _U): "恢复之前时限暂停计算，请知悉。",
    (NewsKind.RESUMED, _C): _WITH_UNIT,
    (NewsKind.REOPENED, _C): _WITH_UNIT, (NewsKind.REOPENED, _L): _PRESS_UNIT, (NewsKind.REOPENED, _S): _TRACK,
    (NewsKind.TAKEN_AWAY, _U): "请知悉，并向{unit}移交有关材料。",
    (NewsKind.TAKEN_AWAY, _L): "请知悉，并向{lead}移交有关情况。",
    (NewsKind.REASSIGNED, _U): "请知悉，并做好工作衔接。", (NewsKind.REASSIGNED, _C): "请知悉，并做好工作衔接。",
    (NewsKind.TAKEN_UP, _U): "请知悉，并配合责任追究组核实情况。",
    (NewsKind.WITHDRAWN, _U): "本措施不再办理，请知悉。", (NewsKind.WITHDRAWN, _C): "本措施不再办理，请知悉。",
})
_JUST_KNOW = "请知悉。"

# Why it is this party that hears, where being what it is does not say enough.
_WHY_MORE: Mapping[tuple[NewsKind, Role], str] = MappingProxyType({
    (NewsKind.CHECK_WANTED, _S): "负责督查核查",
    (NewsKind.REVIEW_WANTED, _L): "销号须经牵头领导审核",
    (NewsKind.REVIEW_WANTED, _H): "重大措施的销号须经组长审核",
    (NewsKind.CLOSED, _H): "重大措施的销号须告知组长",
    (NewsKind.EXTENSION_ASKED, _L): "延期须经牵头领导审批",
    (NewsKind.UNDELIVERED, _G): "督办消息未能送达的，须由综合组另行告知",
    (NewsKind.UNDELIVERED, _S): "综合组无法送达时，未能送达的督办消息须告知督办组",
})
_IS: Mapping[NewsKind, str] = MappingProxyType({NewsKind.HANDED_OVER: "现为", NewsKind.TAKEN_AWAY: "原是"})
_OF_MEASURE = frozenset({_U, _C, _L})

_DUE_LABELS: Mapping[NewsKind, str] = MappingProxyType({
    NewsKind.CHECK_WANTED: "核查时限", NewsKind.REVIEW_WANTED: "销号审核时限",
    NewsKind.CLOSED: "下次回头看时限", NewsKind.FOLLOW_UP_WANTED: "回头看时限",
    NewsKind.FOLLOW_UP_PASSED: "下次回头看时限", NewsKind.EXTENSION_ASKED: "延期审批时限",
    NewsKind.HANDED_OVER: "现行最近时限", NewsKind.RESUMED: "最近时限",
})
_STATEMENT_LABELS: Mapping[NewsKind, str] = MappingProxyType({NewsKind.OUTCOME: "处理情况"})
_DECIDED_BY_CLASS = frozenset({NewsKind.REVIEW_WANTED, NewsKind.CLOSED})
# fmt: on


def headline_zh(item: NewsItem, stand_in_for: str = "") -> str:
    """What happened, and by which party. No full stop."""
    told = item.told
    return _headline_form(item).format(
        by=item.by_party,
        you=_you_zh(item.role, stand_in_for),
        unit=told.unit.after or item.unit,
        lead=told.lead.after or item.lead,
        unit_before=_formerly(told.unit, "责任单位"),
        lead_before=_formerly(told.lead, "牵头领导"),
        changes=_changes_zh(told.unit, told.lead),
        moved=_moved_zh(item),
        kept=f"，整改时限仍为{item.due_on}" if item.due_on else "",
        outcome=f"：{told.outcome}" if told.outcome else "",
        undelivered=_undelivered_zh(told.undelivered),
    )


def todo_zh(item: NewsItem, on: date) -> str:
    """What this party should do now. Whoever must act hears by when, everybody else 请知悉."""
    names = {"unit": item.told.unit.after or item.unit, "lead": item.told.lead.after or item.lead}
    if not must_act(item):
        return _TO_KNOW.get((item.kind, item.role), _JUST_KNOW).format(**names)
    form = _INSTRUCTIONS[item.kind, item.role]
    clock = _clock_zh(item, on)
    is_late = item.due_on is not None and Timing.of(item.due_on, on) is Timing.LATE
    undelivered = _to_be_told_zh(item.told.undelivered)
    said = form.format(within=_within_zh(item, on), clock=clock, undelivered=undelivered, **names)
    return said + clock if is_late and "{clock}" not in form else said


def why_zh(item: NewsItem, stand_in_for: str = "") -> str:
    """Why this party receives it. No full stop."""
    subject = _you_zh(item.role, stand_in_for)
    whole = "本措施" if item.role in _OF_MEASURE else "本轮整改"
    more = _WHY_MORE.get((item.kind, item.role), "")
    said = f"{subject}{_IS.get(item.kind, '是')}{whole}的{ROLE_ZH[item.role]}"
    return f"{said}，{more}" if more else said


def must_act(item: NewsItem) -> bool:
    """Whether this party has something to do by this news, and does not only hear of it."""
    return (item.kind, item.role) in _INSTRUCTIONS and (item.kind not in _ONLY_DATED or item.due_on is not None)


def due_label_zh(kind: NewsKind) -> str:
    """What the date of such news is a limit for."""
    return _DUE_LABELS.get(kind, "整改时限")


def details_of(item: NewsItem) -> tuple[Detail, ...]:
    """What else must be known: reasons and what is missing, what was handed in, and how the action came about."""
    return tuple(Detail(label, text) for label, text in (*_content(item), *_circumstances(item)) if text)


def _content(item: NewsItem) -> Iterator[tuple[str, str]]:
    told = item.told
    yield "理由", told.reason
    yield "尚缺内容", _listed(told.missing)
    yield _STATEMENT_LABELS.get(item.kind, "上报情况"), _shortened(told.statement)
    yield "所附材料", _files_zh(told.evidence)
    yield "依据材料", told.basis
    yield "恢复后时限", "，".join(f"{STAGE_ZH[stage]}{day}" for stage, day in told.due)
    yield "销号类别", CLOSURE_ZH[item.closure] if item.kind in _DECIDED_BY_CLASS else ""
    yield "回头看间隔", told.interval
    if told.undelivered:
        yield "涉及措施", _counted(told.undelivered.measures)
        yield "未送达原因", told.undelivered.why


def _circumstances(item: NewsItem) -> Iterator[tuple[str, str]]:
    told = item.told
    if told.stand_in:
        yield "代办说明", f"由{told.stand_in}代{item.by_party}办理"
    if told.recorded_by:
        yield "录入说明", f"由{told.signed_by}书面签批，{told.recorded_by}代为录入"
    if told.exempted:
        by, reason = told.exempted.granted_by, told.exempted.reason
        yield "单人例外", f"{told.exempted.person}一人兼办应当回避的事项，由组长（{by}）准许，理由：{reason}"


_DIED_ZH = {"rejected": "被拒收", "expired": "直到过时仍未能投递", "bounced": "投递后被退回"}


def _undelivered_zh(dead: Undelivered | None) -> str:
    if dead is None:
        return ""
    return f"发给{dead.party}的督办消息（编号{dead.message}，{dead.on}）{_DIED_ZH.get(dead.fate, '未能送达')}"


def _to_be_told_zh(dead: Undelivered | None) -> str:
    """What somebody must do now that a message died."""
    if dead is None:
        return ""
    doubt = "它曾有投递是否送达不明，请先向对方核实。" if dead.doubtful else ""
    look = "核对其通知地址" if dead.address_failed else "请管理系统的人员查明消息为何无法生成"
    told = f"已另行告知的，请登记：{command_zh(Saying.ARRIVED, dead.message)}。"
    return f"{doubt}请用其他方式告知{dead.party}，并{look}。{_again_zh(dead)}{told}"


def _again_zh(dead: Undelivered) -> str:
    """How it is sent again; empty where it was past its useful life. By itself only what was surely never taken is."""
    if dead.fate == "expired":
        return ""
    if dead.fate == "rejected" and dead.address_failed and not dead.doubtful:
        return "地址改正后会自动重新投递；"
    when = "地址改正后" if dead.address_failed else "查明后"
    return f"{when}可以重新发送：{command_zh(Saying.RESEND, dead.message)}；"


def _counted(measures: tuple[str, ...]) -> str:
    shown = "、".join(measures[:MEASURES_SHOWN])
    return f"{shown}等{len(measures)}项" if len(measures) > MEASURES_SHOWN else shown


def _you_zh(role: Role, stand_in_for: str) -> str:
    return stand_in_for or _YOU[role]


def _headline_form(item: NewsItem) -> str:
    if item.kind is NewsKind.RETURNED and item.told.is_closure_decision:
        return _CLOSURE_REFUSED
    dated = _HEADLINES_DATED.get(item.kind) if item.due_on else None
    return _HEADLINES_BY_ROLE.get((item.kind, item.role)) or dated or _HEADLINES[item.kind]


def _formerly(change: Change, what: str) -> str:
    return f"（原{what}：{change.before}）" if change.before else ""


def _changes_zh(unit: Change, lead: Change) -> str:
    changed = [
        f"{what}由{change.before}改为{change.after}"
        for what, change in (("责任单位", unit), ("牵头领导", lead))
        if change.after
    ]
    return f"：{'，'.join(changed)}" if changed else ""


def _moved_zh(item: NewsItem) -> str:
    """From which date to which; empty where the new one is not known. What is only asked for moved nothing yet."""
    old, new, verb = item.told.old_due_on, item.told.new_due_on, "改为"
    if item.kind is NewsKind.EXTENSION_ASKED:
        verb = "延至"
    else:
        new = new or item.due_on
    if new is None:
        return ""
    return f"，整改时限由{old}{verb}{new}" if old else f"，整改时限{verb}{new}"


def _within_zh(item: NewsItem, on: date) -> str:
    """By when, as a part of a sentence. Empty without a date."""
    if item.due_on is None:
        return ""
    match Timing.of(item.due_on, on):
        case Timing.AHEAD:
            return f"在{item.due_on}前（含当日，{when_zh(item.due_on, item.days, on)}）"
        case Timing.TODAY:
            return f"于今日（{item.due_on}）"
        case Timing.LATE:
            return "立即"


def _clock_zh(item: NewsItem, on: date) -> str:
    """The date and where the day stands to it, as a sentence of its own."""
    if item.due_on is None:
        return ""
    return f"{due_label_zh(item.kind)}为{item.due_on}，{when_zh(item.due_on, item.days, on)}。"


def _listed(things: Iterable[str]) -> str:
    """Numbered where there are several: （1）…；（2）…"""
    found = tuple(things)
    if len(found) == 1:
        return found[0]
    return "；".join(f"（{n}）{thing}" for n, thing in enumerate(found, start=1))


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= STATEMENT_SHOWN else f"{text[:STATEMENT_SHOWN]}……（全文见督办系统）"


def _files_zh(files: tuple[tuple[str, str], ...]) -> str:
    kinds = {str(kind): zh for kind, zh in EVIDENCE_ZH.items()}
    shown = "、".join(f"{name}（{kinds.get(kind, kind)}）" if kind else name for name, kind in files[:FILES_SHOWN])
    return f"{shown}等{len(files)}份" if len(files) > FILES_SHOWN else shown
