"""What a digest says: its values, its headline, and what the templates of a digest may name.

To clocks what a bulletin is to actions (bulletin.py, bulletin_context.py). Pure: no template, no database, no clock.
Offices write their own templates against these names, so they are kept. The sentences are in sentences.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from models.ladder import COLOUR_ZH, MessageKind, NoticeKind
from models.lifecycle import ROLE_ZH, STAGE_ZH, Role, Stage
from notifications.words.sentences import PROVISIONAL_ZH, Timing, measure_order, one_line, reason_zh, todo_zh, when_zh


@dataclass(frozen=True, slots=True)
class Item:
    """One notice, ready to be said. Names are as the ledger writes them.

    `days` are working days: left (> 0), none left (0), or late (< 0). `role` is what the party is to
    this measure; where it receives for another, what the other is. `colour` is a Colour, or empty where none
    is set. `provisional`: the date rests on a day of a year not announced yet. `limit_text` is the ledger's.
    """

    measure_no: str
    problem: str
    text: str
    unit: str
    lead: str
    role: Role
    stage: Stage
    rung: str
    kind: NoticeKind
    colour: str
    due_on: date
    days: int
    provisional: bool
    limit_text: str


@dataclass(frozen=True, slots=True)
class Digest:
    """One message to one party. `stand_in_for` names the party in whose place it is received, else empty."""

    party: str
    party_code: str
    on: date
    kind: MessageKind
    items: tuple[Item, ...]
    round_name: str
    rehearsal: bool
    stand_in_for: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as a template sees it: each field one line of text. `paint` is the CSS colour of `colour`."""

    measure_no: str
    problem: str
    text: str
    unit: str
    lead: str
    stage: str
    colour: str
    paint: str
    due_on: str
    provisional: str
    limit_text: str
    when: str
    todo: str
    reason: str


@dataclass(frozen=True, slots=True)
class Section:
    """The entries of one role, most urgent first."""

    title: str
    entries: tuple[Entry, ...]


_PAINT: Mapping[str, str] = MappingProxyType(
    {
        "blue": "#1565c0",
        "green": "#2e7d32",
        "yellow": "#8a6d00",
        "orange": "#c75000",
        "red": "#c62828",
    }
)
_COLOUR_NAMES: Mapping[str, str] = MappingProxyType({str(colour): zh for colour, zh in COLOUR_ZH.items()})


def headline_zh(digest: Digest) -> str:
    """What the message is about, in one line: 整改督办：3项措施超期，其中1项提请问责."""
    told = [item for item in digest.items if item.kind is not NoticeKind.ADDRESS]
    unreachable = {item.unit for item in digest.items if item.kind is NoticeKind.ADDRESS}
    clauses = []
    if told:
        referred = {item.measure_no for item in told if item.kind is NoticeKind.REFER}
        counts = "、".join(_counts_zh(told, digest.on))
        clauses.append(f"{counts}，其中{len(referred)}项提请问责" if referred else counts)
    if unreachable:
        clauses.append(f"{len(unreachable)}个单位无可用通知地址")
    return f"{_title_zh(digest)}：{'；'.join(clauses)}"


def _title_zh(digest: Digest) -> str:
    kinds = {item.kind for item in digest.items}
    if digest.kind is MessageKind.DIGEST:
        return "整改催办" if NoticeKind.URGE in kinds else "整改提醒"
    return "通知无法送达" if kinds == {NoticeKind.ADDRESS} else "整改督办"


def _counts_zh(items: Iterable[Item], on: date) -> Iterable[str]:
    """How many measures are late, due and near, with the stage where it is one and another than complete."""
    groups: dict[Timing, list[Item]] = {timing: [] for timing in Timing}
    for item in items:
        groups[Timing.of(item.due_on, on)].append(item)
    states = {Timing.LATE: "超期", Timing.TODAY: "今日到期", Timing.AHEAD: "临近时限"}
    for timing, group in groups.items():
        if group:
            measures = len({item.measure_no for item in group})
            yield f"{measures}项措施{_of_stages({item.stage for item in group})}{states[timing]}"


def _of_stages(stages: set[Stage]) -> str:
    if stages == {Stage.COMPLETE}:
        return ""
    return STAGE_ZH[next(iter(stages))] if len(stages) == 1 else "有事项"


def context_of(digest: Digest) -> dict[str, object]:
    """Everything a template may name."""
    return {
        "party": one_line(digest.party),
        "stand_in_for": one_line(digest.stand_in_for),
        "on": digest.on.isoformat(),
        "round_name": one_line(digest.round_name),
        "kind": str(digest.kind),
        "rehearsal": digest.rehearsal,
        "headline": headline_zh(digest),
        "count": len(digest.items),
        "sections": sections_of(digest),
    }


def sections_of(digest: Digest) -> tuple[Section, ...]:
    """Its items by the capacity they are told in."""
    by_role: dict[Role, list[Item]] = {role: [] for role in Role}
    for item in digest.items:
        by_role[item.role].append(item)
    return tuple(
        Section(f"作为{ROLE_ZH[role]}", tuple(_entry(item, digest.on) for item in sorted(own, key=_urgency)))
        for role, own in by_role.items()
        if own
    )


def _urgency(item: Item) -> tuple[object, ...]:
    return item.due_on, measure_order(item.measure_no)


def _entry(item: Item, on: date) -> Entry:
    unit = one_line(item.unit)
    return Entry(
        measure_no=one_line(item.measure_no),
        problem=one_line(item.problem),
        text=one_line(item.text),
        unit=unit,
        lead=one_line(item.lead),
        stage=STAGE_ZH[item.stage],
        colour=_COLOUR_NAMES.get(item.colour, item.colour),
        paint=_PAINT.get(item.colour, "#555555"),
        due_on=item.due_on.isoformat(),
        provisional=PROVISIONAL_ZH if item.provisional else "",
        limit_text=one_line(item.limit_text),
        when=when_zh(item.due_on, item.days, on),
        todo=todo_zh(stage=item.stage, kind=item.kind, role=item.role, timing=Timing.of(item.due_on, on), unit=unit),
        reason=_reason(item, unit),
    )


def _reason(item: Item, unit: str) -> str:
    return reason_zh(
        stage=item.stage,
        rung=item.rung,
        kind=item.kind,
        role=item.role,
        due_on=item.due_on,
        days=item.days,
        provisional=item.provisional,
        unit=unit,
    )


def _trials() -> tuple[Digest, ...]:
    """Two digests that between them pass through every branch a template may have."""
    day = date(2023, 6, 26)
    near = Item("1", "问题", "措施", "单位", "领导", Role.UNIT, Stage.COMPLETE, "complete/-5wd",
                NoticeKind.REMIND, "yellow", day, 0, True, "6月底前")  # fmt: skip
    late = Item("2", "", "措施", "单位", "", Role.LEAD, Stage.ACCEPT, "accept/+5wd",
                NoticeKind.OVERDUE, "", day, -5, False, "")  # fmt: skip
    return (
        Digest("单位", "D01", day, MessageKind.DIGEST, (near,), "轮次", rehearsal=True, stand_in_for="单位"),
        Digest("单位", "D01", day, MessageKind.ESCALATION, (near, late), "", rehearsal=False),
    )


TRIALS = _trials()
