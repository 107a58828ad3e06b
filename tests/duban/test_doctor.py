"""What doctor says of messages that need a person, and of a morning without a run."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from config import clock
from duban.doctor import MOST_LISTED, Finding, Level, examine, vitals_of
from flows.office import Office, open_office
from flows.steps import brief_of_day, run_day
from models.tables import HomeMode, MessageState
from models.tables.columns import stored
from notifications.addresses import FileBox, gate_of
from tests.handling_fixtures import CREW, Line, hand_out, new_home, small_office, take_in
from tests.notifications.reports.paper.papers import template

MONDAY, THURSDAY = date(2023, 3, 27), date(2023, 3, 30)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A rehearsal in which thirty measures were assigned and not accepted in time; the messages wait."""
    with small_office(tmp_path, CREW) as found:
        lines = [Line(str(n), limit="2023年4月28日前", text=f"措施{n}") for n in range(1, 31)]
        take_in(found, *lines)
        for line in lines[:3]:
            hand_out(found, line.no, MONDAY)
        run_day(found, THURSDAY, deliver=False)
        yield found


def bring(office: Office, message: int, *states: MessageState) -> None:
    """Moves a message through these states."""
    with office.store.writing() as connection:
        for state in states:
            connection.execute(
                text("UPDATE message SET state = :state, code = '550', reason = 'no' WHERE id = :id"),
                {"state": state.value, "id": message},
            )


def of_message(office: Office, message: int) -> Finding:
    (found,) = [one for one in examine(office, clock.now()) if one.what.startswith(f"消息{message}（")]
    return found


def kind_of(office: Office, kind: str) -> int:
    with office.store.reading() as connection:
        found = connection.scalar(text("SELECT min(id) FROM message WHERE kind = :kind"), {"kind": kind})
    assert found
    return int(found)


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ((MessageState.UNKNOWN,), "是否送达不明"),
        ((MessageState.LEASED, MessageState.REJECTED), "被拒收"),
        ((MessageState.LEASED, MessageState.HANDING_OVER, MessageState.ACCEPTED, MessageState.BOUNCED), "被退回"),
    ],
)
def test_a_message_that_needs_a_person_is_told_with_the_commands(
    office: Office, states: tuple[MessageState, ...], said: str
) -> None:
    message = kind_of(office, "digest")
    bring(office, message, *states)
    found = of_message(office, message)
    assert (found.level, f"{said}：550 no" in found.what) == (Level.ERROR, True)
    for how in ("arrived", "resend"):
        assert f"duban messages resolve {message} --{how} --by 经办人代码" in found.cure
    assert vitals_of(office, clock.now())["counters"]["unresolved"] == 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("kind", "level", "unresolved"), [("digest", Level.WARNING, 0), ("escalation", Level.ERROR, 1)]
)
def test_what_expired_is_graver_where_it_went_up(office: Office, kind: str, level: Level, unresolved: int) -> None:
    with office.store.writing() as connection:
        connection.execute(text("UPDATE message SET kind = :kind WHERE kind = 'digest'"), {"kind": kind})
    message = kind_of(office, kind)
    bring(office, message, MessageState.EXPIRED)
    assert of_message(office, message).level is level
    assert vitals_of(office, clock.now())["counters"]["unresolved"] == unresolved  # type: ignore[index]


def test_of_very_many_the_first_are_named(office: Office) -> None:
    with office.store.writing() as connection:
        columns = "party_id, on_day, kind, notice_ids, address_no, attempts, ambiguous, code, reason, frozen, counted"
        connection.execute(
            text(f"""
            INSERT INTO message (state, part, parts, tries, received_by, {columns})
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MOST_LISTED + 5})
            SELECT 'unknown', 1, 1, 0, '', {columns} FROM message, n WHERE message.id = 1""")
        )
    told = [found.what for found in examine(office, clock.now()) if found.level is Level.ERROR]
    assert len(told) == MOST_LISTED + 1
    assert "另有5封消息须人工处理。" in told


GATE = """
INSERT INTO channelgate (key, label, tokens, counted_at, closed_until, failures, failing_since, reason)
VALUES (:key, 'file:', 1, :since, :until, 3, :since, '451 later')"""


