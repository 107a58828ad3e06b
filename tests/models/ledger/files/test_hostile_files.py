"""Files by chance: whatever it is, sheets come out or one LedgerRefused, and never anything else.

The short form reads the files in this process; with DUBAN_FUZZ_FILES=10000 (`make soak`) so many are each read as an
office's file is, by the sandbox.
"""

import os
import re
from collections import Counter
from io import BytesIO
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import HealthCheck, given, settings

from models.errors import LedgerRefused
from models.ledger.files.bounds import SECONDS_MOST
from models.ledger.files.grid import SheetRow
from models.ledger.files.opening import rows_of_file
from models.ledger.files.sheets import read_sheets
from models.ledger.files.wire import heard, lines_of
from tests.hostile_files import REAL, hostile

ASKED_FOR = int(os.environ.get("DUBAN_FUZZ_FILES", "0"))
FILES = ASKED_FOR or 120
SPARE_S = 10
"""For starting the process and for a machine that is busy."""
OUR_FAULTS = re.compile(r"(Import|ModuleNotFound|Recursion)Error")
"""Other faults of ours go through the reader, and end the sandbox unawares."""


def refused_rightly(refused: LedgerRefused) -> int:
    """-1; a refusal has its cure, and comes of the file and not of a fault of ours that the file brought to light."""
    assert refused.cure
    assert "意外中断" not in refused.zh
    assert not OUR_FAULTS.search(repr(refused.__cause__)), refused.__cause__
    return -1


def read_here(content: bytes, name: str) -> int:
    """How many rows the file has, told and heard as the sandbox does; -1 where it is refused."""
    try:
        lines = list(lines_of(rows_of_file(BytesIO(content), name)))
        return sum(isinstance(item, SheetRow) for line in lines for item in heard(line))
    except LedgerRefused as refused:
        return refused_rightly(refused)


def read_in_sandbox(path: Path) -> int:
    since = monotonic()
    try:
        rows = sum(sum(1 for _ in sheet.rows) for sheet in read_sheets(path))
    except LedgerRefused as refused:
        rows = refused_rightly(refused)
    assert monotonic() - since < SECONDS_MOST + SPARE_S
    return rows


def test_any_file_gives_sheets_or_one_refusal(tmp_path_factory: pytest.TempPathFactory) -> None:
    """As many files as asked for; of both outcomes there must be some, or the files are no test of the reader."""
    outcomes: Counter[str] = Counter()
    folder = tmp_path_factory.mktemp("hostile")

    @settings(max_examples=FILES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(hostile)
    def read(file: tuple[str, bytes]) -> None:
        name, content = file
        if ASKED_FOR:
            (folder / name).write_bytes(content)
            found = read_in_sandbox(folder / name)
        else:
            found = read_here(content, name)
        outcomes["refused" if found < 0 else "read"] += 1

    read()
    print(f"{outcomes.total()} files: {dict(outcomes)}")  # noqa: T201  # the figure of the long form
    assert min(outcomes["read"], outcomes["refused"]) > outcomes.total() / 20


def test_the_real_files_are_read() -> None:
    assert [read_here(content, name) for name, content in REAL.items()] == [10, 5, 10, 2]
