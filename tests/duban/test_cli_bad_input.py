"""What offices get wrong: ledgers, directories, policies, calendars, places. One sentence, the places, the cure.

Each ends with exit 1 or 2 and nothing on standard output, without a traceback, and leaves the home as it was.
"""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import create_engine, text

from tests.duban.conftest import Duban, kept_in

HEADINGS = ["序号", "反馈问题", "整改措施", "牵头领导", "责任单位", "配合单位", "完成时限", "销号类别", "重大"]
GOOD = ["1", "学习不深", "订出学习计划", "林致远", "办公室", "人事科", "2023年6月30日前", "限时办结", "否"]
IMPORT = ("--round", "2023", "--feedback-on", "2023-03-25")
Table = list[list[str]]


def table(**changes: str) -> Table:
    """A ledger of one good row but for what is given by its heading."""
    return [HEADINGS, [changes.get(heading, cell) for heading, cell in zip(HEADINGS, GOOD, strict=True)]]


def without(heading: str) -> Table:
    place = HEADINGS.index(heading)
    return [[cell for at, cell in enumerate(row) if at != place] for row in table()]


def two_rows(no: str) -> Table:
    """Another problem under a number that was there."""
    return [*table(), [no, "作风不实", *GOOD[2:]]]


def csv_text(rows: Table) -> str:
    return "\n".join(",".join(row) for row in rows)


@pytest.fixture
def rehearsal(duban: Duban, place: Path) -> Path:
    assert duban("init", "--rehearsal").code == 0
    return place / "home"


# --- Ledgers


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param(without("责任单位"), "第1行 “责任单位”列：缺少这一列", id="a column is missing"),
        pytest.param(without("完成时限"), "第1行 “完成时限”列：缺少这一列", id="the column of limits is missing"),
        pytest.param(table(完成时限=""), "第2行 “完成时限”列：完成时限没有填写", id="a limit is empty"),
        pytest.param(table(完成时限="2023年2月30日前"), "第2行 “完成时限”列：", id="a date that does not exist"),
        pytest.param(two_rows("1"), "第3行 “序号”列：第2行与第3行的序号相同（原值：1）", id="two rows, one number"),
        pytest.param(two_rows("１"), "第3行 “序号”列：第2行与第3行的序号相同（原值：１）", id="in another width"),
        pytest.param(table(牵头领导="张三"), "第2行 “牵头领导”列：", id="a lead whom nobody knows"),
        pytest.param(table(牵头领导="办公室"), "第2行 “牵头领导”列：", id="a lead who is a unit"),
        pytest.param(table(责任单位="林致远"), "第2行 “责任单位”列：", id="a unit that is a lead"),
        pytest.param(table(责任单位=""), "第2行 “责任单位”列：责任单位没有填写", id="no unit"),
        pytest.param(table(配合单位="后勤科"), "第2行 “配合单位”列：", id="an unknown unit cooperates"),
        pytest.param(table(销号类别="尽快"), "第2行 “销号类别”列：只能填", id="an unknown class"),
        pytest.param(table(重大="也许"), "第2行 “重大”列：只能填“是”或“否”", id="major or not"),
        pytest.param([HEADINGS], "第1行：表头下面没有整改措施", id="a heading and nothing below"),
        pytest.param([["甲", "乙"], ["1", "2"]], "没有找到表头", id="no heading at all"),
    ],
)
def test_a_ledger_with_a_fault(duban: Duban, rehearsal: Path, place: Path, rows: Table, told: str) -> None:
    (place / "台账.csv").write_text(csv_text(rows), encoding="utf-8")
    before = kept_in(rehearsal)
    for options in ([], ["--dry-run"]):
        answer = duban("import", "台账.csv", *IMPORT, *options)
        assert (answer.code, answer.out) == (1, "")
        assert answer.lines[0] == "台账有1处问题，未导入任何内容。"
        assert told in answer.lines[1]
        assert answer.lines[-1] == "请按提示修改台账后重新导入。"
        assert kept_in(rehearsal) == before


def test_every_fault_is_told_at_once(duban: Duban, rehearsal: Path, place: Path) -> None:
    rows = [HEADINGS, *(["", "", "", "张三", "后勤科", "", "", "尽快", "或许"] for _ in range(3))]
    (place / "台账.csv").write_text(csv_text(rows), encoding="utf-8")
    answer = duban("import", "台账.csv", *IMPORT)
    told = [line for line in answer.lines if line.startswith("  · ")]
    assert f"台账有{len(told)}处问题，未导入任何内容。" in answer.lines
    assert len(told) >= 3 * 6
    assert rehearsal.is_dir()


