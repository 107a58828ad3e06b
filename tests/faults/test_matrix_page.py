"""The page about the fault matrix says what the tests run, and every case on it is run."""

from collections import Counter
from pathlib import Path

from tests.faults.matrix import smtp_cells
from tests.faults.matrix_cases import CASES
from tests.faults.matrix_http import http_cells
from tests.faults.matrix_page import page

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"


def test_the_page_says_what_the_tests_run() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.faults.matrix_page > docs/faults.md"


def test_every_cell_has_one_end_only() -> None:
    cells = Counter(str(cell) for cell in (*smtp_cells(), *http_cells()))
    cases = Counter(f"{title}: {case}" for title, cases in CASES for case in cases)
    assert [name for name, times in (cells + cases).items() if times > 1] == []
