"""The daily run as a Prefect flow, on Prefect's temporary server: the same outcome as without it, and what it shows."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from config.settings import Settings, load_settings
from flows.office import open_office
from flows.steps import DayResult, run_day
from models.store import board
from models.store.owners import run_lock
from models.tables import HomeMode
from tests.flows.conftest import Prefect
from tests.handling_fixtures import Line, hand_out, new_home, small_office, take_in
from tests.offices import AT, letters_in

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

# Prefect 3.8.8 leaves two clients of its result storage open after each flow run (prefect/results.py).
pytestmark = [
    pytest.mark.prefect, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.usefixtures("prefect", "swept"),
]  # fmt: skip

MONDAY, THURSDAY = date(2023, 3, 27), date(2023, 3, 30)
ASSIGNED = ("D1", "D2", "L1")
"""Who hears of the assignment, in one message each."""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with one measure whose unit has not accepted it in time; the environment names it."""
    with small_office(tmp_path) as office:
        take_in(office, Line("1", limit="2023年4月28日前"), Line("2", limit="长期坚持", closure="长期坚持", unit="D2"))
        for no in ("1", "2"):
            hand_out(office, no, MONDAY)
    monkeypatch.setenv("DUBAN_HOME", str(office.settings.home))
    monkeypatch.delenv("DUBAN_TODAY", raising=False)
    return office.settings


def daily(prefect: Prefect, *on: object) -> "State[Any]":
    from flows.daily import daily_run

    return prefect.run(daily_run, *on)


def result_of(prefect: Prefect, state: "State[Any]") -> DayResult:
    return DayResult(**prefect.ask(state.aresult()))


def outcome(settings: Settings) -> dict[str, object]:
    """What a run left: who was told what, how each message stands, and which letters lie in the outbox."""
    with open_office(settings) as office, office.store.reading() as connection:
        notices = [
            (row.measure, row.rung, row.party, row.on_day, row.unsaid, row.message_state)
            for row in board.notices(connection)
        ]
        messages = [
            (row.party, row.on_day, row.kind, row.state, row.attempts, row.header_id)
            for row in board.messages(connection)
        ]
        letters = {box: [path.name for path in found] for box, found in letters_in(settings.outbox).items()}
    return {"notices": notices, "messages": messages, "letters": letters}


def test_it_does_what_a_run_without_prefect_does(settings: Settings, tmp_path: Path, prefect: Prefect) -> None:
    shutil.copytree(settings.home, tmp_path / "copy")
    copy = load_settings({"DUBAN_HOME": str(tmp_path / "copy")})
    with open_office(copy) as office:
        direct = run_day(office, THURSDAY)
    assert result_of(prefect, daily(prefect, THURSDAY)) == replace(direct, via="prefect")
    assert direct.accepted == direct.messages + len(ASSIGNED) > len(ASSIGNED)
    assert outcome(settings) == outcome(copy)


def test_a_copy_of_a_home_decides_and_says_by_name_that_nothing_went_out(
    settings: Settings, tmp_path: Path, prefect: Prefect, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = settings.directory.read_text(encoding="utf-8")
    settings.directory.write_text(names.replace("file:", "mailto://127.0.0.1:9/?from=a@x.cn&to=b@x.cn", 1), "utf-8")
    shutil.copytree(settings.home, tmp_path / "copy")
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path / "copy"))
    from flows.daily import daily_run

    shown = prefect.show(daily_run, THURSDAY)
    assert (shown.type, shown.state) == ("COMPLETED", "已运行，未投递")
    assert shown.message.startswith("本数据目录是从别处复制或搬来的")
    assert "duban doctor --take-over --by" in shown.message
    with open_office() as office, office.store.reading() as connection:
        assert {message.state.value for message in board.messages(connection)} == {"planned"}


