"""import: what it shows, takes in, tells again, and leaves alone; for people and as one object for programs."""

import csv
from pathlib import Path

import openpyxl
import pytest

from duban.cli.app import PROBLEMS_MOST
from duban.cli.importing import WARNINGS_MOST
from tests.duban.conftest import Answer, Duban, kept_in

HEADINGS = ("序号", "反馈问题", "整改措施", "牵头领导", "责任单位", "完成时限", "销号类别")
ROUND = ("--round", "2023", "--feedback-on", "2023-03-25")
JUNE, JULY = "2023年6月30日前", "2023年7月31日前"
NOTICE = """关于巡察整改进展情况的通报

一、关于“学习不深入”问题的整改情况
（一）订出学习计划，每月集中学习一次。
（二）列出重点书目，按季交流。
二、关于“作风不实”问题的整改情况
清理文件简报，精简会议。
"""


def row(
    no: str = "1", limit: str = JUNE, unit: str = "办公室", problem: str = "学习", text: str = "订计划"
) -> list[str]:
    return [no, problem, text, "林致远", unit, limit, "限时办结"]


def write_ledger(path: Path, *rows: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows])
    return path


@pytest.fixture
def rehearsal(duban: Duban, place: Path) -> Path:
    """A rehearsal home without a ledger."""
    assert duban("init", "--rehearsal").code == 0
    return place / "home"


@pytest.fixture
def taken_in(duban: Duban, rehearsal: Path, place: Path) -> Path:
    """A home whose round 2023 has three measures, of which the first was assigned on 2023-03-28."""
    ledger = write_ledger(place / "台账.csv", row("1"), row("2", text="列清单"), row("3", text="建台账"))
    assert duban("import", ledger, *ROUND, "--on", "2023-03-27").code == 0
    assert duban("assign", "1", "--by", "zhaolan", "--on", "2023-03-28").code == 0
    return rehearsal


def after_preview(answer: Answer) -> list[str]:
    """What a command printed below the counts of problems and measures, which end the part on headings."""
    lines = answer.out.splitlines()
    return lines[next(n for n, line in enumerate(lines) if line.startswith("共")) + 1 :]


# --- A first import


def test_a_ledger_becomes_drafts_and_nobody_is_told(duban: Duban, rehearsal: Path, place: Path) -> None:
    ledger = write_ledger(place / "台账.csv", row("1"), row("2", "待定", "人事科", text="列清单"))
    answer = duban("import", ledger, *ROUND)
    assert answer.code == 0
    assert answer.out.splitlines()[:3] == [
        "工作表“台账”：表头在第1行，读出2行",
        "  A列 序号 → 序号",
        "  B列 反馈问题 → 反馈问题",
    ]
    assert answer.out.splitlines()[-2:] == [
        "已导入轮次 2023：1个问题、2条措施，均待交办。",
        "以下措施的完成时限未能定出日期，交办时须用 --due-on 写明：2",
    ]
    assert {row["state"] for row in duban("measures", "--json").json} == {"drafted"}
    assert duban("messages", "--json").json == []
    assert not (rehearsal / "outbox").exists()


@pytest.mark.usefixtures("rehearsal")
def test_what_had_to_be_assumed_and_what_should_be_looked_at_is_told_apart(duban: Duban, place: Path) -> None:
    """Warnings go to standard error and are no refusal."""
    answer = duban("import", write_ledger(place / "台账.csv", row(limit="待定")))
    assert answer.code == 0
    assert answer.lines[0].startswith("未写反馈日期（--feedback-on），按今天 ")
    assert any(line.startswith("  提示 工作表“台账” 第2行 “完成时限”列：") for line in answer.lines)
    assert "提示" not in answer.out


