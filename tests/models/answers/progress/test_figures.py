"""The figures as rules: formulas and the counting of documents against slow twins, and what holds for every key."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from models.activity import ActivityKind
from models.answers.progress.figures import RATES, figures, rates
from models.answers.progress.values import (
    ActivityItem,
    EvidenceItem,
    Figure,
    MeasureProgress,
    ProblemProgress,
    Row,
    Turn,
    TurnKind,
)
from models.closure import EvidenceKind
from models.lifecycle import ClosureClass, State
from models.rates import RateFormula
from tests.notifications.reports.progress.rounds import PLAIN

DAY = date(2023, 5, 8)


def rule(n: int, sha256: str, name: str = "制度.docx", accepted: bool = True) -> EvidenceItem:
    return EvidenceItem(n, EvidenceKind.RULE, name, 1, sha256, accepted)


def counted(*measures: MeasureProgress, activities: Sequence[ActivityItem] = ()) -> dict[str, Figure]:
    """The figures of one problem with these measures, which are numbered here."""
    numbered = tuple(replace(one, no=str(n)) for n, one in enumerate(measures, 1))
    return dict(figures([ProblemProgress(1, "一", numbered)], activities))


# --- Against slow twins

POSITIONS = st.tuples(st.sampled_from(State), st.sampled_from(ClosureClass))


@given(st.lists(POSITIONS, max_size=8))
@settings(max_examples=60)
def test_the_three_formulas_are_what_their_names_say(drawn: list[tuple[State, ClosureClass]]) -> None:
    found = counted(*(replace(PLAIN, state=state, closure=closure) for state, closure in drawn))
    everything = done = done_apart = apart = 0
    for state, closure in drawn:
        if state == "withdrawn":
            continue
        everything += 1
        apart += closure != "sustained"
        if state in ("closed", "following_up"):
            done += 1
            done_apart += closure != "sustained"
    for formula, (over, under) in {
        RateFormula.WITH_SUSTAINED: (done, everything),
        RateFormula.CLOSED_ONLY: (done_apart, everything),
        RateFormula.SUSTAINED_APART: (done_apart, apart),
    }.items():
        rate = rates(found)[formula]
        assert (rate.done_count, rate.of_count) == (over, under)
        assert (rate.percent_zh is None) is (under == 0)
        if rate.percent_zh:
            assert abs(Fraction(rate.percent_zh.rstrip("%")) - Fraction(100 * over, under)) <= Fraction(1, 200)


ITEMS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from("ab"), st.sampled_from("xyz"), st.booleans()), max_size=8)
"""Which measure, under which name, what content, accepted or not; in the order in which they were handed in."""


@given(ITEMS)
@settings(max_examples=100)
def test_a_document_is_a_content_that_nothing_took_the_place_of(drawn: list[tuple[int, str, str, bool]]) -> None:
    held: list[list[EvidenceItem]] = [[], [], []]
    for n, (measure, name, sha256, accepted) in enumerate(drawn):
        held[measure].append(rule(n, sha256, name, accepted))
    found = counted(*(replace(PLAIN, evidence=tuple(items)) for items in held))

    def stands(n: int) -> bool:
        measure, name, _, accepted = drawn[n]
        return not any((m, other, a) == (measure, name, accepted) for m, other, _, a in drawn[n + 1 :])

    passed = {one[2] for n, one in enumerate(drawn) if one[3] and stands(n)}
    pending = {one[2] for n, one in enumerate(drawn) if not one[3] and stands(n)} - passed
    earlier = {one[2] for one in drawn} - passed - pending
    for name, contents in (("accepted", passed), ("pending", pending), ("earlier", earlier)):
        assert {row.key for row in found[f"evidence.rule.{name}"].rows} == {f"佐证{one}" for one in contents}
        assert found[f"evidence.rule.{name}"].value == len(contents)


# --- Documents


def test_the_same_file_for_two_measures_is_one_document_with_both_named() -> None:
    one, other = (replace(PLAIN, evidence=(rule(n, "aa", name),)) for n, name in ((1, "制度.docx"), (2, "别名.docx")))
    assert counted(one, other)["evidence.rule.accepted"].rows == (Row("佐证aa", "制度.docx（措施1、措施2）"),)


def test_a_file_of_two_kinds_counts_as_each() -> None:
    both = (rule(1, "aa"), replace(rule(2, "aa"), kind=EvidenceKind.NORM))
    found = counted(replace(PLAIN, evidence=both))
    assert [found[f"evidence.{kind}.accepted"].value for kind in ("rule", "norm", "campaign")] == [1, 1, 0]


def test_what_was_accepted_for_one_measure_is_not_pending_for_another() -> None:
    found = counted(
        replace(PLAIN, evidence=(rule(1, "aa"),)), replace(PLAIN, evidence=(rule(2, "aa", accepted=False),))
    )
    assert found["evidence.rule.accepted"].rows == (Row("佐证aa", "制度.docx（措施1）"),)
    assert found["evidence.rule.pending"].rows == ()


# --- What counts and what does not


def test_what_was_withdrawn_counts_in_nothing_but_its_own_number() -> None:
    turns = tuple(Turn(n, kind, DAY, "") for n, kind in enumerate(TurnKind))
    withdrawn = replace(
        PLAIN, state=State.WITHDRAWN, major=True, held=True, overdue_days=3, due_on=None, turns=turns,
        evidence=(rule(1, "aa"),),
    )  # fmt: skip
    found = counted(withdrawn)
    assert {key for key, figure in found.items() if figure.value} == {"measures.withdrawn", "problems.without_measure"}
    assert all(rate.percent_zh is None for rate in rates(found).values())


def test_a_closed_measure_that_is_looked_back_on_stays_closed_as_its_class() -> None:
    found = counted(replace(PLAIN, state=State.FOLLOWING_UP, closure=ClosureClass.MECHANISM))
    keys = ("measures.closed.mechanism", "measures.looked_back", "measures.sustained", "measures.open.all")
    assert [found[key].value for key in keys] == [1, 1, 0, 0]


def test_one_that_passed_its_limit_on_a_rest_day_is_overdue_by_no_working_day_yet() -> None:
    assert counted(replace(PLAIN, overdue_days=0), PLAIN)["measures.overdue"].value == 1


def test_every_turn_is_a_row_with_its_day_and_reason() -> None:
    turns = (Turn(1, TurnKind.RETURNED, DAY, "不足"), Turn(2, TurnKind.RETURNED, date(2023, 5, 9), ""))
    found = counted(replace(PLAIN, turns=turns))
    assert found["times.returned"].rows == (
        Row("措施1第1次退回", "2023-05-08 不足"),
        Row("措施1第2次退回", "2023-05-09"),
    )
    assert (found["measures.returned"].value, found["times.extended"].value) == (1, 0)


def test_activities_are_counted_by_kind() -> None:
    held = [ActivityItem(n, DAY, kind, "会", "") for n, kind in enumerate(ActivityKind)]
    found = counted(activities=held)
    assert [found[f"activities.{kind}"].value for kind in ("all", *ActivityKind)] == [4, 1, 1, 1, 1]
    assert found["activities.hearing"].rows == (Row("活动2", "2023-05-08 听取汇报：会"),)


# --- Keys


def test_no_key_is_the_beginning_of_another_and_a_template_can_nest_them() -> None:
    keys = [f"{key}." for key in counted(PLAIN)]
    assert not [(one, other) for one in keys for other in keys if one != other and other.startswith(one)]


@given(st.lists(POSITIONS, max_size=8))
@settings(max_examples=30)
def test_rows_are_told_apart_and_what_is_divided_is_a_part_of_what_it_is_divided_by(
    drawn: list[tuple[State, ClosureClass]],
) -> None:
    found = counted(*(replace(PLAIN, state=state, closure=closure) for state, closure in drawn))
    for figure in found.values():
        assert len({row.key for row in figure.rows}) == figure.value
    for done, of in RATES.values():
        assert set(found[done].rows) <= set(found[of].rows)
    states = sum(figure.value for key, figure in found.items() if key.startswith("measures.open.")) / 2
    assert states == found["measures.open.all"].value
    assert found["measures.accepted"].value + states == found["measures.all"].value
