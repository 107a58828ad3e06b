"""What a published notice states before its first problem: the day of feedback, and how many problems and measures.

Runs once a notice, to be compared with what was read of it. PURE. Nothing is imported from here: a fact that does
not agree is shown to a person.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from models.ledger.notice.paragraphs import Paragraph
from models.timelimit import normalise

_DAY = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日")
_YEAR = re.compile(r"(\d{4})年")
_SENTENCE_ENDS = re.compile(r"[。；;！!？?]")
_BETWEEN = r"[^，,。；;、：:\d]{0,8}?"
_MEASURE = "(?:举措|措施|整改任务)"
_KINDS = "(?:个?(?:方面|大类|类))"
_IN_ALL = rf"(?:共计?|合计)?(?:\d{{1,4}}{_KINDS}[、,，]?)?"
"""What may stand between 措施 and its number: 措施共4个方面36条."""
_MEASURES = re.compile(rf"(\d{{1,4}})[条项个]{_BETWEEN}{_MEASURE}|{_MEASURE}{_IN_ALL}(\d{{1,4}})(?!{_KINDS})[条项个]")
_PROBLEMS = re.compile(rf"(\d{{1,4}})[条项个]{_BETWEEN}问题|问题{_IN_ALL}(\d{{1,4}})(?!{_KINDS})[条项个]")


@dataclass(frozen=True, slots=True)
class FeedbackDay:
    """The day on which the problems were told, at the line that says so. `day` is None for a day there never was;
    `year_carried` means that the year is that of an earlier date.
    """

    line: int
    said: str
    day: date | None
    year_carried: bool


@dataclass(frozen=True, slots=True)
class StatedFacts:
    """What the notice states; None where it does not. Of several numbers the largest is that of the whole."""

    feedback: FeedbackDay | None
    problems: int | None
    measures: int | None


def facts_of(opening: Iterable[Paragraph]) -> StatedFacts:
    """The facts in the paragraphs before the first problem."""
    plain = [(paragraph.line, normalise(paragraph.text)) for paragraph in opening]
    problems = [int(found[1] or found[2]) for _, text in plain for found in _PROBLEMS.finditer(text)]
    measures = [int(found[1] or found[2]) for _, text in plain for found in _MEASURES.finditer(text)]
    return StatedFacts(next(_feedback_days(plain), None), max(problems, default=None), max(measures, default=None))


def _feedback_days(plain: Iterable[tuple[int, str]]) -> Iterator[FeedbackDay]:
    """The last day named before 反馈 in a sentence, for each sentence that has one."""
    year: int | None = None
    for line, text in plain:
        for sentence in _SENTENCE_ENDS.split(text):
            before, told, _ = sentence.partition("反馈")
            days = list(_DAY.finditer(before))
            years = [int(found) for found in _YEAR.findall(before)]
            year = years[-1] if years else year
            if told and days and year is not None:
                found = days[-1]
                yield FeedbackDay(line, found[0], _day(year, int(found[2]), int(found[3])), found[1] is None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