@pytest.mark.usefixtures("rehearsal")
def test_of_very_many_warnings_the_first_are_printed(duban: Duban, place: Path) -> None:
    many = [row(str(no), f"待定{no}") for no in range(1, WARNINGS_MOST + 12)]
    ledger = write_ledger(place / "台账.csv", *many)
    count = len(duban("import", ledger, *ROUND, "--dry-run", "--json").json["warnings"])
    assert count > WARNINGS_MOST
    lines = duban("import", ledger, *ROUND, "--dry-run").lines
    assert (len(lines), lines[-1]) == (WARNINGS_MOST + 1, f"  …… 另有{count - WARNINGS_MOST}条提示，见 --json")


@pytest.mark.usefixtures("rehearsal")
def test_of_very_many_problems_the_first_are_printed(duban: Duban, place: Path) -> None:
    many = [row(str(no), unit="不存在的单位") for no in range(1, PROBLEMS_MOST + 13)]
    ledger = write_ledger(place / "台账.csv", *many)
    assert len(duban("import", ledger, *ROUND, "--json").json["problems"]) == PROBLEMS_MOST + 12
    lines = duban("import", ledger, *ROUND).lines
    assert sum(line.startswith("  · ") for line in lines) == PROBLEMS_MOST
    assert lines[-2:] == ["  …… 另有12处，见 --json", "请按提示修改台账后重新导入。"]


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["for people", "for programs"])
def test_a_dry_run_checks_everything_and_keeps_nothing(
    duban: Duban, rehearsal: Path, place: Path, as_json: list[str]
) -> None:
    ledger = write_ledger(place / "台账.csv", row())
    before = kept_in(rehearsal)
    answer = duban("import", ledger, *ROUND, "--dry-run", *as_json)
    assert answer.code == 0
    assert "检查通过：1条措施。未导入（--dry-run）。" in answer.out or answer.json["dry_run"] is True
    assert kept_in(rehearsal) == before


@pytest.mark.usefixtures("rehearsal")
def test_of_two_rounds_one_must_be_named(duban: Duban, place: Path) -> None:
    ledger = write_ledger(place / "台账.csv", row())
    for year in ("2022", "2023"):
        assert duban("import", ledger, "--round", year, "--feedback-on", f"{year}-03-25").code == 0
    answer = duban("import", ledger)
    assert answer.code == 2
    assert answer.lines == ["已有多个整改轮次，须写明导入哪一个。", "请用 --round，可用：2022、2023。"]
    assert duban("show", "1").code == 2
    assert duban("show", "1").lines == ["有2个轮次用了编号“1”。", "请写明轮次，如 2022/1。"]
    assert duban("show", "2022/1", "--json").json[0]["round"] == "2022"


@pytest.mark.usefixtures("rehearsal")
@pytest.mark.parametrize("code", ["", "2023/1"])
def test_a_round_code_that_could_not_be_written_again(duban: Duban, place: Path, code: str) -> None:
    ledger = write_ledger(place / "台账.csv", row())
    answer = duban("import", ledger, "--round", code, "--feedback-on", "2023-03-25")
    assert answer.code == 2
    assert answer.lines[0] == f"轮次代码“{code}”不能用。"


