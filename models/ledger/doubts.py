"""Why a row cannot be told to be this measure or that, as problems that name both and say what to do. PURE.

Made from the doubts of models/ledger/matching.py, and from numbers that another measure keeps. No cure is to withdraw
what stands in the file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.errors import Problem
from models.ledger.columns import Column
from models.ledger.excerpts import short
from models.ledger.known import KnownRow
from models.ledger.matching import Doubt, Doubtful
from models.ledger.rows import LedgerRow

_MOST = 30


@dataclass(frozen=True, slots=True)
class Doubts:
    """What doubts are about: the measures, the rows, and which row (by place) each measure (by place) was found in."""

    known: Sequence[KnownRow]
    read: Sequence[LedgerRow]
    row_of: Mapping[int, int]

    def problem(self, doubt: Doubtful) -> Problem:
        """The problem of a row that may or may not be a measure."""
        row, known = self.read[doubt.row], self.known[doubt.known]
        match doubt.why:
            case Doubt.ANOTHER:
                told = f"轮次中已有此编号，但反馈问题和整改措施都不同（现有：{_text(known)}）；"
                cure = "如是另一份台账，请用 --round 另起轮次，或改用未用过的编号"
            case Doubt.COPY:
                told = f"编号{_no(known)}现为“{_text(known)}”，本行却与{self._other(doubt)}的反馈问题和整改措施相同；"
                cure = f"{_kept(row)}，重复的行请删去"
            case Doubt.MOVED:
                told = f"编号{_no(known)}现为“{_text(known)}”，本行却不同，{self._likeness(doubt)}，编号可能错位；"
                cure = _kept(row)
            case Doubt.OTHER_UNIT:
                told = f"与编号{_no(known)}的反馈问题和整改措施相同，编号和责任单位却都不同，不能确定是否同一条；"
                cure = f"如是同一条，请用编号{_no(known)}；如是另一条，请在整改措施中写明区别"
        return problem_at(row, Column.NO, told + cure, row.no)

    def taken(self, at: int, holder: int) -> Problem:
        """The problem of a new row whose number another measure keeps."""
        row, known = self.read[at], self.known[holder]
        told = f"编号{_no(known)}是“{_text(known)}”的编号，不能再给别的措施"
        there = self.row_of.get(holder)
        if there is not None:
            told = f"{told}（现在{self._row(there)}，编为{short(self.read[there].no, _MOST)}）"
        return problem_at(row, Column.NO, f"{told}；{_kept(row)}", row.no)

    def _other(self, doubt: Doubtful) -> str:
        assert doubt.other_known is not None, "a copy is of a measure"
        there, other = self.row_of.get(doubt.other_known), self.known[doubt.other_known]
        return f"编号{_no(other)}" if there is None else f"{self._row(there)}（编号{_no(other)}）"

    def _likeness(self, doubt: Doubtful) -> str:
        if doubt.other_row is not None:
            return f"与之相近的是{self._row(doubt.other_row)}"
        assert doubt.other_known is not None, "a number that moved has a neighbour"
        return f"与编号{_no(self.known[doubt.other_known])}相近"

    def _row(self, at: int) -> str:
        return f"工作表“{self.read[at].sheet}”第{self.read[at].row}行"


def problem_at(row: LedgerRow, column: Column, text: str, value: str = "") -> Problem:
    """A problem of one row."""
    return Problem(text, sheet=row.sheet, row=row.row, column=column.value, value=value)


def _kept(row: LedgerRow) -> str:
    if row.made_no:
        return "请在序号列中每行写明编号：原有的措施用原编号，新增的措施用未用过的编号"
    return "原有的措施请用原编号，新增的措施请用未用过的编号"


def _no(known: KnownRow) -> str:
    return short(known.no, _MOST)


def _text(known: KnownRow) -> str:
    return short(known.now.text, _MOST)
