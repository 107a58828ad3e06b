"""export: the ledger goes out and comes in as the same; who has to do what by when, as calendars; what is refused."""

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from icalendar import Calendar

from config.settings import load_settings
from flows.office import open_office
from models.handling.known_rows import known_rows
from models.ledger.content import Content
from models.lifecycle import State
from tests.duban.conftest import Answer, Duban, kept_in

ROUND = ("--round", "2023", "--feedback-on", "2023-03-25")
HOSTILE = (
    ("001", '=HYPERLINK("http://x","点")', "+1-1", "林致远", "办公室", "", "2023年6月30日前", "限时办结", "否"),
    ("002", '=HYPERLINK("http://x","点")', "@SUM(A1)\n第二行，一，二\n第三行，三，四", "林致远", "人事科",
     "办公室、财务科", "3个月内", "完善长效机制", "是"),
    ("1-2", "-1", "'=1+1", "沈守正", "财务科", "", "长期坚持", "长期坚持", "否"),
    ("=3", "_x0041_", "a_x000D_b\x07😀", "沈守正", "财务科", "", "待定", "限时办结", "否"),
)  # fmt: skip
HEADINGS = ("序号", "反馈问题", "整改措施", "牵头领导", "责任单位", "配合单位", "完成时限", "销号类别", "重大")
ENDINGS = "文件名请以 .xlsx 或 .csv 或 .ics 结尾。"
KINDS = pytest.mark.parametrize("kind", ["xlsx", "csv"])


def ledger_in(home: Path) -> dict[str, Content]:
    """What the measures say that were not withdrawn, by number, in their order."""
    with open_office(load_settings({"DUBAN_HOME": str(home)})) as office, office.store.reading() as connection:
        return {one.no: one.now for one in known_rows(connection, 1) if one.state is not State.WITHDRAWN}