@pytest.mark.usefixtures("rehearsal")
def test_one_sheet_may_be_chosen(duban: Duban, place: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in (("旧台账", [row("1", text="旧措施")]), ("新台账", [row("1", text="新措施")])):
        sheet = book.create_sheet(name)
        for one in (HEADINGS, *rows):
            sheet.append(one)
    book.save(place / "台账.xlsx")
    assert duban("import", "台账.xlsx", *ROUND).code == 1
    assert duban("import", "台账.xlsx", *ROUND, "--sheet", "新台账").code == 0
    assert [one["text"] for one in duban("measures", "--json").json] == ["新措施"]


@pytest.mark.parametrize("own", [False, True], ids=["by option", "in the home"])
def test_headings_of_an_office_are_given_by_its_mapping(duban: Duban, rehearsal: Path, place: Path, own: bool) -> None:
    (place / "台账.csv").write_text(
        "序号,反馈问题,整改措施,牵头领导,归谁管,完成时限\n1,学习,订计划,林致远,办公室,6月底\n"
    )
    assert duban("import", "台账.csv", *ROUND).code == 1
    mapping = rehearsal / "columns.yaml" if own else place / "列名.yaml"
    mapping.write_text("归谁管: 责任单位\n", encoding="utf-8")
    assert duban("import", "台账.csv", *ROUND, *([] if own else ["--columns", mapping])).code == 0
    assert [one["unit"] for one in duban("measures", "--json").json] == ["D01"]


@pytest.mark.usefixtures("rehearsal")
def test_a_mapping_with_a_fault_is_told_like_a_ledger_with_one(duban: Duban, place: Path) -> None:
    ledger = write_ledger(place / "台账.csv", row())
    (place / "列名.yaml").write_text("归谁管: 单位\n", encoding="utf-8")
    answer = duban("import", ledger, *ROUND, "--columns", "列名.yaml")
    assert (answer.code, answer.out) == (1, "")
    assert answer.lines[0] == "列名对照表 列名.yaml 有1处问题，未采用。"
    found = duban("import", ledger, *ROUND, "--columns", "列名.yaml", "--json")
    assert (found.code, found.json["preview"], found.json["problems"][0]["where"]) == (1, None, "归谁管")


# --- The same ledger again


def test_the_same_file_again_changes_nothing(duban: Duban, taken_in: Path) -> None:
    before = kept_in(taken_in)
    for options in ([], ["--dry-run"]):
        answer = duban("import", "台账.csv", *options, "--on", "2023-03-29")
        assert answer.code == 0
        assert "没有变化：3条措施与已导入的一致。" in answer.out.splitlines()
    assert kept_in(taken_in) == before


@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]], ids=["for good", "dry run"])
def test_a_changed_file_tells_its_difference_and_what_would_carry_it_over(
    duban: Duban, taken_in: Path, place: Path, dry_run: list[str]
) -> None:
    before = kept_in(taken_in)
    write_ledger(place / "台账.csv", row("1", JULY, "人事科"), row("2", text="列清单，并公示"), row("4", text="添措施"))
    answer = duban("import", "台账.csv", *dry_run, "--on", "2023-03-29")
    assert (answer.code, answer.err) == (0, "")
    by = "--reason 理由 --by 经办人"
    assert after_preview(answer) == [
        "与已导入的台账相比：新增1条，草稿随台账更新1条，已交办而台账有改动1条，未变0条，台账中已没有1条。",
        "新增：4",
        "草稿随台账更新：",
        "  2 整改措施：列清单 → 列清单，并公示",
        "已交办，以下改动未带入：",
        f"  1 责任单位：办公室 → 人事科；如须改派：duban hand-over 1 --unit D02 {by}",
        f"  1 完成时限：2023-06-30 → {JULY}；如须延期：duban extend ask 1 --until 2023-07-31 {by}",
        "台账中已没有，未作删除：",
        f"  3（待交办）；如须作废：duban withdraw 3 {by}",
        *(["检查通过：3条措施。未导入（--dry-run）。"] if dry_run else []),
    ]
    rows = {one["measure"]: one for one in duban("measures", "--json").json}
    assert (rows["1"]["unit"], rows["1"]["clock_due_on"], rows["3"]["state"]) == ("D01", "2023-03-30", "drafted")
    assert (rows["2"]["text"], "4" in rows) == (("列清单", False) if dry_run else ("列清单，并公示", True))
    assert (kept_in(taken_in) == before) is bool(dry_run)


