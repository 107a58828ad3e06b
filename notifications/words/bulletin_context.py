"""What the templates of a bulletin may name, built from its values. Pure: no template, no database, no clock.

Offices write their own templates against these names, so they are kept. The sentences are in news_sentences.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from models.lifecycle import ClosureClass, Role
from models.news import NEWS_ZH, NewsKind
from notifications.words.bulletin import Bulletin, NewsItem
from notifications.words.news_sentences import Detail, details_of, due_label_zh, headline_zh, must_act, todo_zh, why_zh
from notifications.words.particulars import Exempted, Particulars
from notifications.words.sentences import PROVISIONAL_ZH, measure_order, one_line, when_zh

KINDS_SHOWN = 4
"""Kinds of news that a subject names; it must be read at a glance."""

_FOLLOWED = "本措施在本通知中另有后续事项，请以最后一条为准。"


@dataclass(frozen=True, slots=True)
class NewsEntry:
    """One item as a template sees it: each field one line of text, empty where there is nothing to say."""

    measure_no: str
    problem: str
    text: str
    unit: str
    lead: str
    headline: str
    due_label: str
    due_on: str
    when: str
    provisional: str
    limit_text: str
    details: tuple[Detail, ...]
    todo: str
    why: str
    must_act: bool


def context_of(bulletin: Bulletin) -> dict[str, object]:
    """Everything a template may name."""
    return {
        "party": one_line(bulletin.party),
        "stand_in_for": one_line(bulletin.stand_in_for),
        "on": bulletin.on.isoformat(),
        "round_name": one_line(bulletin.round_name),
        "kind": "action",
        "rehearsal": bulletin.rehearsal,
        "headline": title_zh(bulletin.items),
        "count": len(bulletin.items),
        "entries": tuple(entries_of(bulletin)),
    }


def title_zh(items: Iterable[NewsItem]) -> str:
    """What a bulletin is about, in one line: 整改办理通知：3项措施退回整改、1项待销号审核.

    What the reader must do comes first.
    """
    groups: dict[NewsKind, list[NewsItem]] = {kind: [] for kind in NewsKind}
    for item in items:
        groups[item.kind].append(item)
    told = sorted((group for group in groups.values() if group), key=lambda group: not any(map(must_act, group)))
    counts = [(len({_measure(item) for item in group}), _SUBJECT_ZH[group[0].kind]) for group in told]
    clauses = [f"{n}项{'' if place else '措施'}{what}" for place, (n, what) in enumerate(counts[:KINDS_SHOWN])]
    more = sum(n for n, _ in counts[KINDS_SHOWN:])
    return f"整改办理通知：{'、'.join(clauses)}{f'，另有{more}项' if more else ''}"


_SUBJECT_ZH = {**NEWS_ZH, NewsKind.OUTCOME: "有问责处理结果"}


def _measure(item: NewsItem) -> tuple[str, str]:
    """What items about one measure share. Two rounds may use the same number."""
    return item.measure_no, item.text


def entries_of(bulletin: Bulletin) -> Iterable[NewsEntry]:
    """Measures on which the reader must act come first; the news of one measure stay together, as they happened.

    Of these the last one counts; but messages that died are matters of their own, whatever follows.
    """
    measures: dict[tuple[str, str], list[NewsItem]] = {}
    for item in sorted(bulletin.items, key=lambda item: item.seq):
        measures.setdefault(_measure(item), []).append(item)
    for items in sorted(measures.values(), key=_urgency):
        last = max((item.seq for item in items if item.kind is not NewsKind.UNDELIVERED), default=0)
        for item in items:
            entry = _entry(item, bulletin.on, one_line(bulletin.stand_in_for))
            is_followed = item.kind is not NewsKind.UNDELIVERED and item.seq < last
            yield replace(entry, todo=entry.todo + _FOLLOWED) if is_followed else entry


def _urgency(items: list[NewsItem]) -> tuple[object, ...]:
    waiting = [item.due_on or date.max for item in items if must_act(item)]
    return not waiting, min(waiting, default=date.max), measure_order(items[0].measure_no)


def _entry(item: NewsItem, on: date, stand_in_for: str) -> NewsEntry:
    return NewsEntry(
        measure_no=one_line(item.measure_no),
        problem=one_line(item.problem),
        text=one_line(item.text),
        unit=one_line(item.unit),
        lead=one_line(item.lead),
        headline=one_line(headline_zh(item, stand_in_for)),
        due_label=due_label_zh(item.kind),
        due_on=item.due_on.isoformat() if item.due_on else "",
        when=when_zh(item.due_on, item.days, on) if item.due_on else "",
        provisional=PROVISIONAL_ZH if item.provisional else "",
        limit_text=one_line(item.limit_text),
        details=tuple(Detail(detail.label, one_line(detail.text)) for detail in details_of(item)),
        todo=one_line(todo_zh(item, on)),
        why=one_line(why_zh(item, stand_in_for)),
        must_act=must_act(item),
    )


def _trials() -> tuple[Bulletin, ...]:
    """Two bulletins that between them pass through every branch a template may have."""
    day = date(2023, 6, 26)
    told = Particulars("理由", ("材料",), "情况", (("文件", "proof"),), exempted=Exempted("某", "某", "理由"))
    full = NewsItem(1, "1", "问题", "措施", "单位", "领导", ClosureClass.SETTLED, Role.UNIT,
                    NewsKind.RETURNED, "督办组", day, 0, True, "6月底前", told)  # fmt: skip
    bare = NewsItem(2, "2", "", "措施", "单位", "", ClosureClass.SUSTAINED, Role.LEAD,
                    NewsKind.OUTCOME, "责任追究组", None, 0, False, "", Particulars())  # fmt: skip
    return (
        Bulletin("单位", "D01", day, (full,), "轮次", rehearsal=True, stand_in_for="单位"),
        Bulletin("单位", "D01", day, (full, bare), "", rehearsal=False),
    )


TRIALS = _trials()