def text_as_xlsx(path: Path) -> None:
    path.write_text("这不是表格", encoding="utf-8")


def zip_as_xlsx(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no workbook")


def half_a_workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    book.save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def old_or_encrypted(path: Path) -> None:
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512))


@pytest.mark.parametrize(
    ("name", "write", "sentence"),
    [
        ("台账.xlsx", text_as_xlsx, "内容是文本"),
        ("台账.xlsx", zip_as_xlsx, "不是 .xlsx 工作簿"),
        ("台账.xlsx", half_a_workbook, "已损坏"),
        ("台账.xlsx", old_or_encrypted, "设有打开密码，或是旧版格式"),
        ("台账.xlsx", Path.touch, "是空的"),
        ("台账.csv", Path.touch, "是空的"),
        ("台账.xls", Path.touch, "是空的"),
        ("台账.csv", Path.mkdir, "是文件夹"),
        ("台账.xlsx", Path.mkdir, "是文件夹"),
        ("台账.csv", lambda path: None, "找不到台账文件 台账.csv"),
        ("台账.csv", lambda path: path.write_bytes(b"\xff\xff\xff\xff"), "文字编码无法识别"),
        ("台账.csv", lambda path: path.write_text('"1,2\n', encoding="utf-8"), "不是合法的 CSV"),
    ],
)
def test_a_file_that_is_no_ledger(
    duban: Duban, rehearsal: Path, place: Path, name: str, write: Callable[[Path], None], sentence: str
) -> None:
    write(place / name)
    before = kept_in(rehearsal)
    answer = duban("import", name, *IMPORT)
    assert (answer.code, answer.out) == (1, "")
    assert sentence in answer.lines[0]
    assert answer.lines[-1].startswith("请")
    assert kept_in(rehearsal) == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_as_offices_save_them_are_good(duban: Duban, rehearsal: Path, place: Path, encoding: str) -> None:
    (place / "台账.csv").write_bytes(csv_text(table()).replace("\n", "\r\n").encode(encoding))
    answer = duban("import", "台账.csv", *IMPORT)
    assert (answer.code, answer.err) == (0, "")
    (row,) = duban("measures", "--json").json
    assert (row["measure"], row["text"], row["unit"], row["due_on"]) == ("1", "订出学习计划", "D01", "2023-06-30")
    assert rehearsal.is_dir()


@pytest.mark.usefixtures("rehearsal")
def test_a_workbook_is_good(duban: Duban, place: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active
    for row in [["某单位整改台账"], *table()]:
        book.active.append(row)
    book.save(place / "台账.xlsx")
    answer = duban("import", "台账.xlsx", *IMPORT)
    assert (answer.code, answer.out.splitlines()[-1]) == (0, "已导入轮次 2023：1个问题、1条措施，均待交办。")


# --- Files of the home


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("policy.yaml", "name: 试\nstages: {complete: {limt: ledger}}", "stages.complete.limt"),
        ("policy.yaml", "stages: [", "不是合法的 YAML"),
        ("policy.yaml", "", "文件"),
        ("directory.yaml", "parties: [", "不是合法的 YAML"),
        ("directory.yaml", "parties: {}", "parties"),
        ("calendar.yaml", "- {source: 通知, off: [2023-02-30]}", "2023-02-30"),
        ("calendar.yaml", "[", "YAML"),
    ],
)
def test_a_broken_file_of_the_home(duban: Duban, sample: Path, file: str, content: str, told: str) -> None:
    (sample / file).write_text(content, encoding="utf-8")
    before = kept_in(sample)
    for command in (["daily", "--on", "2023-03-30"], ["daily", "--on", "2023-03-30", "--dry-run"],
                    ["accept", "1", "--by", "fengzhu"], ["doctor"]):  # fmt: skip
        answer = duban(*command)
        assert (answer.code, answer.out) == (1, "")
        assert told in answer.err
        assert file in answer.lines[0]
        assert answer.lines[-1].startswith("请")
    assert kept_in(sample) == before