def test_what_a_difference_says_to_do_can_be_done(duban: Duban, taken_in: Path, place: Path) -> None:
    write_ledger(place / "台账.csv", row("1", unit="人事科"), row("2", text="列清单"))
    answer = duban("import", "台账.csv", "--on", "2023-03-29", "--json")
    changed, gone = answer.json["difference"]["changed"][0], answer.json["difference"]["gone"][0]
    for cure in (changed["fields"][0]["cure"], gone["cure"]):
        command = cure[cure.index("duban ") :].replace("经办人", "zhaolan")
        assert duban(*command.split()[1:], "--on", "2023-03-30").code == 0
    rows = {one["measure"]: one for one in duban("measures", "--json").json}
    assert (rows["1"]["unit"], rows["3"]["state"]) == ("D02", "withdrawn")
    before = kept_in(taken_in)
    assert "没有变化：2条" in duban("import", "台账.csv", "--on", "2023-03-31").out
    assert kept_in(taken_in) == before


@pytest.mark.usefixtures("rehearsal")
def test_commands_are_written_so_that_a_shell_takes_them(duban: Duban, place: Path) -> None:
    ledger = place / "台账.csv"
    for year in ("2022", "2023"):
        write_ledger(ledger, row("(1)"), row("2", text="列清单"))
        of_year = ("--round", year, "--feedback-on", f"{year}-03-25")
        assert duban("import", ledger, *of_year, "--on", "2023-03-27").code == 0
    assert duban("assign", "2022/(1)", "--by", "zhaolan", "--on", "2023-03-28").code == 0
    write_ledger(ledger, row("(1)", unit="人事科"))
    changed = duban("import", ledger, "--round", "2022", "--on", "2023-03-29", "--json").json["difference"]
    assert "duban hand-over '2022/(1)' --unit D02 " in changed["changed"][0]["fields"][0]["cure"]
    assert changed["gone"][0]["cure"].startswith("如须作废：duban withdraw 2022/2 ")


def test_another_ledger_under_the_same_numbers_is_refused(duban: Duban, taken_in: Path, place: Path) -> None:
    other = write_ledger(place / "另一份.csv", row("1", problem="公车", text="登记用车"))
    before = kept_in(taken_in)
    answer = duban("import", other, "--on", "2023-03-29")
    assert (answer.code, answer.out) == (1, "")
    assert "  · 工作表“另一份” 第2行 “序号”列：轮次中已有此编号" in answer.err
    assert kept_in(taken_in) == before


# --- A notice


@pytest.mark.usefixtures("rehearsal")
def test_a_notice_becomes_drafts_that_are_completed_as_they_are_assigned(duban: Duban, place: Path) -> None:
    (place / "通报.txt").write_text(NOTICE, encoding="utf-8")
    answer = duban("import", "通报.txt", "--as", "notice", *ROUND, "--on", "2023-03-27")
    assert answer.code == 0
    assert answer.out.splitlines()[-3:] == [
        "已导入轮次 2023：2个问题、3条措施，均待交办。",
        "以下措施没有责任单位或牵头领导，交办时须用 --unit、--lead 写明：1至3",
        "以下措施的完成时限未能定出日期，交办时须用 --due-on 写明：1至3",
    ]
    rows = duban("measures", "--json").json
    assert {(one["unit"], one["lead"], one["due_on"]) for one in rows} == {("", "", None)}
    assert "按责任单位：未定3" in duban("measures").out
    assert "责任单位：未定　牵头领导：未定" in duban("show", "1").out
    (desk, *_) = duban("desk", "--by", "zhaolan", "--on", "2023-03-28", "--json").json
    assert "责任单位、牵头领导、完成时限" in desk["refusal"]
    by = ("--by", "zhaolan", "--on", "2023-03-28")
    assert duban("assign", "1", *by).code == 1
    filling = ("--unit", "办公室", "--lead", "L01", "--cooperating", "D02", "--cooperating", "财务科")
    assert duban("assign", "1", *by, *filling, "--due-on", "2023-06-30", "--closure", "长期坚持").code == 0
    (shown,) = duban("show", "1", "--json").json
    assert (shown["state"], shown["unit"], shown["lead"], shown["closure"]) == ("assigned", "D01", "L01", "sustained")
    assert duban("assign", "2", *by, "--unit", "L01").lines[0] == "林致远（L01）不是责任单位。"
    assert duban("assign", "--all", *by, "--unit", "D01").code == 2
    assert "没有变化：3条" in duban("import", "通报.txt", "--as", "notice").out


