"""assign, accept, self-check: one line for each measure, one refusal not undoing the others, nothing half done."""

from pathlib import Path

import pytest

from tests.duban.conftest import Duban, kept_in

LEDGER = """序号,反馈问题,整改措施,牵头领导,责任单位,完成时限
1,学习,订计划,林致远,办公室,2023年6月30日前
2,学习,列清单,林致远,人事科,立行立改
3,作风,定办法,沈守正,办公室,待定
1/2,作风,补台账,沈守正,财务科,长期坚持
"""


@pytest.fixture
def drafts(duban: Duban, place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A rehearsal on Monday, 2023-03-27, with four drafts; the third has no date."""
    assert duban("init", "--rehearsal").code == 0
    (place / "台账.csv").write_text(LEDGER, encoding="utf-8")
    monkeypatch.setenv("DUBAN_TODAY", "2023-03-27")
    assert duban("import", "台账.csv", "--round", "2023", "--feedback-on", "2023-03-25").code == 0
    return place / "home"


def states(duban: Duban) -> dict[str, str]:
    return {row["measure"]: row["state"] for row in duban("measures", "--json").json}


def clocks(duban: Duban, no: str) -> dict[str, str]:
    return {clock["stage"]: clock["due_on"] for clock in duban("show", no, "--json").json[0]["clocks"]}


# --- assign


@pytest.mark.usefixtures("drafts")
def test_measures_are_assigned_by_number(duban: Duban) -> None:
    answer = duban("assign", "1", "2023/2", "1/2", "--by", "zhaolan")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        "措施1：待签收（第2版）",
        "  待发通知：办公室、林致远。",
        "措施2：待签收（第2版）",
        "  待发通知：人事科、林致远。",
        "措施1/2：待签收（第2版）",
        "  待发通知：财务科、沈守正。",
    ]
    assert states(duban) == {"1": "assigned", "2": "assigned", "3": "drafted", "1/2": "assigned"}
    assert clocks(duban, "1") == {"accept": "2023-03-29", "complete": "2023-06-30"}
    assert clocks(duban, "2") == {"accept": "2023-03-29", "complete": "2023-04-03"}
    assert clocks(duban, "1/2") == {"accept": "2023-03-29", "complete": "2023-06-25"}


@pytest.mark.usefixtures("drafts")
def test_the_day_of_a_rehearsal_can_be_said(duban: Duban) -> None:
    assert duban("assign", "2", "--by", "zhaolan", "--on", "2023-04-28").code == 0
    assert clocks(duban, "2") == {"accept": "2023-05-05", "complete": "2023-05-09"}


@pytest.mark.usefixtures("drafts")
def test_all_are_assigned_but_what_has_no_date(duban: Duban) -> None:
    answer = duban("assign", "--all", "--by", "zhaolan")
    assert answer.code == 0
    assert answer.done == ["措施1", "措施2", "措施1/2"]
    assert answer.lines == [
        "措施2023/3：该措施还没有确定完成时限，不能交办；请先填写完成时限。",
        "交办时用 --due-on 写明日期。",
    ]
    again = duban("assign", "--all", "--by", "zhaolan")
    assert (again.code, again.out) == (1, "")
    assert duban("assign", "3", "--by", "zhaolan", "--due-on", "2023-05-31").code == 0
    assert clocks(duban, "3")["complete"] == "2023-05-31"
    done = duban("assign", "--all", "--by", "zhaolan")
    assert (done.code, done.lines) == (1, ["没有待办理的措施。"])


@pytest.mark.usefixtures("drafts")
@pytest.mark.parametrize("given", [[], ["1", "--all"], ["--all", "--due-on", "2023-05-31"]])
def test_either_numbers_or_all(duban: Duban, given: list[str]) -> None:
    answer = duban("assign", *given, "--by", "zhaolan")
    assert (answer.code, answer.out) == (2, "")
    assert "或用 --all" in answer.lines[0]
    assert set(states(duban).values()) == {"drafted"}


@pytest.mark.usefixtures("drafts")
def test_one_refusal_does_not_undo_the_others(duban: Duban) -> None:
    answer = duban("assign", "1", "3", "2", "--by", "zhaolan")
    assert answer.code == 1
    assert answer.done == ["措施1", "措施2"]
    assert len(answer.lines) == 2
    assert states(duban) == {"1": "assigned", "2": "assigned", "3": "drafted", "1/2": "drafted"}


# --- Who and what cannot be found: nothing is done


@pytest.mark.usefixtures("drafts")
@pytest.mark.parametrize(
    ("given", "code", "sentence"),
    [
        (["1", "99", "2", "--by", "zhaolan"], 1, "没有编号为“99”的措施。"),
        (["1", "", "--by", "zhaolan"], 1, "没有编号为“”的措施。"),
        (["1", "2024/1", "--by", "zhaolan"], 1, "没有编号为“2024/1”的措施。"),
        (["1", "2", "--by", "nobody"], 1, "通讯录中没有代码为“nobody”的经办人。"),
        (["1", "2", "--by", ""], 1, "通讯录中没有代码为“”的经办人。"),
        (["1", "2", "--by", "赵岚"], 1, "通讯录中没有代码为“赵岚”的经办人。"),
        (["1", "2", "--by", "zhaolan", "--as", "D02"], 2, "赵岚不能代表“D02”。"),
        (["1", "2", "--by", "zhaolan", "--as", ""], 2, "赵岚不能代表“”。"),
    ],
)
def test_what_is_not_there_is_told_before_anything_is_done(
    duban: Duban, given: list[str], code: int, sentence: str
) -> None:
    answer = duban("assign", *given)
    assert (answer.code, answer.out, len(answer.lines)) == (code, "", 2)
    assert answer.lines[0] == sentence
    assert set(states(duban).values()) == {"drafted"}


@pytest.mark.usefixtures("drafts")
@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        (["--by", "sunhuai"], "您现在代表的是与该措施无关的一方。"),
        (["--by", "qianyiming"], "您现在代表的是责任单位。"),
        (["--by", "zhaolan", "--as", "D01"], "您现在代表的是责任单位。"),
        (["--by", "zhuhe"], "您现在代表的是督办组。"),
    ],
)
def test_only_the_general_group_assigns(duban: Duban, who: list[str], sentence: str) -> None:
    answer = duban("assign", "1", *who)
    assert (answer.code, answer.out) == (1, "")
    assert answer.lines == [f"措施1：“交办”应由综合组办理，{sentence}"]
    assert states(duban)["1"] == "drafted"


# --- accept


@pytest.mark.usefixtures("drafts")
def test_the_unit_accepts_its_own(duban: Duban) -> None:
    assert duban("assign", "1", "2", "--by", "zhaolan").code == 0
    answer = duban("accept", "1", "2", "--by", "qianyiming", "--on", "2023-03-28")
    assert answer.code == 1
    assert answer.out.splitlines() == ["措施1：整改中（第3版）"]
    assert answer.lines == ["措施2：“签收”应由责任单位办理，您现在代表的是与该措施无关的一方。"]
    assert duban("notices", "--actions", "--json", "--on", "2023-03-28").json == [], "accepting is nobody's news"
    assert duban("accept", "2", "--by", "sunhuai").code == 0
    again = duban("accept", "1", "--by", "qianyiming")
    assert again.code == 1
    assert again.lines == [
        "措施1：该措施现为“整改中”，自2023-03-27起由责任单位办理，此时不能办理“签收”；您现在可以办理：自查上报。"
    ]


@pytest.mark.usefixtures("drafts")
def test_who_serves_two_parties_acts_for_the_right_one(duban: Duban) -> None:
    assert duban("assign", "1", "--by", "zhaolan").code == 0
    assert duban("accept", "1", "--by", "zhaolan").code == 0
    events = duban("show", "1", "--json").json[0]["events"]
    assert [(event["action"], event["party"]) for event in events] == [("assign", "G01"), ("accept", "D01")]


# --- self-check


@pytest.fixture
def assigned(drafts: Path, duban: Duban) -> Path:
    assert duban("assign", "1", "--by", "zhaolan").code == 0
    return drafts


@pytest.mark.usefixtures("assigned")
def test_a_self_check_with_evidence_goes_to_supervision(duban: Duban, place: Path) -> None:
    for name in ("纪要.txt", "照片.txt", "照片的副本.txt"):
        (place / name).write_text(name[:2], encoding="utf-8")
    evidence = [option for name in ("纪要.txt", "照片.txt", "照片的副本.txt") for option in ("--evidence", name)]
    answer = duban("self-check", "1", "--by", "qianyiming", "--statement", "已整改", *evidence, "--on", "2023-04-04")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == ["措施1：待核查（第3版）", "  待发通知：督办组。"]
    (found,) = duban("show", "1", "--json").json
    assert (found["stage"], found["clock_due_on"], found["holder"]) == ("check", "2023-04-12", "督办组")
    payload = found["events"][-1]["payload"]
    assert payload["statement"] == "已整改"
    assert [one["name"] for one in payload["evidence"]] == ["纪要.txt", "照片.txt", "照片的副本.txt"]
    assert [(one["name"], one["kind"], one["version"], one["size"]) for one in found["evidence"]] == [
        ("纪要.txt", "proof", 1, 6),
        ("照片.txt", "proof", 1, 6),
    ], "the copy has the same content"
    stored = [path.name for path in (place / "home" / "evidence").rglob("*") if path.is_file()]
    assert sorted(stored) == sorted(one["sha256"] for one in found["evidence"])
    assert {one["sha256"] for one in payload["evidence"]} == set(stored)


@pytest.mark.usefixtures("assigned")
@pytest.mark.parametrize(
    ("given", "code", "sentence"),
    [
        (["--statement", ""], 1, "措施1：须写明整改情况，做了什么、成效如何。"),
        (["--statement", " 　"], 1, "措施1：须写明整改情况，做了什么、成效如何。"),
        (["--statement", "已整改", "--evidence", "没有.txt"], 2, "佐证材料“没有.txt”不存在或不是文件。"),
        (["--statement", "已整改", "--evidence", "home"], 2, "佐证材料“home”是目录，不是文件。"),
        (["--statement", "已整改", "--evidence", "空.txt"], 2, "佐证材料“空.txt”是空文件。"),
        (
            ["--statement", "已整改", "--evidence", "程序.exe"],
            2,
            "佐证材料“程序.exe”“.exe”类型，不在可接收的类型之内。",
        ),
        (["--statement", "已整改", "--evidence", "无名"], 2, "佐证材料“无名”没有扩展名，不在可接收的类型之内。"),
        (
            ["--statement", "已整改", "--evidence", "好.txt", "--evidence", "没有.txt"],
            2,
            "佐证材料“没有.txt”不存在或不是文件。",
        ),
    ],
)
def test_what_does_not_do_for_a_self_check(
    duban: Duban, place: Path, given: list[str], code: int, sentence: str
) -> None:
    (place / "空.txt").touch()
    for name in ("好.txt", "程序.exe", "无名"):
        (place / name).write_text("材料", encoding="utf-8")
    before = kept_in(place / "home")
    answer = duban("self-check", "1", "--by", "qianyiming", *given)
    assert (answer.code, answer.out, len(answer.lines)) == (code, "", 2)
    assert answer.lines[0] == sentence
    assert answer.lines[1].startswith(("请", "可接收："))
    assert kept_in(place / "home") == before


@pytest.mark.usefixtures("assigned")
@pytest.mark.parametrize("folder", [".", "/", "资料/.."])
def test_a_folder_is_no_evidence(duban: Duban, place: Path, folder: str) -> None:
    (place / "资料").mkdir()
    before = kept_in(place / "home")
    answer = duban("self-check", "1", "--by", "qianyiming", "--statement", "已整改", "--evidence", folder)
    assert (answer.code, answer.out, len(answer.lines)) == (2, "", 2)
    assert answer.lines[0].endswith("”是目录，不是文件。")
    assert answer.lines[1] == "请先打包成一个文件（如 zip）再上报。"
    assert kept_in(place / "home") == before


@pytest.mark.usefixtures("assigned")
def test_evidence_that_cannot_be_stored_stops_the_report(duban: Duban, place: Path) -> None:
    (place / "home" / "evidence").write_text("a file in the way", encoding="utf-8")
    (place / "纪要.txt").write_text("纪要", encoding="utf-8")
    answer = duban("self-check", "1", "--by", "qianyiming", "--statement", "已整改", "--evidence", "纪要.txt")
    assert (answer.code, answer.lines[0]) == (1, "佐证材料“纪要.txt”未能存入数据目录。")
    assert states(duban)["1"] == "assigned"


# --- A live home


@pytest.mark.parametrize("command", [["assign", "1"], ["accept", "1"], ["self-check", "1", "--statement", "已整改"]])
def test_in_a_live_home_nobody_acts_on_another_day(duban: Duban, command: list[str]) -> None:
    assert duban("init").code == 0
    answer = duban(*command, "--by", "zhaolan", "--on", "2023-03-27")
    assert (answer.code, answer.out, len(answer.lines)) == (1, "", 2)
    assert answer.lines[0].startswith("2023-03-27 已经过去；正式环境只能办理今天（")
    assert "duban init --rehearsal" in answer.lines[1]