def test_bytes_that_are_no_text_in_a_file_of_the_home(duban: Duban, sample: Path) -> None:
    for file in ("policy.yaml", "directory.yaml"):
        kept = (sample / file).read_bytes()
        (sample / file).write_bytes(b"\xff\xfe" + kept)
        answer = duban("daily", "--on", "2023-03-30")
        assert (answer.code, answer.out) == (1, "")
        assert "UTF-8" in answer.err
        (sample / file).write_bytes(kept)


def test_a_template_that_cannot_be_used_says_which(duban: Duban, sample: Path) -> None:
    (sample / "templates").mkdir()
    (sample / "templates" / "subject.txt.j2").write_text("{% if %}", encoding="utf-8")
    answer = duban("daily", "--on", "2023-03-30")
    assert (answer.code, answer.out) == (1, "")
    assert "subject.txt.j2" in answer.lines[0]
    shutil.rmtree(sample / "templates")
    done = duban("deliver", "--on", "2023-03-30", "--json").json
    assert done["accepted"] == len(duban("messages", "--json").json) > 0


# --- Places and databases


def spoil(home: Path) -> None:
    (home / "duban.db").write_bytes(b"not a database, whatever its name says" * 40)


def newer(home: Path) -> None:
    engine = create_engine(f"sqlite:///{home / 'duban.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '2099'"))
    engine.dispose()


def folder(home: Path) -> None:
    (home / "duban.db").unlink()
    (home / "duban.db").mkdir()


def empty(home: Path) -> None:
    (home / "duban.db").write_bytes(b"")


@pytest.mark.parametrize(
    ("damage", "sentence", "cure"),
    [
        (spoil, "已损坏或不是数据库", "备份"),
        (newer, "由更新版本的 duban 建立（结构版本 2099）", "升级 duban"),
        (folder, "打不开或不可写", "写权限"),
        (empty, "初始化可能未完成", "duban init"),
    ],
    ids=lambda found: getattr(found, "__name__", ""),
)
@pytest.mark.parametrize("line", ["measures", "daily --json", "accept 1 --by fengzhu", "doctor", "deliver"])
def test_a_database_that_cannot_be_used(
    duban: Duban, sample: Path, damage: Callable[[Path], None], sentence: str, cure: str, line: str
) -> None:
    damage(sample)
    answer = duban(*line.split())
    assert (answer.code, answer.out, len(answer.lines)) == (1, "", 2)
    assert sentence in answer.lines[0]
    assert cure in answer.lines[1]


@pytest.mark.parametrize("line", ["daily --on 2023-03-30", "accept 1 --by fengzhu", "deliver"])
def test_a_home_that_cannot_be_written(duban: Duban, sample: Path, line: str) -> None:
    """Permissions keep nobody out where tests run as root; folders in the place of SQLite's journals do."""
    for journal in ("duban.db-journal", "duban.db-wal"):
        (sample / journal).mkdir()
    answer = duban(*line.split())
    assert (answer.code, answer.out) == (1, "")
    assert len(answer.lines) == 2
    assert answer.lines[0] == "数据库 duban.db 打不开或不可写。"
    assert "写权限" in answer.lines[1]


@pytest.mark.parametrize("where", ["file", "file/below", "/dev/null", "/proc/nowhere", "a" * 300])
def test_a_place_where_no_home_can_be(duban: Duban, place: Path, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "file").touch()
    monkeypatch.setenv("DUBAN_HOME", where)
    for command in ("init", "measures", "daily"):
        answer = duban(command)
        assert (answer.code, answer.out) == (1, "")
        assert len(answer.lines) == 2
        assert answer.lines[1].startswith("请")


@pytest.mark.usefixtures("sample")
def test_a_channel_that_cannot_write_leaves_its_messages_waiting(duban: Duban, place: Path) -> None:
    (place / "home" / "outbox").write_text("a file in the way", encoding="utf-8")
    found = duban("daily", "--on", "2023-03-30", "--json").json
    assert (found["accepted"], found["rejected"], found["unknown"]) == (0, 0, 0)
    waiting = duban("messages", "--json", "--state", "retry_wait").json
    assert waiting == duban("messages", "--json").json
    assert len([row for row in waiting if row["kind"] != "action"]) == found["messages"] > 0
    assert {row["party"] for row in waiting if row["kind"] == "action"} > {"D01", "L01"}
    assert all(row["reason"].startswith("写入发件夹失败") for row in waiting)
