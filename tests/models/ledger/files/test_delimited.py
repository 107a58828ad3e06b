"""Ledgers kept as text: encodings, delimiters, quotes, and the numbers of rows."""

import pytest

from models.errors import LedgerRefused
from models.ledger.files.grid import SheetRow
from tests.office_files import cells_of, only_rows, sheets_of

TEXT = "序号,反馈问题,整改措施\n1,学习不够深入,订计划\n"
CELLS = [("序号", "反馈问题", "整改措施"), ("1", "学习不够深入", "订计划")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_reads_the_same_in_every_encoding_an_office_writes(encoding: str) -> None:
    assert sheets_of(TEXT.encode(encoding), "台账.csv") == {
        "台账": [SheetRow(1, CELLS[0]), SheetRow(2, CELLS[1])]
    }  # fmt: skip


def test_big_endian_text_with_a_mark_is_read() -> None:
    assert cells_of(only_rows(b"\xfe\xff" + TEXT.encode("utf-16-be"), "a.csv")) == CELLS


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    """A line break inside quotes is no new row; a blank line is one, though it is left out."""
    text = '一,"两\r\n行"\r\n\r\n ,\u3000\r\n三,四,,,\r\n'
    assert only_rows(text.encode(), "a.CSV") == [SheetRow(1, ("一", "两\n行")), SheetRow(4, ("三", "四"))]


@pytest.mark.parametrize("delimiter", ["\t", ";", "，", "；", "|"])
def test_the_delimiter_is_the_one_by_which_rows_have_equally_many_cells(delimiter: str) -> None:
    assert cells_of(only_rows(TEXT.replace(",", delimiter).encode(), "a.txt")) == CELLS


def test_delimiters_inside_texts_are_no_delimiters() -> None:
    """A title in prose and units parted by semicolons stand in a ledger whose cells are parted by commas."""
    text = "台账，第一批，共三项；请各单位对照，逐项落实\n序号,问题,单位\n"
    text += "1,不严；不实；不细，等等,甲;乙;丙;丁\n2,不够，深,甲;乙;丙\n"
    assert cells_of(only_rows(text.encode(), "a.csv"))[1:] == [
        ("序号", "问题", "单位"), ("1", "不严；不实；不细，等等", "甲;乙;丙;丁"), ("2", "不够，深", "甲;乙;丙")
    ]  # fmt: skip


def test_delimiters_and_line_breaks_inside_quotes_are_none() -> None:
    """The lines of a text may have equally many commas in full width, and be more than the rows of the ledger."""
    text = "甲，一，二\n乙，三，四\n丙，五，六"
    assert cells_of(only_rows(f'"序号","问题","措施"\n"1","不严","{text}"\n'.encode(), "a.csv"))[1] == (
        "1",
        "不严",
        text,
    )


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("'=1+1", "=1+1"),
        ("'@x", "@x"),
        ("''-1", "'-1"),
        ("'＝甲", "＝甲"),
        ("'文字", "'文字"),
        ("''", "''"),
        ("=1+1", "=1+1"),
        ("a'=b", "a'=b"),
    ],
)
def test_the_guard_before_a_formula_is_no_part_of_the_text(cell: str, text: str) -> None:
    assert cells_of(only_rows(f"1,{cell},2".encode(), "a.csv")) == [("1", text, "2")]


def test_signs_that_no_workbook_could_hold_are_left_out() -> None:
    assert cells_of(only_rows('1,"甲\x01乙\x0b\ufffe丙\r丁",2'.encode(), "a.csv")) == [("1", "甲乙丙\n丁", "2")]


def test_columns_that_are_blank_to_the_end_do_not_count() -> None:
    assert cells_of(only_rows(f"一,二{',' * 300}\n".encode(), "a.csv")) == [("一", "二")]


@pytest.mark.parametrize(
    ("content", "zh"),
    [
        pytest.param(b'1,"2\n3,4\n', "第2行附近", id="a quote left open"),
        pytest.param(b"\xff\xfe1\x00\x00", "文字编码", id="half a sign"),
        pytest.param(b"1,2\x00\n", "文字编码", id="signs that are no text"),
        pytest.param(b"1,\x81\n\xff", "文字编码", id="no encoding we know"),
        pytest.param(b"1," * 100 + b"1", "100列", id="too many columns"),
        pytest.param(b"1\n" * 200_001, "超过200000行", id="too many rows"),
        pytest.param(b"1," + b"x" * 32_768, "超过32767个字", id="a cell beyond measure"),
        pytest.param(b" " * (50 * 1024 * 1024 + 1), "50 MiB", id="too many bytes"),
    ],
)
def test_text_that_is_no_ledger_is_refused(content: bytes, zh: str) -> None:
    with pytest.raises(LedgerRefused, match=zh):
        only_rows(content, "a.csv")
