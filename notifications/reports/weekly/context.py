"""What the templates of a weekly brief may name: the facts as plain texts, numbers and lists.

Offices write templates against these names, so they are kept (docs/how-to/weekly.md lists them). Whatever a person
wrote is one clean line here.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import TypeVar

from config.reporting import Reporting
from models.answers.week.values import MOVE_ZH, Due, MeasureNamed, Moved, Overdue, UnitWeek, Untold, WeekFacts
from models.days_spent import HOLDER_ZH, Holder
from models.ladder import COLOUR_ZH, TINTS, Colour
from models.permission import exception_zh
from models.rehearsal import REHEARSAL_MARK
from models.workdays import WorkCalendar
from notifications.reports.paper.values import NO_PICTURES
from notifications.reports.weekly import words
from notifications.reports.weekly.summary import DRAFTED, HELD, NONE_YET, notes, numbers, summary
from notifications.reports.weekly.words import NAME_MOST, NO_MOST, REASON_MOST, TEXT_MOST, shown
from notifications.words.sentences import day_zh, when_zh

ROWS_MOST = 500
"""Rows of one list; of more it says how many are left out. The numbers count all."""
_PAINT: Mapping[Colour, str] = {
    Colour.BLUE: "1565C0", Colour.GREEN: "2E7D32", Colour.YELLOW: "F9C80E", Colour.ORANGE: "E8710A",
    Colour.RED: "C62828",
}  # fmt: skip
"""How a colour is printed, as RGB. Its name always stands beside it."""
_NO_TINT = "FFFFFF"

EXCEPTION_MOST = 200
Values = dict[str, object]
_Item = TypeVar("_Item")


def context_of(facts: WeekFacts, calendar: WorkCalendar, reporting: Reporting, rehearsal: bool) -> Values:
    """Everything a template may name, the pictures not drawn yet."""
    mark = REHEARSAL_MARK if rehearsal else ""
    name = shown(facts.round.name or facts.round.code, TEXT_MOST)
    return {
        "title": f"{mark}{name}督办通报",
        "mark": mark,
        "round": {"code": shown(facts.round.code, NAME_MOST), "name": name},
        "week": words.span_zh(facts.span),
        "as_of": words.full_day_zh(facts.day),
        "date": day_zh(facts.day),
        "organisation": shown(reporting.organisation, NAME_MOST),
        "contact": shown(reporting.contact, REASON_MOST),
        "workdays": words.workdays_zh(facts.span, calendar),
        "workdays_next": words.workdays_zh(facts.span.next, calendar),
        "numbers": numbers(facts),
        "summary": summary(facts),
        "colours": [_colour(each.colour, words.begins_zh(each.begins)) for each in facts.colours],
        "units": _units(facts),
        "days": _days(facts),
        "due": _listed(facts.due, lambda row: _due(row, facts)),
        "due_next": _listed(facts.due_next, lambda row: _due(row, facts)),
        "overdue": {**_listed(facts.overdue, _overdue), "by_holder": _by_holder(facts.overdue)},
        "moved": _listed(facts.moved, _moved),
        "untold": _listed(_grouped(facts.untold), _untold),
        "exceptions": [
            shown(exception_zh(one.person, one.granted_by, one.since, one.until, one.reason), EXCEPTION_MOST)
            for one in facts.exceptions
        ],
        "notes": notes(facts, calendar),
        **NO_PICTURES,
    }


# Units


def _colour(colour: Colour, meaning: str) -> Values:
    return {
        "name": COLOUR_ZH[colour],
        "code": colour.value,
        "rgb": _PAINT[colour],
        "fill": TINTS[colour],
        "meaning": meaning,
    }


def _units(facts: WeekFacts) -> Values:
    """A table whose columns follow the policy's colours. A column that holds nothing is left out but for those."""
    total = UnitWeek.total(facts.units)
    columns = [_plain_column("在办"), *(_colour(each.colour, "") for each in facts.colours), _plain_column(NONE_YET)]
    columns += [_plain_column(name) for name, number in ((HELD, total.held), (DRAFTED, total.drafted)) if number]
    columns += [_plain_column(name) for name in ("有时限超期", "本单位超期", "已销号")]
    return {
        "columns": columns,
        "rows": [_unit(unit, facts, total) for unit in facts.units],
        "total": _unit(total, facts, total),
    }


