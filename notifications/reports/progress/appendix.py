"""The appendix: every number of a report with the rows it counts, all completion rates, all measures. PURE."""

from collections.abc import Iterable, Mapping

from models.activity import ACTIVITY_ZH
from models.answers.progress.values import ActivityItem, Figure, Rate, RateFormula
from notifications.reports.progress.phrases import rows_zh
from notifications.words.sentences import day_zh, one_line

NONE_ZH = "无"


def figure_rows(figures: Iterable[Figure]) -> list[dict[str, object]]:
    """What it is called, what it counts, how many, and which."""
    return [{"key": one.key, "zh": one.zh, "value": one.value, "rows": rows_zh(one.rows) or NONE_ZH} for one in figures]


def rate_rows(rates: Mapping[RateFormula, Rate], figures: Mapping[str, Figure]) -> list[dict[str, object]]:
    """All formulas, each with what it divides."""
    return [
        {
            "key": formula.value,
            "zh": formula.zh,
            "definition": formula.definition_zh,
            "percent": rate.percent_zh or "",
            "result": rate.zh,
            "done": rate.done_count,
            "of": rate.of_count,
            "done_zh": figures[rate.done].zh,
            "of_zh": figures[rate.of].zh,
        }
        for formula, rate in rates.items()
    ]


def activity_rows(activities: Iterable[ActivityItem]) -> list[dict[str, object]]:
    """What was held, as it is counted."""
    return [
        {
            "no": f"活动{one.id}",
            "on_day": day_zh(one.on_day),
            "kind": one.kind.value,
            "kind_zh": ACTIVITY_ZH[one.kind],
            "title": one_line(one.title),
            "note": one_line(one.note),
        }
        for one in activities
    ]
