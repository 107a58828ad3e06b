"""The process that reads a file: its limits, and that it becomes one refusal and is gone, however it ends."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from models.errors import LedgerRefused
from models.ledger.files.grid import Found, HiddenSheet, SheetRow
from models.ledger.files.sandbox import read_in_sandbox, reader_command
from models.ledger.files.wire import END, heard, lines_of
from tests.office_files import sheet_xml

ROW = '["rows",[[1,["一"]]]]'


@pytest.fixture
def file(tmp_path: Path) -> Iterator[BinaryIO]:
    path = tmp_path / "a.csv"
    path.write_text("一,二,三\n" * 50_000, encoding="utf-8")
    with path.open("rb") as opened:
        yield opened


def command(program: str) -> tuple[str, ...]:
    return sys.executable, "-I", "-c", program


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split())


@pytest.mark.parametrize(
    ("program", "zh"),
    [
        pytest.param("import os; os.kill(os.getpid(), 11)", "意外中断", id="crashes"),
        pytest.param("import os; os.kill(os.getpid(), 24)", "用时过长", id="uses up its time"),
        pytest.param("raise SystemExit(3)", "意外中断", id="fails"),
        pytest.param(f"print({ROW!r})", "意外中断", id="ends in the middle"),
        pytest.param("print('no JSON')", "意外中断", id="tells garbage"),
        pytest.param("print('[\"rows\",[[1,[1.5]]]]')", "意外中断", id="tells what is no cell"),
        pytest.param("print('[\"rows\",[[1,[99999999]]]]')", "意外中断", id="tells a day that is none"),
        pytest.param('print(\'["rows",[[1,["一"],true,[0],[[0]]]]]\')', "意外中断", id="tells what is no width"),
        pytest.param("print('{}')", "意外中断", id="tells something else"),
        pytest.param("import time; time.sleep(60)", "用时过长", id="says nothing"),
        pytest.param("import os, time; os.close(1); time.sleep(60)", "用时过长", id="closes its mouth"),
        pytest.param(
            f"import time\nwhile True: print({ROW!r}, flush=True); time.sleep(0.1)",
            "用时过长",
            id="never comes to an end",
        ),
        pytest.param("while True: print('x' * 2**20, end='')", "意外中断", id="tells a line without end"),
    ],
)
def test_however_it_ends_it_is_one_refusal_and_is_gone(file: BinaryIO, program: str, zh: str) -> None:
    before = children()
    with pytest.raises(LedgerRefused, match=zh) as refused:
        list(read_in_sandbox(file, "a.csv", command(program), patience_s=0.4))
    assert refused.value.cure
    assert "Traceback" not in refused.value.in_full
    assert children() == before


def test_a_process_that_cannot_be_started_is_a_refusal(file: BinaryIO) -> None:
    with pytest.raises(LedgerRefused, match="意外中断"):
        list(read_in_sandbox(file, "a.csv", ("/no/such/interpreter",)))


def test_it_is_gone_when_nobody_listens_any_more(file: BinaryIO) -> None:
    before = children()
    found = read_in_sandbox(file, "a.csv")
    assert next(found) == "a"
    assert children() > before
    found.close()
    assert children() == before


def test_it_is_gone_when_whoever_listens_is_killed(tmp_path: Path, file: BinaryIO) -> None:
    """The listener says the number of its child, is killed without a chance to tidy up, and the child ends."""
    listener = (
        "import os, sys, signal, pathlib; from models.ledger.files.sandbox import read_in_sandbox\n"
        f"found = read_in_sandbox(open({file.name!r}, 'rb'), 'a.csv'); next(found)\n"
        "print(pathlib.Path(f'/proc/self/task/{os.getpid()}/children').read_text(), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    told = subprocess.run(command(listener), capture_output=True, text=True, check=False, timeout=30)
    child = Path("/proc") / told.stdout.strip()
    assert child.name.isdigit()
    for _ in range(100):
        if not child.exists() or ") Z " in (child / "stat").read_text(encoding="utf-8"):
            return
        subprocess.run(["sleep", "0.05"], check=True)
    pytest.fail(f"process {child.name} outlived the one that started it")


def test_time_spent_with_the_rows_does_not_count(file: BinaryIO) -> None:
    """It is waited for 1.6 s in all; whoever listens takes 1.8 s over one row, while it waits for room to go on."""
    program = f"for _ in range(20_000): print({ROW!r})\nprint({END.decode()!r})"
    found = read_in_sandbox(file, "a.csv", command(program), patience_s=0.4)
    next(found)
    subprocess.run(["sleep", "1.8"], check=True)
    assert sum(1 for _ in found) == 20_000 - 1


def test_it_has_no_environment_writes_and_starts_nothing_and_has_little_room(
    file: BinaryIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same process, asked from within what it may do, in place of reading."""
    monkeypatch.setenv("DUBAN_SECRET", "geheim")
    program = (
        "import os, sys, resource, models.ledger.files.sandboxed as reader\n"
        "def found(file, name):\n"
        "    yield ' '.join(sorted(os.environ))\n"
        "    yield ' '.join(str(resource.getrlimit(getattr(resource, 'RLIMIT_' + each))[0]) "
        "for each in ('AS', 'CPU', 'FSIZE', 'CORE', 'NPROC'))\n"
        "    yield ' '.join(sorted(os.listdir('/proc/self/fd')))\n"
        "    bytearray(600 * 2**20)\n"
        f"reader.rows_of_file = found; sys.argv = ['', 'a.csv', '{os.getpid()}']; reader.main()"
    )
    found = read_in_sandbox(file, "a.csv", command(program))
    assert "DUBAN_SECRET" not in str(next(found))
    assert next(found) == f"{512 * 2**20} 30 0 0 0"
    assert next(found) == "0 1 2 3"  # input, output, errors, and the list of files itself
    with pytest.raises(LedgerRefused, match="512 MiB"):
        next(found)


def test_a_parent_that_is_gone_is_not_waited_for(file: BinaryIO) -> None:
    orphan = subprocess.run((*reader_command("a.csv")[:-1], "1"), stdin=file, capture_output=True, check=False)
    assert (orphan.returncode, orphan.stdout) == (1, b"")


def test_a_large_dimension_costs_neither_memory_nor_time(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows = "<row r='1'><c><v>1</v></c></row><row r='1048576'><c r='XFD1048576'/></row>"
    path.write_bytes(sheet_xml(rows, before='<dimension ref="A1:XFD1048576"/>'))
    assert path.stat().st_size < 1_400
    with path.open("rb") as opened:
        assert list(read_in_sandbox(opened, "a.xlsx", patience_s=5)) == ["台账", SheetRow(1, ("1",))]


def test_what_is_told_is_what_is_heard() -> None:
    rows: list[Found] = [SheetRow(number, ("一", "x" * 1000, "\n\"\\'")) for number in range(1, 1003)]
    marked = SheetRow(1003, ("二",), hidden=True, spanned=frozenset({0}), widths={0: 2}, struck=frozenset({1, 2}))
    said: list[Found] = ["台账", *rows, marked, HiddenSheet("第二批"), "", "空"]
    told = list(lines_of(iter(said)))
    assert 4 < len(told) < 20
    assert [item for line in told for item in heard(line)] == said
    assert END not in told
