"""The difference between the rows there are and the rows that were read, against a twin that looks at one at a time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ledger.columns import number_key
from models.ledger.content import Content, Field, content_of, due_of
from models.ledger.difference import Change, Difference, Way, difference
from models.ledger.known import KnownRow
from models.ledger.rows import LedgerRow
from models.lifecycle import ClosureClass, State
from models.timelimit import LimitKind, TimeLimit

ENDS_ON, ON_DAY = date(2023, 6, 25), date(2023, 5, 10)
LIMITS = {
    "4月底": date(2023, 4, 30), "6月底": date(2023, 6, 30), "2023年6月30日": date(2023, 6, 30), "待定": None,
    "长期坚持": None,
}  # fmt: skip


def limit_of(text: str) -> TimeLimit:
    kind = LimitKind.SUSTAINED if text == "长期坚持" else LimitKind.DATE if LIMITS[text] else LimitKind.UNRESOLVED
    return TimeLimit(text, kind, LIMITS[text], "", (0, 0), frozenset(), False, "")


def row_of(no: str, content: Content) -> LedgerRow:
    said, limit = content, limit_of(content.limit)
    return LedgerRow(2, "台账", no, said.problem, said.text, said.lead, said.unit, said.cooperating, said.limit, limit,
                     said.closure, said.major, said.part_of)  # fmt: skip


ONE = Content("问题一", "措施一", "", "L1", "D1", ("D2",), "6月底", ClosureClass.SETTLED, False)
PLANS, CARS, TALKS = (replace(ONE, text=text) for text in ("订出学习计划", "清退超标准车辆", "开展谈话提醒"))


def known_as(now: Content = ONE, imported: Content = ONE, no: str = "1", state: State = State.DRAFTED) -> KnownRow:
    key = number_key(no)
    return KnownRow(7, no, 1, state, LIMITS[now.limit], replace(now, no=key), replace(imported, no=key), 1)


def compared(known: KnownRow, content: Content) -> Difference:
    return difference([known], [row_of(known.no, content)], ENDS_ON, ON_DAY)


# --- By example


def test_what_is_kept_of_a_row_is_read_back() -> None:
    content = replace(ONE, text='“引号”"\\\n换行', part_of="措施", cooperating=("D2", "D3"), major=True)
    assert Content.read(content.written()) == content


def test_cooperating_units_have_no_order() -> None:
    row = replace(row_of("1", ONE), cooperating=("D3", "D2"))
    assert content_of(row).cooperating == ("D2", "D3")


def test_what_was_kept_before_numbers_were_is_read() -> None:
    assert Content.read(replace(ONE, no="1").written().replace(',"no":"1"', "")) == ONE


def test_a_sustained_limit_without_a_date_is_due_at_the_end_of_the_round() -> None:
    assert due_of(row_of("1", replace(ONE, limit="长期坚持")), ENDS_ON) == ENDS_ON
    assert due_of(row_of("1", replace(ONE, limit="待定")), ENDS_ON) is None


def test_rows_that_are_not_in_the_round_are_new_in_their_order() -> None:
    rows = [row_of(no, said) for no, said in (("3", PLANS), ("2", ONE), ("1", CARS))]
    found = difference([known_as(no="2")], rows, ENDS_ON, ON_DAY)
    assert ([row.no for row in found.new], found.places) == (["3", "1"], (0, 2))


def test_numbers_are_the_same_in_whatever_width() -> None:
    assert difference([known_as(no="（1）")], [row_of("(1)", ONE)], ENDS_ON, ON_DAY).unchanged == 1


def test_a_number_that_a_file_has_twice_is_a_problem() -> None:
    rows = [replace(row_of("（1）", ONE), row=4), replace(row_of("(1)", ONE), row=9)]
    (clash,) = difference([], rows, ENDS_ON, ON_DAY).clashes
    assert (clash.row, clash.value) == (4, "（1）")


def test_of_problem_and_measure_one_may_be_another() -> None:
    known = known_as()
    assert compared(known, replace(ONE, problem="问题二", text="措施二")).clashes
    for changed in (replace(ONE, problem="问题二"), replace(ONE, text="措施二"), replace(ONE, problem="问 题\n一")):
        assert not compared(known, changed).clashes


def test_every_field_has_a_chinese_name() -> None:
    assert len({field.zh for field in Field}) == len(Field)


# --- Numbers


def renumbered(known: Sequence[KnownRow], read: Sequence[LedgerRow]) -> list[tuple[str, Way, list[Field]]]:
    """The number that each changed row now has in the file, what becomes of it, and what has changed."""
    found = difference(known, read, ENDS_ON, ON_DAY)
    assert not found.clashes
    return [(one.row.no, one.changes[0].way, [change.of for change in one.changes]) for one in found.changed]


def made(row: LedgerRow) -> LedgerRow:
    return replace(row, made_no=True)


def test_a_draft_takes_the_number_that_its_row_has_now() -> None:
    assert renumbered([known_as(PLANS, PLANS)], [row_of("2", PLANS)]) == [("2", Way.FOLLOWS, [Field.NO])]


def test_what_was_assigned_keeps_its_number_and_so_does_a_draft_that_wants_it() -> None:
    known = [known_as(PLANS, PLANS, "2", State.ASSIGNED), known_as(CARS, CARS, "1")]
    read = [row_of("2", CARS), row_of("3", PLANS)]
    assert renumbered(known, read) == [("3", Way.KEEPS, [Field.NO]), ("2", Way.KEEPS, [Field.NO])]


def test_a_number_that_was_told_is_not_told_again() -> None:
    kept = replace(known_as(PLANS, PLANS, "1", State.ASSIGNED), imported=replace(PLANS, no="2"))
    assert difference([kept], [row_of("2", PLANS)], ENDS_ON, ON_DAY).is_nothing
    assert difference([kept], [row_of("1", PLANS)], ENDS_ON, ON_DAY).restated == 1


@pytest.mark.parametrize("state", [State.DRAFTED, State.ASSIGNED])
def test_a_number_that_is_divided_for_a_row_more_is_none_that_changed(state: State) -> None:
    divided = [made(row_of("1.1", PLANS)), made(row_of("1.2", CARS))]
    found = difference([known_as(PLANS, PLANS, "1", state)], divided, ENDS_ON, ON_DAY)
    assert (found.changed, found.restated, [row.no for row in found.new]) == ((), 1, ["1.2"])
    back = difference([known_as(PLANS, PLANS, "1.1", state)], [row_of("1", PLANS)], ENDS_ON, ON_DAY)
    assert (back.changed, back.new) == ((), ())


def test_a_number_that_somebody_divided_has_changed() -> None:
    assert renumbered([known_as(PLANS, PLANS)], [row_of("1.1", PLANS)]) == [("1.1", Way.FOLLOWS, [Field.NO])]


def test_a_new_row_whose_number_another_keeps_is_a_problem_that_names_both() -> None:
    known = [known_as(PLANS, PLANS, "1", State.ASSIGNED)]
    read = [replace(row_of("1", CARS), row=2), replace(row_of("2", PLANS), row=3)]
    (clash,) = difference(known, read, ENDS_ON, ON_DAY).clashes
    assert (clash.row, clash.column, clash.value) == (2, "序号", "1")
    assert "订出学习计划" in clash.text
    assert "第3行，编为2" in clash.text
    assert "withdraw" not in clash.text


def test_a_new_row_whose_number_was_made_gets_another() -> None:
    known = [known_as(PLANS, PLANS, "1.1", State.ASSIGNED), known_as(TALKS, TALKS, "1.2", State.ASSIGNED)]
    read = [made(row_of(no, said)) for no, said in (("1.1", CARS), ("1.2", PLANS), ("1.3", TALKS))]
    found = difference(known, read, ENDS_ON, ON_DAY)
    assert ([row.no for row in found.new], found.places, found.clashes) == (["1.4"], (0,), ())


def test_a_draft_that_would_become_a_copy_is_a_problem_that_names_both_rows() -> None:
    known = [known_as(PLANS, PLANS, "1", State.ASSIGNED), known_as(CARS, CARS, "2")]
    read = [replace(row_of("1", PLANS), row=2), replace(row_of("2", PLANS), row=3)]
    (clash,) = difference(known, read, ENDS_ON, ON_DAY).clashes
    assert clash.row == 3
    assert "第2行（编号1）" in clash.text
    assert "清退超标准车辆" in clash.text


@pytest.mark.parametrize("written", [False, True])
def test_numbers_that_moved_under_changed_words_are_a_problem_with_a_cure(written: bool) -> None:
    read = [row_of("1", CARS), row_of("2", replace(PLANS, text="订出学习计划，并公示"))]
    known = [known_as(PLANS, PLANS)]
    (clash,) = difference(known, [row if written else made(row) for row in read], ENDS_ON, ON_DAY).clashes
    assert "第2行，编号可能错位" in clash.text
    assert ("序号列" in clash.text) is not written


def test_words_of_another_unit_under_another_number_of_another_ledger_are_asked_about() -> None:
    row = row_of("9", replace(PLANS, unit="D3"))
    (clash,) = difference([known_as(PLANS, PLANS)], [row], ENDS_ON, ON_DAY).clashes
    assert "如是同一条，请用编号1" in clash.text


def test_rows_of_several_imports_that_now_come_from_one_file_are_remembered_without_a_word() -> None:
    known = [known_as(PLANS, PLANS), replace(known_as(CARS, CARS, "2"), series=2)]
    found = difference(known, [row_of("1", PLANS), row_of("2", CARS)], ENDS_ON, ON_DAY)
    assert (found.changes_nothing, found.is_nothing) == (True, False)


def test_the_old_limit_of_what_was_assigned_is_the_date_that_holds() -> None:
    open_limit = replace(ONE, limit="待定")
    known = replace(known_as(open_limit, open_limit, state=State.ASSIGNED), due_on=date(2023, 5, 31))
    ((change,),) = (one.changes for one in compared(known, ONE).changed)
    assert (change.old, change.new) == ("2023-05-31", "6月底")


def test_the_words_of_what_is_gone_may_still_be_there() -> None:
    known = [known_as(PLANS, PLANS), replace(known_as(PLANS, PLANS, "2"), measure_id=8), known_as(CARS, CARS, "3")]
    found = difference(known, [row_of("1", PLANS)], ENDS_ON, ON_DAY)
    assert ([one.no for one in found.gone], found.words_kept) == (["2", "3"], frozenset({8}))


# --- The twin of the fields; which row is which measure has a twin of its own (test_matching.py)


def twin(known: Sequence[KnownRow], read: Sequence[LedgerRow]) -> tuple[object, ...]:
    """New numbers, changed fields by number, gone numbers, restated: one row, one field at a time."""
    texts = [row.text for row in read]
    new = [row.no for row in read if row.text not in [one.now.text for one in known]]
    ledgers = [one.series for one in known if one.now.text in texts]
    gone = [
        one.no for one in known if one.now.text not in texts and one.series in ledgers and one.state != State.WITHDRAWN
    ]
    changed, restated = {}, 0
    for one in known:
        if one.now.text not in texts:
            continue
        row = read[texts.index(one.now.text)]
        said = content_of(row)
        if not row.unit and not row.lead:
            told = {"no", "problem", "text", "part_of"}
            said = replace(said, **{f: getattr(one.imported, f) for f in said.__slots__ if f not in told})
        fields = [field for field in Field if _is_changed(field, one, said, due_of(row, ENDS_ON))]
        if fields:
            changed[one.no] = fields
        elif said != one.imported:
            restated += 1
    return new, changed, gone, restated


def _is_changed(field: Field, one: KnownRow, said: Content, due_on: date | None) -> bool:
    wanted = getattr(said, field)
    if wanted == getattr(one.imported, field) or wanted == getattr(one.now, field):
        return False
    drafted = one.state == State.DRAFTED
    return drafted or field != Field.LIMIT or due_on is None or due_on != one.due_on


def contents(text: st.SearchStrategy[str], problem: st.SearchStrategy[str]) -> st.SearchStrategy[Content]:
    return st.builds(
        Content,
        problem=problem, text=text, part_of=st.sampled_from(["", "一"]), lead=st.sampled_from(["", "L1", "L2"]),
        unit=st.sampled_from(["", "D1", "D2"]), cooperating=st.sampled_from([(), ("D3",), ("D3", "D4")]),
        limit=st.sampled_from(sorted(LIMITS)), closure=st.sampled_from(ClosureClass), major=st.booleans(),
    )  # fmt: skip


def known_rows(
    no: str, text: st.SearchStrategy[str], problem: st.SearchStrategy[str], states: st.SearchStrategy[State]
) -> st.SearchStrategy[KnownRow]:
    said = contents(text, problem).map(lambda content: replace(content, no=no))
    return st.builds(
        KnownRow,
        measure_id=st.integers(1, 9), no=st.just(no), version=st.just(1), state=states,
        due_on=st.sampled_from([None, date(2023, 4, 30), date(2023, 6, 30)]), now=said, imported=said,
        series=st.integers(0, 2),
    )  # fmt: skip


TEXTS = {"1": "订出学习计划", "（2）": "清退超标准车辆", "3.1": "开展谈话提醒", "4": "修订制度办法"}
"""Each number has its words, which stand where they stood: what is compared here is the rest of a row."""
ALONE = st.just("问题一")
OF_ROUND = st.sampled_from(sorted(TEXTS)).flatmap(
    lambda no: known_rows(no, st.just(TEXTS[no]), ALONE, st.sampled_from(State))
)
READ = st.sampled_from(sorted(TEXTS)).flatmap(
    lambda no: st.builds(row_of, st.sampled_from([no, no.replace("（2）", "(2)")]), contents(st.just(TEXTS[no]), ALONE))
)
CONTENTS = contents(st.sampled_from(["订出学习计划", "订出学习计划表"]), st.sampled_from(["问题一", "问题二"]))
KNOWN = known_rows("1", st.just("订出学习计划"), ALONE, st.sampled_from(State))


@given(
    st.lists(OF_ROUND, max_size=5, unique_by=lambda one: one.no),
    st.lists(READ, max_size=5, unique_by=lambda row: number_key(row.no)),
)
def test_the_difference_is_what_looking_at_one_field_after_another_finds(
    known: list[KnownRow], read: list[LedgerRow]
) -> None:
    known = [replace(one, now=replace(one.now, no=(key := number_key(one.no))), imported=replace(one.imported, no=key))
             for one in known]  # fmt: skip
    found = difference(known, read, ENDS_ON, ON_DAY)
    changed = {one.known.no: [change.of for change in one.changes] for one in found.changed}
    assert not found.clashes
    assert twin(known, read) == (
        [row.no for row in found.new], changed, [one.no for one in found.gone], found.restated,
    )  # fmt: skip
    assert len(found.new) + len(found.met) == len(read)
    assert found.unchanged + len(found.changed) == len(found.met)


@given(KNOWN, CONTENTS)
def test_every_changed_field_has_a_way_that_its_state_allows(known: KnownRow, content: Content) -> None:
    for one in compared(known, content).changed:
        for change in one.changes:
            assert _allows(known, change), (known, change)


def _allows(known: KnownRow, change: Change) -> bool:
    match change.way:
        case Way.FOLLOWS:
            return known.state is State.DRAFTED
        case Way.HAND_OVER:
            return change.of in (Field.UNIT, Field.LEAD)
        case Way.EXTEND | Way.SET_LIMIT:
            assert known.due_on and change.due_on
            expired = known.due_on < ON_DAY
            return change.due_on > known.due_on and expired is (change.way is Way.SET_LIMIT)
        case Way.NEW_NUMBER:
            return change.of not in (Field.UNIT, Field.LEAD, Field.NO)
        case Way.KEEPS:
            return change.of is Field.NO
        case Way.TOO_LATE:
            return known.state in (State.CLOSED, State.WITHDRAWN) or change.of is Field.LIMIT
