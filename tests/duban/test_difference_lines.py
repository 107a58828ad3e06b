"""How a difference is told: numbers in runs, long lists cut short, and what to do about a measure that is gone."""

from dataclasses import replace
from datetime import date

import pytest

from duban.cli.difference_lines import Calling, difference_json, difference_lines, nos_zh
from models.ledger.content import Content, Field
from models.ledger.difference import Change, ChangedRow, Difference, Way
from models.ledger.known import KnownRow
from models.ledger.preview import LINES_MOST
from models.ledger.rows import LedgerRow
from models.lifecycle import ClosureClass, State
from models.timelimit import LimitKind, TimeLimit

CALLING = Calling(lambda no: no, {})
CONTENT = Content("问题", "措施", "", "L1", "D1", (), "6月底", ClosureClass.SETTLED, False)
NO_LIMIT = TimeLimit("", LimitKind.UNRESOLVED, None, "", (0, 0), frozenset(), True, "")
GONE = KnownRow(7, "3", 1, State.ASSIGNED, date(2023, 6, 30), CONTENT, CONTENT, 1)


def numbers(*parts: range | str) -> list[str]:
    return [no for part in parts for no in ([part] if isinstance(part, str) else map(str, part))]


@pytest.mark.parametrize(
    ("nos", "told"),
    [
        ([], ""),
        (["1"], "1"),
        (["1", "2"], "1、2"),
        (["1", "2", "3"], "1至3"),
        (numbers(range(1, 35)), "1至34"),
        (numbers("1", "3", "5"), "1、3、5"),
        (numbers(range(8, 12), "13", range(15, 18)), "8至11、13、15至17"),
        (["3", "2", "1"], "3、2、1"),
        (["1", "1", "2"], "1、1、2"),
        (["1.1", "1.2", "1.3"], "1.1、1.2、1.3"),
        (["01", "2", "3", "4"], "01、2至4"),
        (["（1）", "（2）", "（3）"], "（1）、（2）、（3）"),
        (["１", "２", "３"], "１、２、３"),
        (["0", "1", "2"], "0、1、2"),
        (["9" * 5000, "1"], "9" * 5000 + "、1"),
    ],
)
def test_whole_numbers_that_follow_each_other_are_a_run(nos: list[str], told: str) -> None:
    assert nos_zh(nos) == told


def test_of_many_numbers_the_first_are_told_and_how_many_there_are() -> None:
    odd = numbers(range(1, 81, 2))
    assert nos_zh(odd) == "、".join(odd)
    assert nos_zh([*odd, *numbers(range(83, 183))]) == "、".join(odd) + "等140条"


def test_of_long_lists_the_first_lines_are_told_and_how_many_more_there_are() -> None:
    gone = tuple(replace(GONE, no=str(no)) for no in range(LINES_MOST + 2))
    title, *lines = list(difference_lines(Difference(gone=gone), CALLING))[1:]
    assert (title, len(lines), lines[-1]) == ("台账中已没有，未作删除：", LINES_MOST + 1, "  …… 另有2条，见 --json")
    assert len(difference_json(Difference(gone=gone), CALLING)["gone"]) == LINES_MOST + 2


def test_what_is_gone_and_still_open_may_be_withdrawn() -> None:
    *_, line = difference_lines(Difference(gone=(GONE,)), CALLING)
    assert line == "  3（待签收）；如须作废：duban withdraw 3 --reason 理由 --by 经办人"


def test_what_is_gone_while_its_words_still_stand_in_the_file_has_no_cure() -> None:
    *_, line = difference_lines(Difference(gone=(GONE,), words_kept=frozenset({GONE.measure_id})), CALLING)
    assert line == "  3（待签收）"


def test_a_number_that_stays_is_told_as_it_is() -> None:
    row = LedgerRow(2, "台账", "5", "问题", "措施", "L1", "D1", (), "", NO_LIMIT, ClosureClass.SETTLED, False)
    changed = ChangedRow(GONE, row, (Change(Field.NO, "3", "5", Way.KEEPS),))
    *_, line = difference_lines(Difference(changed=(changed,)), CALLING)
    assert line == "  3 序号：3 → 5；编号不变，仍为3"


def test_what_is_gone_and_was_closed_stays() -> None:
    gone = Difference(gone=(replace(GONE, state=State.CLOSED),))
    *_, line = difference_lines(gone, CALLING)
    assert line == "  3（已销号）"
    assert difference_json(gone, CALLING)["gone"] == [{"no": "3", "state": "closed", "cure": ""}]
