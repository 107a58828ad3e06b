"""messages: shown one by one, settled by people, signed for, returned; and what is refused, with its exit code."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from notifications.bounces import MOST_BYTES
from tests.duban.conftest import Duban, kept_in

GENERAL, SUPERVISION, HEAD = "zhaolan", "zhuhe", "heyan"
BY = ("--by", GENERAL)


@pytest.fixture
def said(office: Path, duban: Duban) -> Iterator[dict[str, Any]]:
    """A message that was accepted, with its keys; the record holds together after each test."""
    assert duban("daily").code == 0
    yield next(row for row in duban("messages", "--json").json if row["state"] == "accepted")
    assert duban("verify").code == 0


def turn(home: Path, message: int, *states: str) -> None:
    """Brings a message into a state as delivery does, by the moves that it may make."""
    with closing(sqlite3.connect(home / "duban.db")) as database, database:
        for state in states:
            database.execute("UPDATE message SET state = ?, code = '550', reason = 'no' WHERE id = ?", (state, message))


@pytest.fixture
def unsettled(sample: Path, duban: Duban) -> list[int]:
    """What the assignment of 2023-03-27 told: the first is of unknown fate, the second was refused, the rest waits."""
    first, second, *_ = waiting = [row["id"] for row in duban("messages", "--state", "planned", "--json").json]
    turn(sample, first, "unknown")
    turn(sample, second, "leased", "rejected")
    return waiting


def row(duban: Duban, message: int) -> dict[str, Any]:
    (found,) = (row for row in duban("messages", "--json").json if row["id"] == message)
    assert isinstance(found, dict)
    return found


def person_of(home: Path, party: str) -> str:
    lines = (home / "directory.yaml").read_text(encoding="utf-8").partition(f"code: {party}\n")[2]
    return lines.partition("people: [{code: ")[2].partition(",")[0]


def name_of(home: Path, person: str) -> str:
    after = (home / "directory.yaml").read_text(encoding="utf-8").partition(f"{{code: {person},")[2]
    return after.partition("name: ")[2].partition("}")[0].strip()


def report(message_id: str, action: str = "failed") -> bytes:
    return (
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example.cn\r\n\r\n"
        f"Final-Recipient: rfc822;x@y\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n"
        f"\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
    ).encode()


# --- resolve


def test_what_nobody_knows_is_settled_or_sent_again(duban: Duban, unsettled: list[int]) -> None:
    unknown, refused, *_ = unsettled
    arrived = duban("messages", "resolve", unknown, "--arrived", "--reason", "已电话核实", *BY)
    assert (arrived.code, arrived.out.count("已送达"), arrived.err) == (0, 1, "")
    found = row(duban, unknown)
    assert (found["state"], found["accepted_on"], found["channel"]) == ("accepted", "2023-03-27", "")
    again = duban("messages", "resolve", refused, "--resend", "--by", SUPERVISION)
    assert (again.code, row(duban, refused)["state"]) == (0, "planned")
    assert duban("deliver").code == 0
    assert row(duban, refused)["state"] == "accepted"
    assert duban("verify").code == 0


def test_several_at_once_and_each_refusal_is_told(duban: Duban, unsettled: list[int]) -> None:
    unknown, refused, waiting, *_ = unsettled
    answer = duban("messages", "resolve", unknown, waiting, refused, "--arrived", "--by", HEAD)
    assert (answer.code, len(answer.out.splitlines())) == (1, 2)
    assert answer.lines[0] == f"消息{waiting}现为“待发”，不能办理“确认送达”。"
    assert len(answer.lines) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("resolve", "1", "--by", GENERAL), 2, "须写明 --arrived 或 --resend 之一"),
        (("resolve", "1", "--arrived", "--resend", "--by", GENERAL), 2, "须写明 --arrived 或 --resend 之一"),
        (("resolve", "--arrived", "--by", GENERAL), 2, "缺少"),
        (("resolve", "0", "--arrived", "--by", GENERAL), 2, "不小于1"),
        (("resolve", "999", "--arrived", "--by", GENERAL), 1, "没有编号为999的消息"),
        (("resolve", "1", "--arrived", "--by", "nobody"), 1, "没有代码为“nobody”的经办人"),
        (("received", "1"), 2, "缺少 --by"),
        (("bounced", "--by", GENERAL), 2, "请写明消息编号，或用 --dsn"),
        (("bounced", "1", "--dsn", "x.eml", "--by", GENERAL), 2, "不能同用"),
        (("bounced", "--dsn", "没有.eml", "--by", GENERAL), 1, "没有.eml"),
        (("show", "999"), 1, "没有编号为999的消息"),
        *(
            ((*command, "99999999999999999999"), 1, "没有编号为99999999999999999999的消息")
            for command in (
                ("show",),
                ("received", "--by", GENERAL),
                ("resolve", "--arrived", "--by", GENERAL),
                ("bounced", "--reason", "x", "--by", GENERAL),
            )
        ),
        (("--json", "show", "1"), 2, "不能写在 show 之前"),
        (("lost",), 2, "没有“lost”这个命令"),
    ],
)
def test_what_is_asked_wrongly_changes_nothing(
    office: Path, duban: Duban, arguments: tuple[str, ...], code: int, said: str
) -> None:
    before = kept_in(office)
    answer = duban("messages", *arguments)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err
    assert kept_in(office) == before


def test_a_unit_cannot_settle_its_own_message(duban: Duban, unsettled: list[int]) -> None:
    answer = duban("messages", "resolve", unsettled[0], "--arrived", "--by", "fengzhu")
    assert (answer.code, answer.out) == (1, "")
    assert "应由综合组或督办组或组长办理" in answer.err


def test_what_is_past_its_useful_life_is_not_offered_to_be_sent_again(office: Path, duban: Duban) -> None:
    assert duban("daily").code == 0
    expired = next(row["id"] for row in duban("messages", "--json").json if row["kind"] == "escalation")
    with closing(sqlite3.connect(office / "duban.db")) as database, database:
        database.execute("DROP TRIGGER message_moves")
        database.execute("UPDATE message SET state = 'expired' WHERE id = ?", (expired,))
    for page in (duban("daily").out, duban("desk", *BY).out, duban("doctor").out):
        assert "--arrived --by" in page
        assert "--resend" not in page


# --- received


def test_a_receipt_is_kept_and_shown(office: Path, duban: Duban, said: dict[str, Any]) -> None:
    person = person_of(office, said["party"])
    stranger = duban("messages", "received", said["id"], "--by", HEAD)
    assert (stranger.code, stranger.out) == (1, "")
    assert duban("messages", "received", said["id"], "--by", person).code == 0
    found = row(duban, said["id"])
    assert (found["state"], found["received_on"], found["received_by"]) == ("accepted", "2023-04-12", person)
    again = duban("messages", "received", said["id"], "--by", person)
    assert (again.code, f"消息{said['id']}已于 2023-04-12 由" in again.err) == (1, True)
    shown = duban("messages", "show", said["id"])
    assert f"签收：2023-04-12，{name_of(office, person)}" in shown.out
    assert person not in shown.out


# --- bounced


def test_a_return_needs_a_reason_and_is_on_the_brief_and_the_desk(duban: Duban, said: dict[str, Any]) -> None:
    assert "须写明理由" in duban("messages", "bounced", said["id"], *BY).err
    assert duban("messages", "bounced", said["id"], "--reason", "查无此人", *BY).code == 0
    assert row(duban, said["id"])["state"] == "bounced"
    brief = duban("daily").out
    assert f"消息{said['id']}（{said['on']}，{said['party']}）被退回：查无此人" in " ".join(brief.split())
    assert "duban messages resolve 编号 --arrived --by 经办人代码" in brief
    assert "duban messages resolve 编号 --resend --by 经办人代码" in brief
    waiting = [one for one in duban("desk", "--by", SUPERVISION, "--json").json if one["message"]]
    assert [(one["message"], one["state"], one["measure"]) for one in waiting] == [(said["id"], "bounced", None)]
    shown = duban("desk", "--by", SUPERVISION).out
    assert "待处理的消息（共1封）" in shown
    for what in ("确认送达：duban messages resolve 编号 --arrived", "重新发送：duban messages resolve 编号 --resend"):
        assert f"{what} --by {SUPERVISION}" in shown


def test_a_relays_report_finds_its_message(place: Path, duban: Duban, said: dict[str, Any]) -> None:
    (place / "退信.eml").write_bytes(report(said["message_id"]))
    assert duban("messages", "bounced", "--dsn", "退信.eml", *BY).code == 0
    found = row(duban, said["id"])
    assert (found["state"], found["code"], found["enhanced"], found["reason"]) == (
        "bounced", "5.1.1", "5.1.1", "550 no such user",
    )  # fmt: skip
    again = duban("messages", "bounced", "--dsn", "退信.eml", *BY)
    assert (again.code, "退信.eml”：消息" in again.err) == (1, True)
    shown = duban("messages", "show", said["id"]).out
    assert ("程序" in shown, GENERAL in shown, "dsn" in shown) == (True, False, False)


def test_a_relays_report_settles_what_was_in_doubt(place: Path, duban: Duban, said: dict[str, Any]) -> None:
    """As where the connection broke after the dot: the report says that the relay had it, and what became of it."""
    with closing(sqlite3.connect(place / "home" / "duban.db")) as database, database:
        (guard,) = database.execute("SELECT sql FROM sqlite_master WHERE name = 'message_moves'").fetchone()
        database.execute("DROP TRIGGER message_moves")
        database.execute("UPDATE message SET state = 'unknown', accepted_on = NULL WHERE id = ?", (said["id"],))
        database.execute(guard)
    (place / "退信.eml").write_bytes(report(said["message_id"]))
    assert duban("messages", "bounced", "--dsn", "退信.eml", *BY).code == 0
    assert row(duban, said["id"])["state"] == "bounced"


def test_a_report_of_what_was_signed_for_is_refused(place: Path, duban: Duban, said: dict[str, Any]) -> None:
    person = person_of(place / "home", said["party"])
    assert duban("messages", "received", said["id"], "--by", person).code == 0
    (place / "退信.eml").write_bytes(report(said["message_id"]))
    answer = duban("messages", "bounced", "--dsn", "退信.eml", *BY)
    assert (answer.code, answer.out) == (1, "")
    assert answer.lines[0].endswith(f"由{name_of(place / 'home', person)}签收，不能登记退信。")
    assert (row(duban, said["id"])["state"], row(duban, said["id"])["received_by"]) == ("accepted", person)


def test_what_came_back_is_sent_again_under_another_name_so_that_the_same_report_does_not_fit_it(
    place: Path, duban: Duban, said: dict[str, Any]
) -> None:
    (place / "退信.eml").write_bytes(report(said["message_id"]))
    assert duban("messages", "bounced", "--dsn", "退信.eml", *BY).code == 0
    assert duban("messages", "resolve", said["id"], "--resend", *BY).code == 0
    assert duban("deliver").code == 0
    found = row(duban, said["id"])
    assert (found["state"], found["ambiguous"], found["attempts"]) == ("accepted", 1, 2)
    assert found["message_id"] != said["message_id"]
    late = duban("messages", "bounced", "--dsn", "退信.eml", *BY)
    assert (late.code, "不是本系统发出的消息" in late.err) == (1, True)
    assert row(duban, said["id"]) == found


def test_a_delay_changes_nothing_and_what_fits_nothing_is_told(
    office: Path, place: Path, duban: Duban, said: dict[str, Any]
) -> None:
    for name, content in {
        "延迟.eml": report(said["message_id"], "delayed"), "别人的.eml": report("<other@example.cn>"),
        "休假.eml": b"Subject: out of office\r\n\r\nback on Monday",
    }.items():  # fmt: skip
        (place / name).write_bytes(content)
    before = kept_in(office)
    delayed = duban("messages", "bounced", "--dsn", "延迟.eml", *BY)
    assert (delayed.code, delayed.out, delayed.err) == (0, "“延迟.eml”只说明投递有延迟，未作改动。\n", "")
    others = duban("messages", "bounced", "--dsn", "延迟.eml", "--dsn", "别人的.eml", "--dsn", "休假.eml", *BY)
    assert (others.code, len(others.out.splitlines())) == (1, 1)
    assert others.lines == [
        "“别人的.eml”所退的邮件（<other@example.cn>）不是本系统发出的消息。", "“休假.eml”不是退信：其中没有投递报告。",
    ]  # fmt: skip
    assert kept_in(office) == before


def test_what_is_no_plain_file_or_too_large_is_refused_at_once(place: Path, duban: Duban, said: dict[str, Any]) -> None:
    os.mkfifo(place / "管道.eml")
    (place / "夹.eml").mkdir()
    (place / "大.eml").write_bytes(report(said["message_id"]).ljust(MOST_BYTES + 1, b"x"))
    (place / "深.eml").write_bytes(b"Content-Type: message/rfc822\r\n\r\n" * 5000)
    for name, code, why in (
        ("管道.eml", 2, "不是普通文件"), ("夹.eml", 2, "不是普通文件"), ("/dev/zero", 2, "不是普通文件"),
        ("大.eml", 2, "太大"), ("深.eml", 1, "不是退信"),
    ):  # fmt: skip
        answer = duban("messages", "bounced", "--dsn", name, *BY)
        assert (answer.code, answer.out, why in answer.err) == (code, "", True), answer
    assert row(duban, said["id"])["state"] == "accepted"


# --- show


def test_one_message_with_every_line_its_notices_and_its_text(duban: Duban, said: dict[str, Any]) -> None:
    shown = duban("messages", "show", said["id"])
    assert (shown.code, shown.err) == (0, "")
    for part in (f"消息{said['id']}", "投递记录", "开始递交", "对方接收", "file", "所含事项", "【演练】"):
        assert part in shown.out
    found = duban("messages", "show", said["id"], "--json").json
    assert {**said, **{k: found[k] for k in ("record", "text", "notices", "news")}} == found
    assert [line["phase"] for line in found["record"]] == ["leased", "handing_over", "accepted"]
    assert set(found["record"][1]) == {
        "n", "phase", "at", "owner", "channel", "code", "enhanced", "reason", "took_ms", "sha256",
    }  # fmt: skip
    assert found["record"][1]["channel"] == found["channel"] == "file"
    assert found["notices"] or found["news"]
    assert "【演练】" in found["text"]


def test_a_message_that_was_not_composed_yet_has_no_text(duban: Duban, unsettled: list[int]) -> None:
    found = duban("messages", "show", unsettled[2], "--json").json
    assert (found["text"], found["record"]) == (None, [])
    assert "正文在投递时生成" in duban("messages", "show", unsettled[2]).out