@pytest.mark.usefixtures("rehearsal")
@pytest.mark.parametrize("options", [["--sheet", "一"], ["--columns", "a.yaml"], ["--closed"]])
def test_what_only_a_ledger_has_is_refused_for_a_notice(duban: Duban, place: Path, options: list[str]) -> None:
    (place / "通报.txt").write_text(NOTICE, encoding="utf-8")
    answer = duban("import", "通报.txt", "--as", "notice", *ROUND, *options)
    assert (answer.code, answer.lines[0]) == (2, "--sheet、--columns、--closed 只用于台账。")


# --- For programs


@pytest.mark.usefixtures("rehearsal")
def test_one_object_says_all_of_an_import(duban: Duban, place: Path) -> None:
    ledger = write_ledger(place / "台账.csv", row("1"), row("2", "待定", text="列清单"))
    answer = duban("import", ledger, *ROUND, "--json")
    assert (answer.code, answer.err) == (0, "")
    found = answer.json
    assert (found["round"], found["feedback_on"], found["imported"], found["dry_run"]) == (
        "2023", "2023-03-25", True, False,
    )  # fmt: skip
    assert found["preview"]["levels"] == {"problems": 1, "measures": 2, "sub_measures": 0, "rows": 2}
    assert found["difference"] == {"new": ["1", "2"], "changed": [], "unchanged": 0, "gone": []}
    assert (found["undated"], found["unnamed"], found["problems"], found["refused"]) == (["2"], [], [], None)
    assert {(one["sheet"], one["row"], one["column"]) for one in found["warnings"]} >= {("台账", 3, "完成时限")}


@pytest.mark.usefixtures("taken_in")
def test_one_object_says_all_of_a_difference(duban: Duban, place: Path) -> None:
    write_ledger(place / "台账.csv", row("1", unit="人事科"), row("2", text="列清单"))
    found = duban("import", "台账.csv", "--on", "2023-03-29", "--json").json
    assert (found["imported"], found["difference"]["unchanged"], found["difference"]["new"]) == (True, 1, [])
    (changed,), (gone,) = found["difference"]["changed"], found["difference"]["gone"]
    assert (changed["no"], changed["state"], changed["followed"]) == ("1", "assigned", False)
    (field,) = changed["fields"]
    assert {key: field[key] for key in ("field", "name", "old", "new", "way")} == {
        "field": "unit", "name": "责任单位", "old": "D01", "new": "D02", "way": "hand_over",
    }  # fmt: skip
    assert (gone["no"], gone["state"], gone["cure"].split()[:3]) == (
        "3",
        "drafted",
        ["如须作废：duban", "withdraw", "3"],
    )
    assert duban("import", "台账.csv", "--on", "2023-03-29", "--json").json["imported"] is False


def test_one_object_says_all_of_a_refusal(duban: Duban, rehearsal: Path, place: Path) -> None:
    before = kept_in(rehearsal)
    ledger = write_ledger(place / "台账.csv", row("1"), row("2", "", text="列清单"), row("3", unit="后勤科", text="查"))
    answer = duban("import", ledger, *ROUND, "--json")
    assert (answer.code, answer.err) == (1, "")
    found = answer.json
    assert (found["imported"], found["difference"]) == (False, None)
    assert [(one["row"], one["column"]) for one in found["problems"]] == [(3, "完成时限"), (4, "责任单位")]
    assert found["refused"]["zh"] == "台账有2处问题，未导入任何内容。"
    assert found["preview"]["levels"]["rows"] == 1
    missing = duban("import", "没有.csv", *ROUND, "--json")
    assert (missing.code, missing.json["preview"], missing.json["imported"]) == (1, None, False)
    assert kept_in(rehearsal) == before