def imported_anew(duban: Duban, home: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home with the same directory into which the file was taken."""
    fresh = home.with_name("fresh")
    with monkeypatch.context() as patch:
        patch.setenv("DUBAN_HOME", str(fresh))
        assert duban("init", "--rehearsal", "--directory", home / "directory.yaml").code == 0
        answer = duban("import", file, *ROUND, "--on", "2023-03-27")
        assert answer.code == 0, answer.err
    return fresh


def sheet_of(file: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a sheet by their headings."""
    rows = openpyxl.load_workbook(file)[name].iter_rows(min_row=3, values_only=True)
    headings = [str(heading) for heading in next(rows)]
    return [dict(zip(headings, row, strict=True)) for row in rows]


def events_in(file: Path) -> Mapping[str, Any]:
    """The events of a calendar, by their summaries."""
    found: Any = Calendar.from_ical(file.read_bytes())
    return {str(event["summary"]): event for event in found.walk("VEVENT")}


@pytest.fixture
def worked(duban: Duban, office: Path) -> Path:
    """The office of the nineteen measures, of which some were returned, handed over and given new dates since."""
    acts = (
        ("check", "4", "--fail", "--reason", "=材料不全", "--by", "zhuhe"),
        ("extend", "decide", "18", "--grant", "--reason", "同意", "--by", "linzhiyuan"),
        ("hand-over", "19", "--unit", "人事科", "--reason", "职责调整", "--by", "zhaolan", "--as", "G01"),
        ("follow-up", "check", "17", "--pass", "--by", "zhuhe"),
    )
    for act in acts:
        answer = duban(*act)
        assert answer.code == 0, answer.err
    return office


@pytest.fixture
def small(duban: Duban, place: Path) -> None:
    """A home with one measure; the file lies beside no other."""
    (place / "一.csv").write_text(",".join(HEADINGS) + "\n1,旧,措施,林致远,办公室,,2023年6月30日前,限时办结,否\n")
    assert duban("init", "--rehearsal").code == 0
    assert duban("import", "一.csv", *ROUND).code == 0
    (place / "一.csv").unlink()


# --- The ledger


@KINDS
def test_an_exported_ledger_is_the_same_ledger(
    duban: Duban, worked: Path, place: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where measures were handed over or given other dates since; withdrawn ones do not come to life again."""
    file = place / f"台账.{kind}"
    assert duban("export", file).code == 0
    before = ledger_in(worked)
    again = duban("import", file)
    assert (again.code, again.out.splitlines()[-1]) == (0, "没有变化：18条措施与已导入的一致。")
    assert list(ledger_in(worked).items()) == list(before.items())
    fresh = imported_anew(duban, worked, file, monkeypatch)
    assert list(ledger_in(fresh).items()) == list(before.items())


@KINDS
def test_hostile_texts_come_back_as_they_were(
    duban: Duban, place: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, file = place / "给定.csv", place / f"台账.{kind}"
    with given.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEADINGS, *HOSTILE])
    assert duban("init", "--rehearsal").code == 0
    assert duban("import", given, *ROUND, "--on", "2023-03-27").code == 0
    assert duban("export", file).code == 0
    kept = kept_in(place / "home")
    assert "没有变化：4条措施与已导入的一致。" in duban("import", file, "--on", "2023-03-28").out
    assert kept_in(place / "home") == kept
    fresh = imported_anew(duban, place / "home", file, monkeypatch)
    assert ledger_in(fresh) == ledger_in(place / "home")
    assert ledger_in(fresh)["=3"].text == "a_x000D_b😀"


def test_what_an_export_says(duban: Duban, worked: Path, place: Path) -> None:
    told = "已写出轮次 2023 的台账：7个问题、18条措施，作废的1条"
    assert duban("export", "台账.xlsx").out == f"{told}另列（截至2023-04-12）：台账.xlsx\n"
    assert duban("export", "台账.CSV", "--round", "2023").out == f"{told}未写入（截至2023-04-12）：台账.CSV\n"


def test_how_measures_are_doing_stands_behind_them(duban: Duban, worked: Path, place: Path) -> None:
    duban("export", "台账.xlsx")
    rows = {row["序号"]: row for row in sheet_of(place / "台账.xlsx", "整改台账")}
    seen = {row["measure"]: row for row in duban("measures", "--json").json}
    colours = {"red": "红", "orange": "橙", "yellow": "黄", "green": "绿", "blue": "蓝", None: None}
    assert {no: row["亮灯"] for no, row in rows.items()} == {no: colours[seen[no]["colour"]] for no in rows}
    assert (rows["11"]["状态"], rows["11"]["现行时限"]) == ("整改中\n（已挂起）", None)
    assert (rows["18"]["完成时限"], rows["18"]["现行时限"]) == ("2023年4月28日前", "2023-05-12\n余21个工作日")
    assert rows["19"]["责任单位"] == "人事科"


def test_lists_beside_the_ledger(duban: Duban, worked: Path, place: Path) -> None:
    duban("export", "台账.xlsx")
    file = place / "台账.xlsx"
    (returned,) = sheet_of(file, "退回")
    assert [returned[name] for name in ("措施编号", "事项", "理由")] == ["4", "退回整改", "=材料不全"]
    (extended,) = sheet_of(file, "延期")
    assert [extended[name] for name in ("措施编号", "原时限", "申请延至", "理由", "决定", "决定理由")] == [
        "18", "2023-04-28", "2023-05-12", "人手不足", "同意，改为2023-05-12", "同意",
    ]  # fmt: skip
    followed = [(row["措施编号"], row["事项"]) for row in sheet_of(file, "回头看")]
    assert followed == [("9", "同意销号"), ("17", "同意销号"), ("17", "回头看报告"), ("17", "回头看核查通过")]
    (withdrawn,) = sheet_of(file, "作废")
    assert [withdrawn[name] for name in ("措施编号", "理由", "经办人")] == ["16", "与第5条重复", "赵岚"]


def test_messages_with_how_they_went(duban: Duban, worked: Path, place: Path) -> None:
    duban("export", "台账.xlsx")
    sent = duban("messages", "--json").json
    rows = sheet_of(place / "台账.xlsx", "消息")
    arrived = {str(one["id"]): (one["accepted_on"], str(one["attempts"])) for one in sent}
    assert {row["消息编号"]: (row["送达日期"], row["投递次数"]) for row in rows} == arrived
    told = duban("messages", "show", rows[0]["消息编号"], "--json").json
    measures = {one["measure"] for one in (*told["notices"], *told["news"])}
    assert set(rows[0]["所涉措施"].split("、")) == measures


def test_of_several_rounds_one_is_named_and_only_its_own_is_written(duban: Duban, worked: Path, place: Path) -> None:
    (place / "二.csv").write_text(",".join(HEADINGS) + "\n1,新,新措施,林致远,办公室,,2024年6月30日前,限时办结,否\n")
    duban("import", "二.csv", "--round", "2024", "--feedback-on", "2024-03-25")
    answer = duban("export", "台账.xlsx")
    assert (answer.code, answer.lines[0]) == (2, "已有多个整改轮次，须写明是哪一个。")
    assert duban("export", "台账.xlsx", "--round", "2024").code == 0
    assert [row["整改措施"] for row in sheet_of(place / "台账.xlsx", "整改台账")] == ["新措施"]
    assert sheet_of(place / "台账.xlsx", "消息") == []


def test_drafts_that_nobody_has_to_do_are_told(duban: Duban, place: Path) -> None:
    (place / "通报.txt").write_text("关于整改情况的通报\n\n一、关于“学习不深入”问题的整改情况\n（一）订出学习计划。\n")
    duban("init", "--rehearsal")
    duban("import", "通报.txt", "--as", "notice", *ROUND)
    assert duban("export", "台账.csv").out.splitlines()[1:] == ["以下措施没有责任单位或牵头领导，补全后才能再导入：1"]


# --- Calendars


def test_the_calendar_of_a_party_has_its_open_clocks(duban: Duban, worked: Path, place: Path) -> None:
    """Those that it must act on itself; what is held does not run."""
    assert duban("export", "人事科.ics", "--party", "人事科").code == 0
    events = events_in(place / "人事科.ics")
    assert sorted(events) == [
        "【演练】措施19整改时限，请完成整改并自查上报：建示范点",
        "【演练】措施19签收时限，请签收：建示范点",
        "【演练】措施2整改时限，请完成整改并自查上报：列清单",
        "【演练】措施2签收时限，请签收：列清单",
    ]
    due = events["【演练】措施2整改时限，请完成整改并自查上报：列清单"]
    assert (due["dtstart"].dt, due["dtend"].dt) == (date(2023, 6, 30), date(2023, 7, 1))
    assert not due.walk("VALARM")


def test_an_event_keeps_its_id_when_its_date_moves(duban: Duban, office: Path, place: Path) -> None:
    summary = "【演练】措施18整改时限，请完成整改并自查上报：清理借调"
    duban("export", "a.ics", "--party", "D01")
    before = events_in(place / "a.ics")[summary]
    duban("extend", "decide", "18", "--grant", "--reason", "同意", "--by", "linzhiyuan")
    duban("export", "a.ics", "--party", "D01")
    after = events_in(place / "a.ics")[summary]
    assert (before["uid"], before["dtstart"].dt, after["dtstart"].dt) == (
        after["uid"], date(2023, 4, 28), date(2023, 5, 12),
    )  # fmt: skip
    assert after["sequence"] > before["sequence"]


def test_each_party_gets_a_calendar(duban: Duban, worked: Path, place: Path) -> None:
    answer = duban("export", "日历", "--each-party")
    assert answer.code == 0
    parties = [party["code"] for party in _parties(worked)]
    assert sorted(file.stem for file in (place / "日历").iterdir()) == sorted(parties)
    assert f"写出{len(parties)}个责任主体的日历" in answer.out
    counts = {file.stem: len(events_in(file)) for file in (place / "日历").iterdir()}
    waiting = [row for row in duban("desk", "--by", "zhuhe", "--json").json if row["party"] == "G02"]
    assert counts["G02"] >= len({row["measure"] for row in waiting if row["due_on"]}) > 0
    assert duban("export", "日历", "--each-party").out == answer.out


def _parties(home: Path) -> list[dict[str, Any]]:
    with open_office(load_settings({"DUBAN_HOME": str(home)})) as office:
        return [{"code": party.code} for party in office.directory.parties]


# --- What is refused


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("台账.doc",), 2, ["“台账.doc”不是可以写出的文件类型。", ENDINGS]),
        (("台账",), 2, ["“台账”不是可以写出的文件类型。", ENDINGS]),
        (("a.ics",), 2, ["没有写明是哪一责任主体的时限。", "请写明 --party，或给出目录并用 --each-party。"]),
        (("a.xlsx", "--party", "D01"), 2, ["--party 只用于 .ics。", "请去掉 --party，或把文件名改为以 .ics 结尾。"]),
        (
            ("a.ics", "--party", "D01", "--on", "2023-06-30"),
            2,
            ["日历写的总是现行时限，不能用 --on 指定日期。", "请去掉 --on。"],
        ),
        (("a", "--party", "D01", "--each-party"), 2, ["--party 与 --each-party 不能同用。", "请只用其中一个。"]),
        (("a.ics", "--party", "无此科"), 1, ["通讯录中没有责任主体“无此科”。", "请核对代码或名称。"]),
        (("旧.xlsx", "--round", "2020"), 1, ["没有代码为“2020”的轮次。", "可用：2023。"]),
        (("旧.xlsx", "--each-party"), 2, ["“旧.xlsx”不是目录。", "用 --each-party 时请给出目录。"]),
        (("没有/a.xlsx",), 2, ["没有目录“{place}/没有”。", "请先建立该目录，或换一个位置。"]),
        (("没有/a", "--each-party"), 2, ["没有目录“{place}/没有”。", "请先建立该目录，或换一个位置。"]),
    ],
)
@pytest.mark.usefixtures("small")
def test_what_cannot_be_written_is_refused_and_leaves_what_was_there(
    duban: Duban, place: Path, arguments: tuple[str, ...], code: int, said: list[str]
) -> None:
    (place / "旧.xlsx").write_bytes(b"old")
    answer: Answer = duban("export", *arguments)
    assert (answer.code, answer.lines) == (code, [line.replace("{place}", str(place)) for line in said])
    assert sorted(file.name for file in place.iterdir()) == ["home", "旧.xlsx"]
    assert (place / "旧.xlsx").read_bytes() == b"old"


@KINDS
def test_no_ledger_is_written_of_a_day_that_was_passed(duban: Duban, worked: Path, place: Path, kind: str) -> None:
    """It would have the states of today under an earlier date."""
    answer = duban("export", place / f"早.{kind}", "--on", "2023-03-01")
    assert answer.code == 2
    assert "不能再写出 2023-03-01 的情况。" in answer.lines[0]
    assert not (place / f"早.{kind}").exists()


@pytest.mark.usefixtures("small")
def test_what_was_there_is_replaced(duban: Duban, place: Path) -> None:
    (place / "旧.xlsx").write_bytes(b"old")
    assert duban("export", "旧.xlsx").code == 0
    assert [row["序号"] for row in sheet_of(place / "旧.xlsx", "整改台账")] == ["1"]