def test_it_shows_the_run_by_its_day_with_a_brief_its_tables_and_the_progress(
    settings: Settings, prefect: Prefect
) -> None:
    from flows.daily import daily_run

    shown = prefect.show(daily_run, THURSDAY)
    assert (shown.run.name, shown.type, shown.state) == ("日常运行 2023-03-30", "COMPLETED", "已运行")
    counted = "处理4个工作日（2023-03-27至2023-03-30）：新增通知事项6条，消息4封；本次投递：送达7封。"
    assert shown.message == counted
    assert {key: artifact.type for key, artifact in shown.artifacts.items()} == {
        "brief": "markdown", "said": "table", "unsaid": "table", "next-five-days": "table", "delivery": "progress",
    }  # fmt: skip
    tables = {key: json.loads(str(shown.artifacts[key].data)) for key in ("said", "unsaid", "next-five-days")}
    assert {row["对象"] for row in tables["said"]} == {"单位D1", "单位D2", "单位S1", "单位S2"}
    assert tables["unsaid"] == [{"说明": "当日的通知事项都已送达。"}]
    assert tables["next-five-days"] == [{"说明": "至2023-04-07没有到期的时限。"}]
    assert "【演练】2023-03-30 督办简报" in str(shown.artifacts["brief"].data)
    assert shown.artifacts["delivery"].data == 100.0


def test_what_falls_due_next_is_shown(settings: Settings, prefect: Prefect) -> None:
    from flows.daily import daily_run

    shown = prefect.show(daily_run, date(2023, 4, 25))
    (row,) = json.loads(str(shown.artifacts["next-five-days"].data))
    assert (row["到期日"], row["措施"], row["办理方"]) == ("2023-04-28（周五）", "1", "单位D1")


def test_a_second_run_of_the_day_has_nothing_to_do_and_still_gives_the_brief(
    settings: Settings, prefect: Prefect
) -> None:
    from flows.daily import daily_run

    daily(prefect, THURSDAY)
    before = outcome(settings)
    shown = prefect.show(daily_run, THURSDAY)
    assert (shown.type, shown.state, shown.message) == ("COMPLETED", "已是最新", "2023-03-30 没有新的事项要办。")
    assert "delivery" not in shown.artifacts
    assert len(json.loads(str(shown.artifacts["said"].data))) == 6
    assert outcome(settings) == before


def test_a_day_on_which_nothing_was_to_be_said_is_handled_all_the_same(settings: Settings, prefect: Prefect) -> None:
    daily(prefect, THURSDAY)
    state = daily(prefect, date(2023, 3, 31))
    assert (state.name, result_of(prefect, state).days) == ("已运行", (date(2023, 3, 31),))
    assert daily(prefect, date(2023, 4, 1)).name == "已是最新", "a Saturday"


def test_a_run_that_is_refused_ends_by_name_and_reason(
    settings: Settings, prefect: Prefect, capfd: pytest.CaptureFixture[str]
) -> None:
    daily(prefect, THURSDAY)
    before = outcome(settings)
    state = daily(prefect, MONDAY)
    assert (state.type.value, state.name) == ("FAILED", "未执行")
    assert state.message == "2023-03-27 早于已处理到的日期 2023-03-30，不能回头处理。请处理 2023-03-30 或之后的日期。"
    assert outcome(settings) == before
    printed = "".join(capfd.readouterr())
    assert "Traceback" not in printed, printed


def test_a_run_while_another_goes_on_is_refused(settings: Settings, prefect: Prefect) -> None:
    with open_office(settings) as office, run_lock(office.store, "daily", AT):
        state = daily(prefect, THURSDAY)
    assert (state.type.value, state.name) == ("FAILED", "未执行")
    assert "另一次日常运行正在进行" in str(state.message)
    assert daily(prefect, THURSDAY).name == "已运行"


@pytest.mark.parametrize("given", ["2023-03-30", " 2023-03-30 ", THURSDAY], ids=["text", "text with spaces", "a day"])
def test_the_day_may_be_a_text_as_a_page_hands_it_in(settings: Settings, prefect: Prefect, given: object) -> None:
    state = daily(prefect, given)
    assert (state.name, result_of(prefect, state).on) == ("已运行", THURSDAY)


NONSENSE = [
    ("2023-06-31", "办理日期（on）填写有误：日历上没有“2023-06-31”这一天。请改正后重新提交，或不填。"),
    ("昨天", "办理日期（on）填写有误：“昨天”不是日期，应写成 2023-06-26 的形式。请改正后重新提交，或不填。"),
    ({"a": "第一行\n第二行"}, "不是日期"),
]


