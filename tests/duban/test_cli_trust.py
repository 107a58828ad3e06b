"""Copies, clocks and numbers as people meet them: what daily, deliver and doctor say, and the commands that help."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from config import clock
from flows.office import open_office
from flows.steps import run_day
from models.tables import HomeMode
from tests.duban.conftest import Duban, kept_in
from tests.handling_fixtures import CREW, Line, hand_out, new_home, take_in
from tests.offices import moved_home

COPIED = "本数据目录是从别处复制或搬来的，原来的数据目录可能仍在投递；为免重复告知，什么也没有发出。"
CURE = (
    "请先确认原来的数据目录不会再投递，再由综合组、督办组或组长的经办人接管：duban doctor --take-over --by 经办人代码。"
)


@pytest.fixture(scope="module")
def made(memory: Path) -> Iterator[Path]:
    """A live home whose first daily run was made today; then another measure was assigned, whose news wait."""
    folder = memory / "live"
    with open_office(new_home(folder / "home", HomeMode.LIVE, CREW)) as office:
        for no in ("1", "2"):
            take_in(office, Line(no, limit=f"{clock.today().year + 1}年12月31日前", text=f"措施{no}"), on=clock.today())
            hand_out(office, no, clock.today())
            if no == "1":
                run_day(office, clock.today())
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
def live(made: Path, place: Path, duban: Duban) -> Path:
    """That home, where commands find it."""
    return moved_home(made, place / "home")


@pytest.fixture
def copy(made: Path, place: Path, duban: Duban) -> Path:
    """A copy of it, where commands find it."""
    return Path(shutil.copytree(made, place / "home"))


def change(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "duban.db")) as raw, raw:
        raw.execute(statement)


# --- Copies


def test_a_copy_runs_its_day_and_says_why_nothing_went_out(duban: Duban, copy: Path) -> None:
    answer = duban("daily")
    assert (answer.code, answer.err) == (0, "")
    assert f"未投递：{COPIED}{CURE}" in answer.out.splitlines()
    again = duban("daily", "--json").json
    assert (again["accepted"], again["held_back"]) == (0, COPIED + CURE)
    assert {row["state"] for row in duban("messages", "--json").json} == {"planned", "accepted"}


def test_a_copy_delivers_nothing(duban: Duban, copy: Path) -> None:
    before = kept_in(copy)
    answer = duban("deliver")
    assert (answer.code, answer.out, answer.lines) == (1, "", [COPIED, CURE])
    assert kept_in(copy) == before


def test_doctor_knows_a_copy(duban: Duban, copy: Path) -> None:
    answer = duban("doctor", "--json")
    assert (answer.code, answer.json["copy"], answer.json["healthy"]) == (1, True, False)
    assert {"level": "error", "what": COPIED, "cure": CURE} in answer.json["findings"]


def test_a_person_takes_it_over_and_is_told_what_waits(duban: Duban, copy: Path) -> None:
    waiting = [row["id"] for row in duban("messages", "--json").json if row["state"] == "planned"]
    answer = duban("doctor", "--take-over", "--by", "g1-a", "--reason", "换了服务器")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        "已接管：今后由本数据目录投递。请确保原来的数据目录不再运行。",
        f"有{len(waiting)}封消息原数据目录可能已经发出，不会自动再发，须逐封核实：duban doctor",
    ]
    assert [row["id"] for row in duban("messages", "--state", "unknown", "--json").json] == waiting
    assert duban("deliver").code == 0
    report = duban("doctor", "--json").json
    assert report["copy"] is False
    assert report["counters"]["unresolved"] == report["counters"]["ambiguous"] == len(waiting)
    assert f"duban messages resolve {waiting[0]} --arrived --by" in report["findings"][0]["cure"]
    assert duban("verify").code == 0


def test_it_is_taken_over_once(duban: Duban, copy: Path) -> None:
    assert duban("doctor", "--take-over", "--by", "h1-a", "--json").json["taken_over"] is True
    answer = duban("doctor", "--take-over", "--by", "h1-a")
    assert (answer.code, answer.lines) == (2, ["本数据目录不是副本，一直由它投递，不需要接管。"])


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--take-over"], 2, "--take-over 和 --by 须一起使用。"),
        (["--by", "g1-a"], 2, "--take-over 和 --by 须一起使用。"),
        (["--take-over", "--by", "d1-a"], 1, "D1a不能接管副本。"),
        (["--take-over", "--by", "nobody"], 1, "通讯录中没有代码为“nobody”的经办人。"),
        (["--take-over", "--by", "jack", "--as", "D1"], 1, "多处任职不能接管副本。"),
    ],
)
def test_who_may_not_take_over(duban: Duban, copy: Path, options: list[str], code: int, said: str) -> None:
    before = kept_in(copy)
    answer = duban("doctor", *options)
    assert (answer.code, answer.out, answer.lines[0]) == (code, "", said)
    assert kept_in(copy) == before


# --- Clocks


def test_a_clock_that_was_set_stops_the_run_until_somebody_confirms_it(duban: Duban, live: Path) -> None:
    change(live, "UPDATE run SET uptime_s = uptime_s - 259200")
    for command in ("daily", "deliver"):
        answer = duban(command)
        assert (answer.code, answer.out) == (1, "")
        assert answer.lines[0].startswith("本机的时钟被改动过：自上次运行以来，日历走了")
        assert answer.lines[0].endswith("机器实际过了3天；没有办理，也没有发出任何消息。")
        assert "duban daily --clock-is-right --by 经办人代码" in answer.lines[1]
    assert any("时钟被改动过" in found["what"] for found in duban("doctor", "--json").json["findings"])
    assert duban("daily", "--clock-is-right", "--by", "d1-a").lines[0] == "D1a不能确认本机时钟。"
    answer = duban("daily", "--clock-is-right", "--by", "s1-a", "--json")
    assert (answer.code, answer.json["accepted"] > 0) == (0, True)
    assert duban("deliver").code == 0


@pytest.mark.parametrize("options", [["--clock-is-right"], ["--by", "g1-a"]])
def test_a_clock_is_confirmed_by_somebody(duban: Duban, live: Path, options: list[str]) -> None:
    answer = duban("daily", *options)
    assert (answer.code, answer.lines[0]) == (2, "--clock-is-right 和 --by 须一起使用。")


def test_a_rehearsal_has_no_clock_to_confirm(duban: Duban) -> None:
    assert duban("init", "--rehearsal").code == 0
    answer = duban("daily", "--on", "2023-03-30", "--clock-is-right", "--by", "zhaolan")
    assert (answer.code, answer.lines[0]) == (2, "演练环境不核对本机时钟。")


# --- What a program reads


def test_the_numbers_behind_the_findings(duban: Duban, live: Path) -> None:
    report = duban("doctor", "--json").json
    counters = report["counters"]
    waiting = counters["messages"]["planned"]
    assert waiting > 0
    assert report["oldest_due_minutes"] == 0
    assert counters["unreceived"] == counters["messages"]["accepted"] == counters["attempts"]["handing_over"] > 0
    assert (counters["ambiguous"], counters["unresolved"], counters["received"], counters["gates_closed"]) == (0,) * 4
    assert report["last_run"]["on"] == str(clock.today())
    assert report["last_run"]["finished_at"] > report["last_run"]["started_at"]
    assert report["last_delivery"] is not None


def test_how_long_the_oldest_message_has_been_due(duban: Duban, live: Path) -> None:
    change(live, "DROP TRIGGER event_no_update")
    change(live, "UPDATE event SET at = strftime('%Y-%m-%d %H:%M:%f', at, '-90 minutes')")
    assert duban("doctor", "--json").json["oldest_due_minutes"] in (90, 91)
    change(live, "UPDATE message SET next_try_at = strftime('%Y-%m-%d %H:%M:%f', 'now', '+5 minutes')")
    assert duban("doctor", "--json").json["oldest_due_minutes"] in (90, 91), "it is due until it is handed over"
    change(live, "UPDATE message SET state = 'unknown' WHERE state = 'planned'")
    assert duban("doctor", "--json").json["oldest_due_minutes"] is None


def test_a_home_that_never_ran_has_no_numbers_to_tell(duban: Duban) -> None:
    assert duban("init").code == 0
    report = duban("doctor", "--json").json
    assert (report["last_run"], report["last_delivery"], report["oldest_due_minutes"]) == (None, None, None)
    assert set(report["counters"]["messages"].values()) == {0}