def _plain_column(name: str) -> Values:
    return {"name": name, "code": "", "rgb": "", "fill": _NO_TINT, "meaning": ""}


def _unit(unit: UnitWeek, facts: WeekFacts, total: UnitWeek) -> Values:
    painted = [unit.colours.get(each.colour, 0) for each in facts.colours]
    rest = [number for number, all_of_it in ((unit.held, total.held), (unit.drafted, total.drafted)) if all_of_it]
    cells = [unit.live, *painted, unit.uncoloured, *rest, unit.late, unit.late_itself, unit.closed]
    return {"name": shown(unit.name, NAME_MOST), "cells": cells}


def _days(facts: WeekFacts) -> Values:
    """Whose days were used, of the measures that are open."""
    units = [unit for unit in facts.units if any(unit.days.values())]
    total = UnitWeek.total(units)
    return {
        "columns": [HOLDER_ZH[holder] for holder in Holder],
        "rows": [_days_of(unit) for unit in units],
        "total": _days_of(total),
    }


def _days_of(unit: UnitWeek) -> Values:
    cells = [unit.days.get(holder, 0) for holder in Holder]
    return {"name": shown(unit.name, NAME_MOST), "cells": cells, "sum": sum(cells)}


# Lists


def _listed(found: Sequence[_Item], row: Callable[[_Item], Values]) -> Values:
    """The first rows of a list, and a sentence where there are more. `count` counts all."""
    rest = len(found) - ROWS_MOST
    left_out = f"另有{rest}项未在此列出。" if rest > 0 else ""
    return {"count": len(found), "rows": [row(one) for one in found[:ROWS_MOST]], "left_out": left_out}


def _measure(measure: MeasureNamed) -> Values:
    return {
        "no": shown(measure.no, NO_MOST),
        "text": shown(measure.text, TEXT_MOST),
        "unit": shown(measure.unit, NAME_MOST),
    }


def _due(due: Due, facts: WeekFacts) -> Values:
    return {
        **_measure(due.measure),
        "stage": words.stage_zh(due),
        "holder": shown(due.holder, NAME_MOST),
        "due": str(due.due_on),
        "due_note": words.due_note_zh(due),
        "left": when_zh(due.due_on, due.days, facts.day),
    }


def _overdue(one: Overdue) -> Values:
    return {
        **_measure(one.clock.measure),
        "stage": f"{words.stage_zh(one.clock)}{'（措施已销号）' if one.of_closed else ''}",
        "holder": shown(one.clock.holder, NAME_MOST),
        "due": str(one.clock.due_on),
        "due_note": words.due_note_zh(one.clock),
        "late": words.late_zh(one.clock),
        "told": words.told_zh(one.told, one.clock),
        "extension": words.extension_zh(one),
        "days": words.days_zh(one.days),
    }


def _by_holder(overdue: Iterable[Overdue]) -> str:
    """督办组（12项）、人事科（3项）, the most first."""
    counted = Counter(shown(one.clock.holder, NAME_MOST) for one in overdue)
    return "、".join(f"{holder}（{number}项）" for holder, number in counted.most_common())


def _moved(one: Moved) -> Values:
    return {
        **_measure(one.measure),
        "move": MOVE_ZH[one.move],
        "on": str(one.on),
        "weekday": words.weekday_zh(one.on),
        "by": shown(one.by, NAME_MOST),
        "more": words.moved_zh(one),
    }


def _grouped(untold: Iterable[Untold]) -> list[list[Untold]]:
    """What one party did not hear for one reason stands in one row; what one message was to say as well."""

    def matter(one: Untold) -> tuple[str, str, int]:
        return one.party, one.why.value, one.message or 0

    return [list(items) for _, items in groupby(sorted(untold, key=matter), key=matter)]


def _untold(items: Sequence[Untold]) -> Values:
    first, days = items[0], sorted({item.on for item in items})
    answer = " ".join(filter(None, (first.code, first.reason)))
    return {
        "party": shown(first.party, NAME_MOST),
        "why": words.why_zh(first),
        "answer": shown(answer, REASON_MOST),
        "count": len(items),
        "what": words.matters_zh(items),
        "on": str(days[0]),
        "until": str(days[-1]) if len(days) > 1 else "",
        "message": first.message or "",
    }
