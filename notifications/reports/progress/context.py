"""Everything a template of the progress report may name, as plain values. Names here are kept: offices write with them.

PURE. docs/how-to/reports.md lists them; a test holds the list true.
"""

from collections.abc import Mapping

from config.reporting import Reporting
from models.answers.progress.values import Figure, ProblemProgress, Progress
from models.rehearsal import REHEARSAL_MARK
from notifications.reports.paper.values import NO_PICTURES
from notifications.reports.progress.account import measure_values
from notifications.reports.progress.appendix import activity_rows, figure_rows, rate_rows
from notifications.reports.progress.opening import opening
from notifications.reports.progress.phrases import quoted
from notifications.reports.progress.remaining import next_figures, next_steps, open_measures, sustained_measures
from notifications.words.sentences import day_zh, one_line

BLANK_ORGANISATION, BLANK_CONTACT = "【单位名称】", "【联系方式】"
"""What stands where report.yaml says nothing: to be filled in by hand, and easy to find."""


def context_of(progress: Progress, reporting: Reporting, *, rehearsal: bool) -> dict[str, object]:
    """The values of one report, its pictures not drawn yet."""
    organisation = reporting.organisation or BLANK_ORGANISATION
    mark = REHEARSAL_MARK if rehearsal else ""
    subject = f"{_subject(progress.round_name)}进展情况报告"
    ahead = next_figures(progress.measures)
    figures: dict[str, Figure] = {**progress.figures, **ahead}
    rate = progress.rates[reporting.formula]
    told = {one.no: measure_values(one) for one in progress.measures}
    return {
        "title": f"{mark}{organisation}{subject}",
        "organisation": organisation,
        "subject": f"{mark}{subject}",
        "contact": reporting.contact or BLANK_CONTACT,
        "rehearsal": rehearsal,
        "round_code": progress.round_code,
        "round_name": one_line(progress.round_name),
        "feedback_on": day_zh(progress.feedback_on),
        "ends_on": day_zh(progress.ends_on),
        "on_day": day_zh(progress.on_day),
        "formula": reporting.formula.value,
        "opening": opening(progress, organisation, rate),
        "numbers": {key: figure.value for key, figure in figures.items()},
        "problems": [_problem(problem, told) for problem in progress.problems],
        "open": [told[one.no] for one in open_measures(progress.measures)],
        "sustained": [told[one.no] for one in sustained_measures(progress.measures)],
        "next_steps": next_steps(progress.measures, ahead, reporting.next_steps),
        "own_steps": list(reporting.next_steps),
        "figures": figure_rows(figures.values()),
        "rates": rate_rows(progress.rates, figures),
        "measures": list(told.values()),
        "activities": activity_rows(progress.activities),
        **NO_PICTURES,
    }


def _subject(name: str) -> str:
    name = one_line(name)
    return name if "整改" in name else f"{name}整改"


def _problem(problem: ProblemProgress, told: Mapping[str, object]) -> dict[str, object]:
    """A finding with its measures that were not withdrawn."""
    left = [told[one.no] for one in problem.measures if not one.withdrawn]
    remark = "" if left else "该问题的整改措施已全部作废。" if problem.measures else "该问题尚未制定整改措施。"
    return {
        "position": problem.position,
        "text": one_line(problem.text),
        "heading": f"关于{quoted(problem.text)}{'' if problem.text.strip().endswith('问题') else '问题'}的整改情况",
        "measures": left,
        "remark": remark,
    }