@pytest.mark.usefixtures("open_streams")
@pytest.mark.parametrize(("given", "why"), NONSENSE, ids=[str(given)[:12] for given, _ in NONSENSE])
def test_a_day_that_is_none_is_refused_in_one_sentence(
    settings: Settings, prefect: Prefect, given: object, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    before = outcome(settings)
    state = daily(prefect, given)
    assert (state.type.value, state.name) == ("FAILED", "表单有误")
    assert why in str(state.message)
    assert "\n" not in str(state.message)
    assert len(str(state.message)) < 120
    assert outcome(settings) == before
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("given", [(), (None,), ("",)], ids=["no form", "nothing", "an empty text"])
def test_a_rehearsal_without_a_day_is_not_moved_to_today(
    settings: Settings, prefect: Prefect, given: tuple[object, ...]
) -> None:
    before = outcome(settings)
    state = daily(prefect, *given)
    assert (state.type.value, state.name) == ("COMPLETED", "未推进")
    assert "请在表单中填写 on，或设环境变量 DUBAN_TODAY。" in str(state.message)
    assert outcome(settings) == before


def test_a_day_given_by_the_environment_names_the_run(
    settings: Settings, prefect: Prefect, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.daily import daily_run

    monkeypatch.setenv("DUBAN_TODAY", "2023-03-29")
    shown = prefect.show(daily_run)
    assert (shown.run.name, shown.state) == ("日常运行 2023-03-29", "已运行")


def test_a_live_home_follows_the_clock(tmp_path: Path, prefect: Prefect, monkeypatch: pytest.MonkeyPatch) -> None:
    home = new_home(tmp_path / "live", HomeMode.LIVE).home
    monkeypatch.setenv("DUBAN_HOME", str(home))
    monkeypatch.delenv("DUBAN_TODAY", raising=False)
    assert daily(prefect).name == "已是最新", "nothing is assigned yet"
    refused = daily(prefect, THURSDAY)
    assert refused.name == "未执行"
    assert "正式环境只能办理今天" in str(refused.message)


def test_the_form_says_in_chinese_what_the_day_is_for(prefect: Prefect) -> None:
    from flows.daily import daily_run

    (field,) = daily_run.parameters.properties.values()
    assert field["description"] == "办理日期，如 2023-06-26。只用于演练环境；正式环境不填，以当天为准。"
    assert str(daily_run.description).startswith("日常运行：")


@pytest.mark.usefixtures("open_streams")
@pytest.mark.parametrize(
    ("break_it", "why"),
    [
        (lambda settings: settings.policy.write_text("stages: 1", encoding="utf-8"), "升级阶梯文件"),
        (lambda settings: settings.directory.unlink(), "读不了通讯录"),
        (lambda settings: settings.database.unlink(), "还不是 duban 的数据目录"),
    ],
    ids=["a broken policy", "no directory", "no home"],
)
def test_a_home_that_is_not_in_order_is_a_refusal_too(
    settings: Settings, prefect: Prefect, break_it: Any, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    break_it(settings)
    state = daily(prefect, THURSDAY)
    assert state.name == "未执行"
    assert why in str(state.message)
    printed = "".join(capfd.readouterr())
    assert "Traceback" not in printed, printed


def test_the_command_runs_it_where_a_server_answers_and_says_so(prefect: Prefect, settings: Settings) -> None:
    env = {**os.environ, "PREFECT_API_URL": prefect.url, "DUBAN_HOME": str(settings.home)}

    def command(on: date) -> "subprocess.CompletedProcess[str]":
        words = [sys.executable, "-m", "duban", "daily", "--on", str(on), "--json"]
        return subprocess.run(words, env=env, capture_output=True, text=True, check=False)

    done = command(THURSDAY)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["on"], found["via"]) == ("2023-03-30", "prefect")
    assert found["accepted"] == found["messages"] + len(ASSIGNED)
    refused = command(MONDAY)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "早于已处理到的日期" in refused.stderr
    assert "Traceback" not in refused.stderr