@pytest.mark.parametrize(
    ("hours", "waiting", "told"),
    [(23, True, Level.WARNING), (24, True, Level.ERROR), (24, False, Level.WARNING), (72, False, None)],
)
def test_a_channel_that_fails_is_named_with_what_waits_behind_it(
    office: Office, hours: int, waiting: bool, told: Level | None
) -> None:
    """One that nobody has tried for a day may work again."""
    now = clock.now()
    since, until = (stored(now - timedelta(hours=gone)) for gone in (hours, hours - 1))
    key = gate_of(FileBox(), bytes.fromhex(office.home.message_key)).key
    with office.store.writing() as connection:
        connection.execute(text(GATE), {"key": key, "since": since, "until": until})
        if not waiting:
            connection.execute(text("UPDATE message SET state = 'cancelled'"))
        count = connection.scalar(text("SELECT count(*) FROM message WHERE state = 'planned'"))
    found = [one for one in examine(office, now) if one.what.startswith("通道 file: 自")]
    assert [one.level for one in found] == ([told] if told else [])
    listed = vitals_of(office, now)["failing_channels"]
    attention = brief_of_day(office, THURSDAY).attention
    for one in found:
        assert one.what.endswith(f"起不通（451 later），有{count}封消息在等候。")
        assert one.what in attention
    assert listed == [
        {"label": "file:", "since": now - timedelta(hours=hours), "waiting": count, "reason": "451 later"}
        for _ in found
    ]


def test_how_long_a_message_has_been_due_counts_from_its_plan_and_not_from_its_next_try(office: Office) -> None:
    now = clock.now() + timedelta(days=2)
    with office.store.writing() as connection:
        connection.execute(text("UPDATE message SET next_try_at = :at"), {"at": stored(now + timedelta(minutes=5))})
    oldest = vitals_of(office, now)["oldest_due_minutes"]
    assert isinstance(oldest, int)
    assert oldest // 60 == 48
    (told,) = [one for one in examine(office, now) if "封消息待发" in one.what]
    assert "未到重试时间" in told.cure


def test_a_morning_without_a_run_must_be_dealt_with(tmp_path: Path) -> None:
    wednesday, thursday = date(2026, 9, 16), date(2026, 9, 17)
    with open_office(new_home(tmp_path / "home", HomeMode.LIVE, CREW)) as office:
        take_in(office, Line("1", limit=f"{clock.today().year + 1}年12月31日前"), on=clock.today())
        hand_out(office, "1", clock.today())
        run_day(office, clock.today())
        with office.store.writing() as connection:
            connection.execute(
                text("UPDATE run SET on_day = :day, finished_at = :at"),
                {"day": str(wednesday), "at": "2026-09-16 00:31:00.000000"},
            )
        ten = datetime(2026, 9, 17, 2, tzinfo=clock.now().tzinfo)
        wanted = f"{thursday}的日常运行到10时仍没有完成。"
        assert wanted not in [found.what for found in examine(office, ten - timedelta(minutes=1))]
        (found,) = [found for found in examine(office, ten) if found.what == wanted]
    assert (found.level, "duban daily" in found.cure) == (Level.ERROR, True)


def test_settings_and_own_templates_of_reports_are_looked_at(office: Office) -> None:
    folder = office.settings.templates
    folder.mkdir()
    assert of_reports(office) == []
    office.settings.report.write_text("formula: best\n", encoding="utf-8")
    (folder / "weekly.html.j2").write_text("<p>\n{{ round. }}\n{{ as_of }}", encoding="utf-8")
    (folder / "weekly.docx").write_bytes(b"no document")
    (folder / "progress.docx").write_bytes(template("甲", "{% for m in measures %}").content)
    places = ("progress.docx 有1处问题", "weekly.docx 有1处问题", "weekly.html.j2 有1处问题", "report.yaml 有1处问题")
    found = of_reports(office)
    assert [place for place, finding in zip(places, found, strict=True) if place not in finding.what] == []
    assert "第一处：正文第2段“{% for m in measures %}”：for 没有结束" in found[0].what
    assert "第一处：weekly.html.j2:2：写法有误" in found[2].what


def of_reports(office: Office) -> list[Finding]:
    found = examine(office, clock.now())
    return [one for one in found if one.level is Level.WARNING and one.what.startswith(("模板 ", "报告设置 "))]
