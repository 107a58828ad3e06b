"""daily, deliver, rehearse: what they count and print, which day they take, and what they refuse."""

import email
import email.policy
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from config import clock
from tests.duban.conftest import Duban, kept_in

KEYS = {"on", "notices", "messages", "accepted", "unknown", "rejected", "via"}
PARTIES_ASSIGNED = {"D01", "D02", "D03", "D04", "D05", "D06", "D07", "L01", "L02", "L03", "L04"}
"""Units and leads of the sample hear of its assignment, one message each; D08 has no address."""


# --- daily


def test_a_day_is_counted_once(duban: Duban, sample: Path) -> None:
    """On the first run of the sample the measures stand on their rungs of that day and the days before it."""
    answer = duban("daily", "--on", "2023-03-30", "--json")
    assert (answer.code, answer.err) == (0, "")
    first = answer.json
    assert set(first) >= KEYS
    assert (first["on"], first["via"], first["unknown"], first["rejected"]) == ("2023-03-30", "direct", 0, 0)
    assert first["notices"] == len(duban("notices", "--json").json) > 34
    messages = duban("messages", "--json").json
    assert first["messages"] == len([row for row in messages if row["kind"] != "action"]) > 0
    assert first["accepted"] == len(messages) == len(list((sample / "outbox").rglob("*.eml")))
    assert first["accepted"] > first["messages"], "the assignments are handed over with it"
    second = duban("daily", "--on", "2023-03-30", "--json").json
    assert (second["notices"], second["messages"], second["accepted"]) == (0, 0, 0)


@pytest.mark.usefixtures("sample")
def test_people_read_the_brief(duban: Duban) -> None:
    answer = duban("daily", "--on", "2023-03-30")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0].startswith("2023-03-30 日常运行（直接），补办4个工作日（2023-03-27 起）：新增通知事项")
    assert "【演练】" in lines[1]
    for words in ("需要人工处理：", "没有通知地址，未能告知：直属学校", "超期1个工作日", "已送达"):
        assert words in answer.out


@pytest.mark.usefixtures("sample")
def test_a_rest_day_has_nothing_to_say(duban: Duban) -> None:
    duban("daily", "--on", "2023-03-31")
    answer = duban("daily", "--on", "2023-04-01")
    assert answer.code == 0
    assert "当日没有需要通知的事项。" in answer.out.splitlines()


def test_a_dry_run_says_the_same_and_keeps_nothing(duban: Duban, sample: Path) -> None:
    before = kept_in(sample)
    dry = duban("daily", "--on", "2023-03-30", "--dry-run", "--json").json
    page = duban("daily", "--on", "2023-03-30", "--dry-run").out
    assert kept_in(sample) == before
    assert (dry["via"], dry["accepted"]) == ("dry-run", 0)
    assert page.startswith("试运行：以下内容没有记录，也没有发送。")
    assert "直属学校" in page
    done = duban("daily", "--on", "2023-03-30", "--json").json
    assert (dry["notices"], dry["messages"], dry["days"]) == (done["notices"], done["messages"], done["days"])


@pytest.mark.usefixtures("sample")
def test_days_before_what_was_handled(duban: Duban) -> None:
    duban("daily", "--on", "2023-03-30")
    for options in ([], ["--dry-run"], ["--json"], ["--no-deliver"]):
        answer = duban("daily", "--on", "2023-03-29", *options)
        assert (answer.code, answer.out) == (1, "")
        assert answer.lines == [
            "2023-03-29 早于已处理到的日期 2023-03-30，不能回头处理。",
            "请处理 2023-03-30 或之后的日期。",
        ]


