"""The difference between the rows there are and the rows that were read, against a twin that looks at one at a time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from models.ledger.columns import number_key
from models.ledger.content import Content, Field, content_of, due_of
from models.ledger.difference import Change, Difference, KnownRow, Way, difference
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


def known_as(now: Content = ONE, imported: Content = ONE, no: str = "1", state: State = State.DRAFTED) -> KnownRow:
    return KnownRow(7, no, 1, state, LIMITS[now.limit], now, imported, 1)


def compared(known: KnownRow, content: Content) -> Difference:
    return difference([known], [row_of(known.no, content)], ENDS_ON, ON_DAY)


# --- By example


def test_what_is_kept_of_a_row_is_read_back() -> None:
    content = replace(ONE, text='“引号”"\\\n换行', part_of="措施", cooperating=("D2", "D3"), major=True)
    assert Content.read(content.written()) == content


def test_cooperating_units_have_no_order() -> None:
    row = replace(row_of("1", ONE), cooperating=("D3", "D2"))
    assert content_of(row).cooperating == ("D2", "D3")


def test_a_sustained_limit_without_a_date_is_due_at_the_end_of_the_round() -> None:
    assert due_of(row_of("1", replace(ONE, limit="长期坚持")), ENDS_ON) == ENDS_ON
    assert due_of(row_of("1", replace(ONE, limit="待定")), ENDS_ON) is None


def test_rows_that_are_not_in_the_round_are_new_in_their_order() -> None:
    rows = [row_of(no, ONE) for no in ("3", "2", "1")]
    found = difference([known_as(no="2")], rows, ENDS_ON, ON_DAY)
    assert [row.no for row in found.new] == ["3", "1"]


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


# --- The twin


def twin(known: Sequence[KnownRow], read: Sequence[LedgerRow]) -> tuple[object, ...]:
    """New numbers, changed fields by number, gone numbers, clashing numbers, restated: one row, one field at a time."""
    numbers = [number_key(row.no) for row in read]
    new = [row.no for row in read if number_key(row.no) not in [number_key(one.no) for one in known]]
    ledgers = [one.series for one in known if number_key(one.no) in numbers]
    gone = [
        one.no
        for one in known
        if number_key(one.no) not in numbers and one.series in ledgers and one.state != State.WITHDRAWN
    ]
    changed, clashing, restated = {}, [], 0
    for one in known:
        if number_key(one.no) not in numbers:
            continue
        row = read[numbers.index(number_key(one.no))]
        said = content_of(row)
        if not row.unit and not row.lead:
            told = {"problem", "text", "part_of"}
            said = replace(said, **{f: getattr(one.imported, f) for f in said.__slots__ if f not in told})
        if said.problem != one.now.problem and said.text != one.now.text:
            clashing.append(one.no)
            continue
        fields = [field for field in Field if _is_changed(field, one, said, due_of(row, ENDS_ON))]
        if fields:
            changed[one.no] = fields
        elif said != one.imported:
            restated += 1
    return new, changed, gone, clashing, restated


def _is_changed(field: Field, one: KnownRow, said: Content, due_on: date | None) -> bool:
    wanted = getattr(said, field)
    if wanted == getattr(one.imported, field) or wanted == getattr(one.now, field):
        return False
    drafted = one.state == State.DRAFTED
    return drafted or field != Field.LIMIT or due_on is None or due_on != one.due_on


WORDS = st.sampled_from(["一", "二"])
CONTENTS = st.builds(
    Content,
    problem=WORDS, text=WORDS, part_of=st.sampled_from(["", "一"]), lead=st.sampled_from(["", "L1", "L2"]),
    unit=st.sampled_from(["", "D1", "D2"]), cooperating=st.sampled_from([(), ("D3",), ("D3", "D4")]),
    limit=st.sampled_from(sorted(LIMITS)), closure=st.sampled_from(ClosureClass), major=st.booleans(),
)  # fmt: skip
KNOWN = st.builds(
    KnownRow,
    measure_id=st.integers(1, 9), no=st.sampled_from(["1", "（1）", "2", "3.1", "4"]), version=st.just(1),
    state=st.sampled_from(State), due_on=st.sampled_from([None, date(2023, 4, 30), date(2023, 6, 30)]), now=CONTENTS,
    imported=CONTENTS, series=st.integers(0, 2),
)  # fmt: skip
READ = st.builds(row_of, st.sampled_from(["1", "(1)", "2", "3.1", "5"]), CONTENTS)


@given(
    st.lists(KNOWN, max_size=5, unique_by=lambda one: number_key(one.no)),
    st.lists(READ, max_size=5, unique_by=lambda row: number_key(row.no)),
)
def test_the_difference_is_what_looking_at_one_field_after_another_finds(
    known: list[KnownRow], read: list[LedgerRow]
) -> None:
    found = difference(known, read, ENDS_ON, ON_DAY)
    changed = {one.known.no: [change.of for change in one.changes] for one in found.changed}
    clashing = [one.no for one in known if number_key(one.no) in {number_key(clash.value) for clash in found.clashes}]
    assert twin(known, read) == (
        [row.no for row in found.new], changed, [one.no for one in found.gone], clashing, found.restated,
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
            return change.of not in (Field.UNIT, Field.LEAD)
        case Way.TOO_LATE:
            return known.state in (State.CLOSED, State.WITHDRAWN) or change.of is Field.LIMIT
