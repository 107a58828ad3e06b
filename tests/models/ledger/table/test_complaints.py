"""What is told of rows that are alike."""

import pytest

from models.ledger.table.complaints import rows_zh


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([3], "第3行"),
        ([3, 4, 5, 8], "第3至5、8行"),
        (list(range(1, 60, 2)), f"第{'、'.join(str(n) for n in range(1, 40, 2))}行等共30行"),
    ],
)
def test_rows_in_words(rows: list[int], said: str) -> None:
    assert rows_zh(rows) == said