@pytest.mark.usefixtures("sample")
def test_the_day_comes_from_the_command_then_from_the_environment(
    duban: Duban, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_TODAY", "2023-03-28")
    assert duban("daily", "--json").json["on"] == "2023-03-28"
    assert duban("daily", "--json", "--on", "2023-03-29").json["on"] == "2023-03-29"


def test_a_live_home_takes_today_only(duban: Duban) -> None:
    assert duban("init").code == 0
    today = clock.today()
    assert duban("daily", "--json").json["on"] == str(today)
    assert duban("daily", "--json", "--on", today).code == 0
    for away, when in ((1, "还没有到"), (-1, "已经过去")):
        day = today + timedelta(days=away)
        for command in (["daily"], ["daily", "--dry-run"], ["deliver"]):
            answer = duban(*command, "--on", day)
            assert (answer.code, answer.out) == (1, "")
            assert answer.lines[0] == f"{day} {when}；正式环境只能办理今天（{today}）的事项。"


def test_a_home_without_a_ledger_has_a_quiet_day(duban: Duban) -> None:
    assert duban("init", "--rehearsal").code == 0
    found = duban("daily", "--on", "2023-03-30", "--json").json
    assert (found["notices"], found["messages"], found["days"]) == (0, 0, [])


# --- By which way


@pytest.mark.usefixtures("sample")
def test_without_delivery_there_is_nothing_for_prefect_to_run(duban: Duban) -> None:
    answer = duban("daily", "--on", "2023-03-30", "--no-deliver", "--via", "prefect")
    assert (answer.code, answer.out) == (2, "")
    assert answer.lines[0] == "--no-deliver 不能与 --via prefect 同用。"
    assert duban("notices", "--json").json == []


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize("url", ["http://127.0.0.1:9/api", "http://127.0.0.1:notaport/api", "nonsense", "http://"])
def test_a_prefect_server_that_is_not_there(duban: Duban, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", url)
    answer = duban("daily", "--on", "2023-03-28", "--via", "prefect")
    assert (answer.code, answer.out) == (1, "")
    assert answer.lines[0] == "环境变量 PREFECT_API_URL 所指的 Prefect 服务没有应答。"
    assert duban("daily", "--on", "2023-03-28", "--json").json["via"] == "direct"


# --- deliver


def test_what_waits_is_delivered_once(duban: Duban, sample: Path) -> None:
    posted = duban("daily", "--on", "2023-03-30", "--no-deliver", "--json").json
    assert (posted["accepted"], list(sample.glob("outbox/*"))) == (0, [])
    waiting = duban("messages", "--json").json
    assert {row["state"] for row in waiting} == {"planned"}
    assert {row["party"] for row in waiting if row["kind"] == "action"} == PARTIES_ASSIGNED
    answer = duban("deliver", "--json", "--on", "2023-03-30")
    assert (answer.code, answer.err) == (0, "")
    assert answer.json == {
        "accepted": posted["messages"] + len(PARTIES_ASSIGNED),
        "unknown": 0,
        "rejected": 0,
        "waiting": 0,
        "cancelled": 0,
        "expired": 0,
    }
    again = duban("deliver", "--on", "2023-03-30")
    assert (again.code, again.out.strip()) == (
        0,
        "已送达0封，待重试0封，被拒收0封，结果不明0封，不再需要0封。",
    )


def test_what_was_done_meanwhile_is_not_said(duban: Duban, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = "1,学习,订计划,林致远,办公室,2023年12月29日前"
    (place / "台账.csv").write_text(f"序号,反馈问题,整改措施,牵头领导,责任单位,完成时限\n{row}", encoding="utf-8")
    assert duban("init", "--rehearsal").code == 0
    monkeypatch.setenv("DUBAN_TODAY", "2023-03-27")
    assert duban("import", "台账.csv").code == 0
    assert duban("assign", "1", "--by", "zhaolan").code == 0
    assert duban("daily", "--on", "2023-03-30", "--no-deliver", "--json").json["messages"] == 2
    assert duban("accept", "1", "--by", "qianyiming", "--on", "2023-03-30").code == 0
    told = duban("deliver", "--on", "2023-03-30", "--json").json
    assert (told["cancelled"], told["accepted"]) == (2, 2)
    states = {(row["party"], row["kind"], row["state"]) for row in duban("messages", "--json").json}
    assert states == {
        ("D01", "digest", "cancelled"),
        ("G02", "digest", "cancelled"),
        ("D01", "action", "accepted"),
        ("L01", "action", "accepted"),
    }
    assert {row["unsaid"] for row in duban("notices", "--json").json} == {"settled"}
    assert sorted(path.parent.name for path in (place / "home").glob("outbox/*/*.eml")) == ["D01", "L01"]


def test_a_delivery_after_actions_is_made_on_their_day(
    duban: Duban, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last run was on 11 April; on the 12th, when L04 stands in for L02, L02 is asked to decide."""
    monkeypatch.delenv("DUBAN_TODAY")
    term = ("--from", "2023-04-12", "--until", "2023-04-20", "--reason", "出差", "--by", "zhaolan")
    assert duban("stand-in", "L02", "--party", "L04", *term, "--on", "2023-04-12").code == 0
    assert duban("review", "open", "6", "--by", "zhuhe", "--on", "2023-04-12").code == 0
    assert duban("deliver", "--json").json["accepted"] == 1
    (message,) = duban("messages", "--on", "2023-04-12", "--json").json
    assert message["reason"].startswith("L04/"), "its stand-in receives it"
    assert office.is_dir()


@pytest.mark.usefixtures("sample")
def test_news_that_ask_for_what_was_done_meanwhile_are_not_said(duban: Duban) -> None:
    """Measure 13 is sent in and checked before anybody delivers: supervision need not be asked any more."""
    duban("deliver", "--on", "2023-03-27")
    assert duban("accept", "13", "--by", "qianyiming", "--on", "2023-03-28").code == 0
    sent = ["--by", "qianyiming", "--statement", "已整改", "--on", "2023-03-29"]
    assert duban("self-check", "13", *sent).code == 0
    assert duban("check", "13", "--pass", "--by", "zhuhe", "--on", "2023-03-29").code == 0
    told = duban("deliver", "--on", "2023-03-29", "--json").json
    assert (told["cancelled"], told["accepted"]) == (1, 0)
    (row,) = [row for row in duban("notices", "--actions", "--json").json if row["kind"] == "check_wanted"]
    assert (row["party"], row["unsaid"], row["message_state"]) == ("G02", "settled", None)


# --- rehearse


@pytest.mark.usefixtures("sample")
def test_a_rehearsal_plays_up_to_the_day_and_shows_it(duban: Duban) -> None:
    answer = duban("rehearse", "--until", "2023-03-30", "--via", "direct")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0] == "已演练4个工作日、27次办理，演到2023-03-30。"
    assert lines[2].startswith("2023-03-30 日常运行（直接）：新增通知事项")
    states = [row["state"] for row in duban("measures", "--json").json]
    assert (states.count("in_progress"), states.count("assigned")) == (27, 7)


@pytest.mark.usefixtures("sample")
def test_a_rehearsal_goes_on_from_where_it_was(duban: Duban) -> None:
    duban("rehearse", "--until", "2023-03-30", "--via", "direct")
    answer = duban("rehearse", "--until", "2023-04-04", "--via", "direct")
    assert answer.out.splitlines()[0] == "已演练3个工作日、5次办理，演到2023-04-04。"
    again = duban("rehearse", "--until", "2023-04-04", "--via", "direct")
    assert (again.code, again.out.splitlines()[0]) == (0, "已演练0个工作日、0次办理，演到2023-04-04。")


@pytest.mark.usefixtures("sample")
def test_in_one_go_or_in_two_it_comes_to_the_same(duban: Duban, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(place / "home", place / "two")
    duban("rehearse", "--until", "2023-04-10", "--via", "direct")
    one = [duban(listing, "--json").json for listing in ("notices", "messages", "measures")]
    monkeypatch.setenv("DUBAN_HOME", str(place / "two"))
    for day in ("2023-03-28", "2023-04-01", "2023-04-10"):
        assert duban("rehearse", "--until", day, "--via", "direct").code == 0
    assert one[0] == duban("notices", "--json").json
    assert one[2] == duban("measures", "--json").json


@pytest.mark.usefixtures("sample")
def test_a_rest_day_ends_with_the_brief_of_that_day(duban: Duban) -> None:
    answer = duban("rehearse", "--until", "2023-04-01", "--via", "direct")
    assert answer.code == 0
    assert answer.out.splitlines()[0] == "已演练5个工作日、28次办理，演到2023-04-01。"


@pytest.mark.usefixtures("sample")
def test_a_rehearsal_does_not_go_back(duban: Duban) -> None:
    duban("daily", "--on", "2023-03-30")
    answer = duban("rehearse", "--until", "2023-03-29")
    assert (answer.code, answer.out) == (1, "")
    assert answer.lines[0] == "已处理到2023-03-30，不能退回2023-03-29。"


@pytest.mark.usefixtures("sample")
def test_what_people_did_by_hand_stays_and_the_rest_is_played(duban: Duban) -> None:
    assert duban("accept", "1", "--by", "fengzhu", "--on", "2023-03-28").code == 0
    answer = duban("rehearse", "--until", "2023-03-28", "--via", "direct")
    assert answer.code == 0
    assert answer.out.splitlines()[0] == "已演练2个工作日、26次办理，演到2023-03-28。"
    events = duban("show", "1", "--json").json[0]["events"]
    assert [event["action"] for event in events] == ["assign", "accept"]


@pytest.mark.parametrize("story", ["- {a: 1}", "x: [", "- 1", "7", "- {on: 星期一, action: accept, measures: ['1']}"])
def test_a_story_that_cannot_be_read(duban: Duban, sample: Path, story: str) -> None:
    (sample / "story.yaml").write_text(story, encoding="utf-8")
    before = kept_in(sample)
    answer = duban("rehearse", "--until", "2023-03-30")
    assert (answer.code, answer.out) == (1, "")
    assert answer.lines[0] == "演练脚本 story.yaml 读不懂，未作任何改动。"
    assert kept_in(sample) == before


def test_what_people_did_on_a_rest_day_is_played_before_the_next_run(duban: Duban, sample: Path) -> None:
    """What lies before the first day that is run is not played any more."""
    days = ("2023-03-26", "2023-04-01", "2023-04-03")
    story = [f"- {{'on': {day}, action: accept, measures: ['{no}']}}" for no, day in enumerate(days, 1)]
    (sample / "story.yaml").write_text("\n".join(story), encoding="utf-8")
    duban("rehearse", "--until", "2023-04-03", "--via", "direct")
    accepted = {row["measure"] for row in duban("measures", "--json", "--state", "in_progress").json}
    assert accepted == {"2", "3"}
    events = duban("show", "2", "--json").json[0]["events"]
    assert events[-1]["on_day"] == "2023-04-01"


def test_without_a_story_the_days_are_run_alone(duban: Duban, sample: Path) -> None:
    (sample / "story.yaml").unlink()
    answer = duban("rehearse", "--until", "2023-03-30", "--via", "direct")
    assert answer.out.splitlines()[0] == "已演练4个工作日、0次办理，演到2023-03-30。"


def test_a_live_home_is_no_stage(duban: Duban) -> None:
    assert duban("init").code == 0
    answer = duban("rehearse", "--until", "2023-03-30")
    assert (answer.code, answer.lines[0]) == (1, "正式环境不能演练。")


def test_an_empty_rehearsal_has_nothing_to_play(duban: Duban) -> None:
    assert duban("init", "--rehearsal").code == 0
    answer = duban("rehearse", "--until", "2023-03-30")
    assert (answer.code, answer.lines[0]) == (1, "还没有交办任何措施，没有可演练的内容。")


def test_letters_of_a_rehearsal_say_so(played: Path) -> None:
    letters = sorted((played / "outbox").rglob("*.eml"))
    assert len(letters) > 100
    for letter in letters:
        subject = str(email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)["Subject"])
        assert subject.startswith("【演练】")
