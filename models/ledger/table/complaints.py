"""What is wrong and what is told of one sheet, collected while it is read. PURE.

Problems are told one by one, each with its cell. Warnings that say the same of the same value are told once, with
the rows they hold for: a ledger repeats its ways of writing thousands of times. Of a file where nearly every row has
something, the first are kept, and how many more there are.
"""

from collections.abc import Iterator, Sequence

from models.errors import Problem

KEPT_MOST = 10_000
"""Problems of rows, and warnings of rows, that are kept of one sheet; nobody reads more."""


class Complaints:
    """Of one sheet, by its name."""

    def __init__(self, sheet: str) -> None:
        self.sheet = sheet
        self._problems: list[Problem] = []
        self._warnings: list[Problem] = []
        self._alike: dict[tuple[str, str, str], list[int]] = {}
        self._of_rows = self._warnings_not_kept = 0

    def problem(self, text: str, row: int, column: str = "", value: str = "") -> None:
        """Of the sheet as a whole, or of its header."""
        self._problems.append(Problem(text, sheet=self.sheet, row=row, column=column, value=value))

    def problem_of_row(self, text: str, row: int, column: str, value: str = "") -> None:
        """Of one measure."""
        self._of_rows += 1
        if self._of_rows <= KEPT_MOST:
            self.problem(text, row, column, _on_one_line(value))

    def warn(self, text: str, row: int | None = None, column: str = "", value: str = "") -> None:
        """Of the sheet, or of its header."""
        self._warnings.append(Problem(text, sheet=self.sheet, row=row, column=column, value=value))

    def warn_of_row(self, text: str, row: int, column: str, value: str = "") -> None:
        """Of one measure; told once for all that are alike."""
        alike = (text, column, _on_one_line(value))
        if rows := self._alike.get(alike):
            rows.append(row)
        elif len(self._alike) < KEPT_MOST:
            self._alike[alike] = [row]
        else:
            self._warnings_not_kept += 1

    @property
    def of_rows(self) -> int:
        """How many problems of measures there are by now."""
        return self._of_rows

    def problems(self) -> list[Problem]:
        """In the order of their rows."""
        more = self._of_rows - KEPT_MOST
        untold = (
            [Problem(f"另有{more}处问题未列出，改正以上各处后再导入即可看到", sheet=self.sheet)] if more > 0 else []
        )
        return sorted(self._problems, key=lambda problem: problem.row or 0) + untold

    def warnings(self) -> list[Problem]:
        """Of the header first, then of rows by the first they hold for."""
        of_rows = sorted(self._alike.items(), key=lambda item: item[1][0])
        told = [
            Problem(_with_others(text, rows[1:]), sheet=self.sheet, row=rows[0], column=column, value=value)
            for (text, column, value), rows in of_rows
        ]
        more = self._warnings_not_kept
        untold = [Problem(f"另有{more}条提示未列出，所涉措施见预览", sheet=self.sheet)] if more else []
        return [*self._warnings, *told, *untold]


def _on_one_line(value: str) -> str:
    return " ".join(value.split()) if "\n" in value else value


def _with_others(text: str, others: list[int]) -> str:
    return f"{text}（{rows_zh(others)}相同）" if others else text


def rows_zh(rows: Sequence[int]) -> str:
    """Row numbers as 第3、5至8行; after twenty runs only how many there are in all."""
    runs = list(_runs(rows))
    shown = "、".join(str(run[0]) if run[0] == run[1] else f"{run[0]}至{run[1]}" for run in runs[:20])
    return f"第{shown}行" if len(runs) <= 20 else f"第{shown}行等共{len(rows)}行"


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    start = end = None
    for row in rows:
        if start is not None and end is not None and row == end + 1:
            end = row
            continue
        if start is not None and end is not None:
            yield start, end
        start = end = row
    if start is not None and end is not None:
        yield start, end
