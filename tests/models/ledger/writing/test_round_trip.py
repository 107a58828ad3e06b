"""A ledger that is written is read as the same ledger, whatever its cells say: as a workbook and as .csv."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.directory import Directory, DirectoryParty
from models.ledger.columns import Column, number_key
from models.ledger.content import Content, content_of
from models.ledger.files.cell_text import plain_text
from models.ledger.files.sheets import Sheet
from models.ledger.rows import LedgerReading
from models.ledger.table.reader import ledger_of
from models.ledger.table.words import is_ditto
from models.ledger.writing.annexes import annex_grids
from models.ledger.writing.delimited import csv_of
from models.ledger.writing.grid import fit
from models.ledger.writing.layout import ledger_grid
from models.ledger.writing.party_names import PartyNames
from models.ledger.writing.values import LedgerMeasure, WrittenLedger
from models.ledger.writing.workbook import workbook_of
from models.lifecycle import ClosureClass, Role, State
from tests.models.ledger.table.ledgers_made import CALENDAR, FEEDBACK
from tests.models.ledger.writing.ledgers_written import whole
from tests.office_files import sheets_of

ACTS, LEADS = frozenset({Role.UNIT}), frozenset({Role.LEAD})
DIRECTORY = Directory(
    tuple(
        DirectoryParty(code, name, roles)
        for code, name, roles in (
            ("D01", "办公室", ACTS),
            ("D02", "纪检、监察室", ACTS),
            ("D03", "无", ACTS),
            ("D04", "=1+1科", ACTS),
            ("D05", "人事科（牵头）", ACTS),
            ("D06", "教务 科", ACTS),
            ("D07", "-", ACTS),
            ("D08", "D01", ACTS),
            ("D09", "审计科；财务科", ACTS),
            ("L01", "张明", LEADS),
            ("L02", "@李华", LEADS),
            ("L03", "王局长", LEADS),
        )
    )
)
UNITS = [party.code for party in DIRECTORY.parties if party.roles == ACTS]
HEADS = [party.code for party in DIRECTORY.parties if party.roles == LEADS]
TEXTS = (
    '=HYPERLINK("http://x","点")', "=", "+1", "-1", "@SUM(A1)", "\t制表", "'单引号", "''=两个", "'=1+1", "＝全角",
    "－减", "001", "1e5", "0x1F", "1/2", "3.10", "TRUE", "100%", "2023-06-30", "_x0041_", "_x005F_x0041_", "a_x000D_b",
    "第一行\n第二行\n\n第四行", "一，二，三\n四，五，六\n七，八，九", "甲;乙;丙\n丁;戊;己", "“引号”\"'`", ',",\n",',
    "|竖|线|", "😀𠮷", "\u202e倒\u202c", "&amp;<b>", "]]>", "a\u00a0b", "合计", "注：说明", "整改措施",
    "本表仅供查看，导入时不读取。",
)  # fmt: skip
LIMITS = (
    "2023年6月30日前", "3个月内", "立行立改", "长期坚持", "4月底前，并长期坚持", "每季度末", "待定", "45107",
    "2023-06-30", "=6月", "5月底完成初稿；7月底前印发", "20个工作日内", "/", "-", "见备注", "六月\n底前", "2023.6.30",
)  # fmt: skip
NUMBERS = (
    "1",
    "01",
    "001",
    "1.10",
    "（三）",
    "一、",
    "①",
    "=1",
    "-2",
    "@3",
    "'4",
    "+5",
    "1-2",
    "A_x0041_",
    "3/4",
    "2.",
)


def is_a_text(text: str) -> bool:
    """Whether a text can have been read from a ledger."""
    return bool(text) and text == plain_text(text).strip() and not is_ditto(text) and text[0] != "#"


texts = st.sampled_from(TEXTS).map(str.strip) | st.text(max_size=30).filter(is_a_text)


@st.composite
def contents(draw: st.DrawFn) -> list[Content]:
    """Rows as an importer may have stored them."""
    problems = draw(st.lists(texts, min_size=1, max_size=3))
    wholes = draw(st.lists(texts, min_size=1, max_size=2))
    numbers = draw(st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=6, unique_by=number_key))
    made = []
    for no in numbers:
        unit = draw(st.sampled_from(UNITS))
        text, part_of = draw(texts | st.sampled_from(wholes)), draw(st.sampled_from(["", *wholes]))
        helping = draw(st.lists(st.sampled_from([one for one in UNITS if one != unit]), unique=True, max_size=4))
        made.append(
            Content(
                draw(st.sampled_from(problems)),
                text,
                "" if part_of == text else part_of,
                draw(st.sampled_from(HEADS)),
                unit,
                tuple(sorted(helping)),
                draw(st.sampled_from(LIMITS)),
                draw(st.sampled_from(ClosureClass)),
                draw(st.booleans()),
                no,
            )
        )
    return made


def written(rows: Sequence[Content]) -> WrittenLedger:
    names = PartyNames(DIRECTORY)
    called = {party.code: party.name for party in DIRECTORY.parties}
    measures = [
        LedgerMeasure(
            no=row.no, problem=row.problem, text=row.text, part_of=row.part_of,
            lead=names.one(Column.LEAD, row.lead, called[row.lead]),
            unit=names.one(Column.UNIT, row.unit, called[row.unit]),
            cooperating=names.several(tuple((code, called[code]) for code in row.cooperating)),
            limit=row.limit, closure=row.closure, major=row.major, state=State.IN_PROGRESS, progress="=1+1",
        )
        for row in rows
    ]  # fmt: skip
    return whole(measures)


def read(content: bytes, name: str) -> LedgerReading:
    sheets = [Sheet(title, iter(rows)) for title, rows in sheets_of(content, name).items()]
    return ledger_of(sheets, DIRECTORY, FEEDBACK, CALENDAR)


def read_back(content: bytes, name: str) -> list[Content]:
    reading = read(content, name)
    assert reading.problems == ()
    # The number as it is written, and not only as it is compared.
    return [replace(content_of(row), no=row.no) for row in reading.rows]


def workbook(ledger: WrittenLedger) -> bytes:
    return workbook_of([fit(grid)[0] for grid in (ledger_grid(ledger), *annex_grids(ledger))])


@settings(max_examples=25, deadline=None)
@given(contents())
def test_what_is_written_is_read_as_the_same(rows: list[Content]) -> None:
    ledger = written(rows)
    assert read_back(workbook(ledger), "台账.xlsx") == rows
    assert read_back(csv_of(fit(ledger_grid(ledger))[0]), "台账.csv") == rows


PART = Content("问题", "子措施", "措施", "L01", "D01", (), "待定", ClosureClass.SETTLED, False, "1")


@pytest.mark.parametrize(
    "said",
    [
        pytest.param([("甲", "乙"), ("乙", ""), ("乙", "")], id="a measure, and parts of one that is called the same"),
        pytest.param([("乙", ""), ("甲", "乙"), ("丙", "乙")], id="parts below a measure that is called the same"),
        pytest.param([("甲", "乙"), ("丙", ""), ("丁", "乙")], id="parts with a measure between them"),
        pytest.param([("甲", "乙"), ("甲", "乙")], id="one part twice"),
    ],
)
def test_measures_and_their_parts_are_told_apart(said: list[tuple[str, str]]) -> None:
    rows = [replace(PART, text=text, part_of=of, no=str(no)) for no, (text, of) in enumerate(said, 1)]
    ledger = written(rows)
    assert read_back(workbook(ledger), "台账.xlsx") == rows
    assert read_back(csv_of(fit(ledger_grid(ledger))[0]), "台账.csv") == rows


def test_sheets_beside_the_ledger_and_columns_behind_it_confuse_nobody() -> None:
    """One hint tells of the columns that are not read; of the other sheets there is nothing to say."""
    reading = read(workbook(written([PART])), "台账.xlsx")
    assert [sheet.name for sheet in reading.sheets] == ["整改台账"]
    (hint, limit) = reading.warnings
    assert hint.text.startswith("认得但不读取的列：状态")
    assert limit.column == Column.LIMIT
