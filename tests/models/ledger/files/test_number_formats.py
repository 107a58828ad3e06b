"""What numbers show under a format: days, months, shares, and digits with their zeros and words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import from_excel

from models.ledger.files.number_formats import EPOCH_1904, format_of

DAY = 45107  # 2023-06-30


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ("General", 1.10, "1.1"),
        ("G/通用格式", 3, "3"),
        ("@", 20230630, "20230630"),
        ("0", 3, "3"),
        ("0_ ", 3, "3"),
        ("0_);[Red]\\(0\\)", -3, "(3)"),
        ("00#", 7, "07"),
        ("000", 7, "007"),
        ('"第"0"项"', 3, "第3项"),
        ("第0项", 3, "第3项"),
        ("0.00", 1.1, "1.10"),
        ("0.0#", 1.25, "1.25"),
        ("0.0", 1.25, "1.3"),
        ("0%", 0.5, "50%"),
        ("0.00%", 0.1234, "12.34%"),
        ("#,##0", 20230630, "20230630"),
        ("#,##0,", 5000, "5000"),
        ("# ?/?", 0.5, "0.5"),
        ("0.00E+00", 12345, "12345"),
        ("0000-00-00", 20230630, "20230630"),
        ('yyyy"年"m"月"d"日";@', DAY, date(2023, 6, 30)),
        ("[$-F800]dddd, mmmm dd, yyyy", DAY, date(2023, 6, 30)),
        ("yyyy年m月d日", DAY, date(2023, 6, 30)),
        ('m"月"d"日"', DAY, date(2023, 6, 30)),
        ("yyyy/m/d h:mm", DAY + 0.75, date(2023, 6, 30)),
        ('yyyy"年"m"月"', DAY, "2023年6月"),
        ('m"月"', DAY, "2023年6月"),
        ('yyyy"年"', DAY, "2023年"),
        ("h:mm", 0.75, "18:00:00"),
        ("h:mm", DAY + 0.75, "18:00:00"),
        ("[h]:mm", 0.5, "12:00:00"),
        ("[h]:mm", 3, "72:00:00"),
        ("[mm]:ss", 1.5, "36:00:00"),
        ("General", 1.5e17, "150000000000000000"),
        ("0", 1e20, "100000000000000000000"),
        ("yyyy-mm-dd", -5, "#VALUE!"),
        ("yyyy-mm-dd", 1e12, "#VALUE!"),
        ("yyyy-mm-dd", 0, "0"),
        ("0", 1e300, "1e+300"),
    ],
)
def test_a_number_is_shown_as_its_format_says(code: str, number: float, shown: str | date) -> None:
    assert format_of(200, code).shown(number) == shown


@pytest.mark.parametrize(
    ("built_in", "shown"),
    [
        (14, date(2023, 6, 30)),
        (31, date(2023, 6, 30)),
        (57, "2023年6月"),
        (9, "4510700%"),
        (49, "45107"),
        (0, "45107"),
    ],
)
def test_formats_that_are_built_in_need_no_code(built_in: int, shown: str | date) -> None:
    assert format_of(built_in, None).shown(DAY) == shown


def test_the_code_a_workbook_gives_for_a_number_counts() -> None:
    assert format_of(31, "0.0").shown(DAY) == "45107.0"


@given(st.integers(1, 2_958_465))
def test_days_are_those_openpyxl_finds(serial: int) -> None:
    """But for the day that never was, 1900-02-29, which is shown as the day before March."""
    expected = from_excel(serial) if serial != 60 else date(1900, 2, 28)
    shown = format_of(14, None).shown(serial)
    assert shown == (expected.date() if hasattr(expected, "date") else expected)


def test_days_count_from_1904_where_told() -> None:
    assert format_of(14, None).shown(0, EPOCH_1904) == date(1904, 1, 1)
    assert format_of(14, None).shown(DAY - 1462, EPOCH_1904) == date(2023, 6, 30)


@given(st.text(max_size=30), st.floats(allow_nan=False, allow_infinity=False))
def test_any_format_shows_any_number_somehow(code: str, number: float) -> None:
    assert isinstance(format_of(200, code).shown(number), str | date)


@given(st.text('yYmdhs0#?.,;[]$-"\\_*@%()第年月 /E+', max_size=20), st.floats(-1e6, 1e6))
def test_so_do_codes_that_look_like_formats(code: str, number: float) -> None:
    assert isinstance(format_of(200, code).shown(number), str | date)
