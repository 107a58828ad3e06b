"""The week of an office, counted a second time: by plain SQL and slow walks that know nothing of what is tested."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from flows.office import Office
from models.answers.week.reading import week_facts
from models.answers.week.values import Answer, Extension, Move, Span, UnitWeek, WeekFacts
from models.days_spent import Holder
from models.errors import NotFound, UsageRefused
from models.ladder import Colour, Ladder, rung_at
from models.lifecycle import Stage
from models.tables import MessageState, Unsaid
from notifications.reports.measure_page import days_used
from tests.handling_fixtures import CREW, Line, small_office, take_in
from tests.models.answers.week.busy_week import ROUND, TODAY, busy_office, d

FIRST, LAST = d("06-12"), d("06-18")


@dataclass(frozen=True)
class Seen:
    """The office, its facts, and its tables as plain rows."""

    office: Office
    facts: WeekFacts

    def rows(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        with self.office.store.reading() as connection:
            raw = connection.connection.driver_connection
            assert raw
            return list(raw.execute(query, values).fetchall())

    def unit(self, code: str) -> UnitWeek:
        return next(unit for unit in self.facts.units if unit.name == f"单位{code}")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    with busy_office(tmp_path_factory.mktemp("week")) as office:
        yield Seen(office, facts_of(office))


def facts_of(office: Office, day: date = TODAY, code: str | None = ROUND) -> WeekFacts:
    with office.store.reading() as connection:
        return week_facts(connection, code, day, office.policy, office.calendar)


# How each unit stands


def slow_colour(ladder: Ladder, due_on: date, office: Office) -> Colour | None:
    """The rung of the highest order on which any role stands, asked role by role."""
    best: tuple[int, Colour] | None = None
    for role in ladder.roles():
        standing = rung_at(ladder, role, due_on, TODAY, office.calendar)
        if standing and (best is None or standing.order > best[0]):
            best = standing.order, standing.rung.colour
    return best[1] if best else None


def standing_of(seen: Seen, measure: int) -> str:
    """Where an open measure stands, by its most pressing clock."""
    clocks = seen.rows(
        "SELECT stage, due_on, held_on FROM deadline WHERE measure_id = :m AND stopped_on IS NULL"
        " ORDER BY stage = 'refer', due_on, id LIMIT 1",
        m=measure,
    )
    if not clocks:
        return "drafted"
    stage, due_on, held_on = clocks[0]
    if held_on:
        return "held"
    ladder = seen.office.policy.ladders[Stage(stage)]
    return str(slow_colour(ladder, date.fromisoformat(due_on), seen.office) or "uncoloured")


def test_every_open_measure_stands_in_one_column_of_its_unit(seen: Seen) -> None:
    counted: dict[str, Counter[str]] = {}
    for measure, unit, state in seen.rows(
        "SELECT m.id, p.name, m.state FROM measure m JOIN round r ON r.id = m.round_id"
        " JOIN party p ON p.id = m.unit_id WHERE r.code = :round AND m.state <> 'withdrawn'",
        round=ROUND,
    ):
        tally = counted.setdefault(unit, Counter())
        tally[state if state == "closed" else standing_of(seen, measure)] += 1
        tally["following_up"] += state == "following_up"
    assert sum(counted.values(), Counter()).keys() >= {"red", "yellow", "uncoloured", "held", "drafted", "closed"}
    for unit in seen.facts.units:
        found = {
            **{colour.value: number for colour, number in unit.colours.items()}, "uncoloured": unit.uncoloured,
            "held": unit.held, "drafted": unit.drafted, "closed": unit.closed, "following_up": unit.following_up,
        }  # fmt: skip
        assert +Counter(found) == +counted[unit.name], unit.name
    assert len(seen.facts.units) == len(counted)


def test_withdrawn_measures_count_in_nothing_but_their_own_number(seen: Seen) -> None:
    assert seen.facts.withdrawn == 1
    total = UnitWeek.total(seen.facts.units)
    (expected,) = seen.rows(
        "SELECT count(*) FROM measure m JOIN round r ON r.id = m.round_id"
        " WHERE r.code = :round AND m.state <> 'withdrawn'", round=ROUND,
    )[0]  # fmt: skip
    assert total.live + total.closed == expected


def test_late_measures_are_told_from_those_late_by_the_unit_itself(seen: Seen) -> None:
    """Measure 8 waits for supervision, 15 for the unit; 4 for the unit."""
    assert (seen.unit("D1").late, seen.unit("D1").late_itself) == (3, 2)
    assert (seen.unit("D2").late, seen.unit("D2").late_itself) == (1, 1)
    assert (seen.unit("D3").late, seen.unit("D3").late_itself) == (1, 1)


def test_days_are_those_that_a_measure_s_own_page_says(seen: Seen) -> None:
    expected: dict[str, Counter[Holder]] = {}
    with seen.office.store.reading() as connection:
        for measure, unit in seen.rows(
            "SELECT m.id, p.name FROM measure m JOIN round r ON r.id = m.round_id JOIN party p ON p.id = m.unit_id"
            " WHERE r.code = :round AND m.state NOT IN ('closed', 'withdrawn')", round=ROUND,
        ):  # fmt: skip
            expected.setdefault(unit, Counter()).update(days_used(connection, measure, TODAY, seen.office.calendar))
    assert {unit.name: +Counter(unit.days) for unit in seen.facts.units} == {k: +v for k, v in expected.items()}
    assert UnitWeek.total(seen.facts.units).days[Holder.HOLD] > 0


# Due and overdue


def clocks_due(seen: Seen, first: date, last: date) -> set[tuple[str, str, str, str]]:
    return set(seen.rows(
        "SELECT m.no, c.stage, p.name, c.due_on FROM deadline c JOIN measure m ON m.id = c.measure_id"
        " JOIN round r ON r.id = c.round_id JOIN party p ON p.id = c.holder_id WHERE r.code = :round"
        " AND c.stopped_on IS NULL AND c.held_on IS NULL AND c.due_on BETWEEN :first AND :last",
        round=ROUND, first=str(first), last=str(last),
    ))  # fmt: skip


def test_due_this_week_and_next(seen: Seen) -> None:
    this, after = clocks_due(seen, FIRST, LAST), clocks_due(seen, d("06-19"), d("06-25"))
    assert len(this) >= 4
    assert len(after) >= 4
    for due, expected in ((seen.facts.due, this), (seen.facts.due_next, after)):
        assert {(one.measure.no, one.stage, one.holder, str(one.due_on)) for one in due} == expected
        assert [one.due_on for one in due] == sorted(one.due_on for one in due)


def test_overdue_clocks_with_every_working_day_counted_by_itself(seen: Seen) -> None:
    expected = clocks_due(seen, date.min, TODAY - timedelta(days=1))
    found = seen.facts.overdue
    assert {(o.clock.measure.no, o.clock.stage, o.clock.holder, str(o.clock.due_on)) for o in found} == expected
    assert len(found) == len(expected) >= 6
    for one in found:
        late, day = 0, one.clock.due_on
        while day < TODAY:
            day += timedelta(days=1)
            late += seen.office.calendar.is_workday(day)
        assert one.clock.days == -late, one.clock.measure.no


def test_rest_days_and_provisional_ones_are_known(seen: Seen) -> None:
    dated = {one.measure.no: one for one in seen.facts.due_next}
    assert dated["14"].rest  # 24 June, the last of the holiday
    assert not dated["21"].rest  # Sunday 25 June is worked
    assert not any(one.provisional for one in seen.facts.due_next)


def test_a_clock_s_last_accepted_notices_say_who_was_told(seen: Seen) -> None:
    for one in seen.facts.overdue:
        told: dict[str, set[str]] = {}
        for run, party, kind, notice, name, due_on in seen.rows(
            "SELECT n.run_id, n.party_id, n.kind, n.id, p.name, n.due_on FROM notice n"
            " JOIN deadline c ON c.id = n.deadline_id JOIN measure m ON m.id = c.measure_id"
            " JOIN round r ON r.id = m.round_id JOIN party p ON p.id = n.party_id"
            " WHERE r.code = :round AND m.no = :no AND c.stage = :stage AND n.unsaid IS NULL AND c.stopped_on IS NULL",
            round=ROUND, no=one.clock.measure.no, stage=one.clock.stage.value,
        ):  # fmt: skip
            message_kind = "digest" if kind in ("remind", "urge") else "escalation"
            for state, accepted_on, held in seen.rows(
                "SELECT state, accepted_on, notice_ids FROM message WHERE run_id = :r AND party_id = :p AND kind = :k",
                r=run, p=party, k=message_kind,
            ):  # fmt: skip
                if state == "accepted" and notice in map(int, held.strip("[]").split(",")):
                    told.setdefault(accepted_on, set()).add(name)
                    assert due_on == str(one.clock.due_on) or one.clock.due_on != one.clock.first_due_on
        found = one.told
        assert bool(told) == (found is not None), one.clock.measure.no
        if found:
            assert (str(found.on), set(found.parties)) == (max(told), told[max(told)])


def test_what_came_back_told_nobody(seen: Seen) -> None:
    """A1 heard of measure 15 on 9 June together with H1, and its message came back."""
    (told,) = [one.told for one in seen.facts.overdue if one.clock.measure.no == "15"]
    assert told
    assert told.parties == ("单位H1",)


def test_extensions_that_were_asked_and_answered(seen: Seen) -> None:
    found = {(one.clock.measure.no, one.clock.stage): one.extension for one in seen.facts.overdue}
    assert found["5", Stage.COMPLETE] == Extension(d("06-12"), Answer.GRANTED, d("05-30"))
    assert found["4", Stage.COMPLETE] == Extension(d("06-20"), Answer.REFUSED, d("05-31"))
    assert found["15", Stage.COMPLETE] is None
    assert found["8", Stage.CHECK] is None


# What happened, and what was not said


def test_what_moved_this_week(seen: Seen) -> None:
    found = [(one.move, one.measure.no, one.on) for one in seen.facts.moved]
    assert found == [
        (Move.CLOSED, "1", d("06-13")), (Move.SUSTAINED, "3", d("06-13")),
        (Move.SUBMITTED, "9", d("06-12")), (Move.SUBMITTED, "1", d("06-13")), (Move.SUBMITTED, "3", d("06-13")),
        (Move.RETURNED, "9", d("06-13")), (Move.GRANTED, "16", d("06-14")), (Move.REDATED, "19", d("06-12")),
        (Move.REOPENED, "17", d("06-14")), (Move.LOOKED_BACK, "20", d("06-14")), (Move.HELD, "10", d("06-12")),
        (Move.RESUMED, "22", d("06-14")), (Move.HANDED_OVER, "14", d("06-14")), (Move.TAKEN_UP, "15", d("06-13")),
        (Move.OUTCOME, "15", d("06-14")), (Move.WITHDRAWN, "11", d("06-13")),
    ]  # fmt: skip
    returned = next(one for one in seen.facts.moved if one.move is Move.RETURNED)
    assert (returned.by, returned.reason, returned.due_on) == ("单位S1", "佐证不足", d("06-20"))
    assert next(one for one in seen.facts.moved if one.move is Move.OUTCOME).outcome == "谈话"


def test_what_could_not_be_said_to_whom_and_why(seen: Seen) -> None:
    """Item by item: each notice and news of the round, its message, and whether it went."""
    expected: Counter[tuple[object, ...]] = Counter()
    for table, ids in (("notice", "m.kind <> 'action'"), ("news", "m.kind = 'action'")):
        measure = "(SELECT measure_id FROM deadline WHERE id = n.deadline_id)" if table == "notice" else "n.measure_id"
        for number, unsaid, on_day, party, no in seen.rows(
            f"SELECT n.id, n.unsaid, n.on_day, p.name, e.no FROM {table} n JOIN party p ON p.id = n.party_id"
            f" JOIN measure e ON e.id = {measure} JOIN round r ON r.id = e.round_id WHERE r.code = :round", round=ROUND,
        ):  # fmt: skip
            if unsaid:
                if unsaid in ("no_address", "expired") and str(FIRST) <= on_day <= str(LAST):
                    expected[party, no, unsaid, None] += 1
                continue
            for message, state, kind, held, posted in seen.rows(
                f"SELECT id, state, kind, notice_ids, on_day FROM message m WHERE {ids}"
            ):
                if number in map(int, held.strip("[]").split(",")):
                    waits = state in (
                        "rejected",
                        "unknown",
                        "bounced",
                        "planned",
                        "leased",
                        "handing_over",
                        "retry_wait",
                    )
                    of_week = str(FIRST) <= posted <= str(LAST)
                    if waits or (state == "expired" and (kind == "escalation" or of_week)):
                        expected[party, no, state, message] += 1
    found = Counter((one.party, one.measure, one.why.value, one.message) for one in seen.facts.untold)
    assert found == expected
    assert {one.why for one in seen.facts.untold} >= {
        Unsaid.NO_ADDRESS, MessageState.REJECTED, MessageState.UNKNOWN, MessageState.BOUNCED, MessageState.RETRY_WAIT,
    }  # fmt: skip


# The whole


def test_it_reads_in_sets(seen: Seen) -> None:
    """As many statements for the busy round as for one with a single measure."""

    def statements(code: str) -> int:
        count = 0

        def heard(*_: object) -> None:
            nonlocal count
            count += 1

        with seen.office.store.reading() as connection:
            event.listen(connection, "before_cursor_execute", heard)
            week_facts(connection, code, TODAY, seen.office.policy, seen.office.calendar)
        return count

    assert statements(ROUND) == statements("2022") <= 15


def test_texts_are_handed_on_as_they_were_written(seen: Seen) -> None:
    (written,) = seen.rows("SELECT text FROM measure WHERE no = '18'")[0]
    assert "<script>" in written
    assert written in {one.measure.text for one in facts_of(seen.office, d("06-26")).due}


def test_a_round_that_holds_nothing_has_a_week_too(seen: Seen) -> None:
    facts = facts_of(seen.office, code="2021")
    assert UnitWeek.total(facts.units).closed == 1
    assert (facts.due, facts.due_next, facts.overdue, facts.moved, facts.untold) == ((), (), (), (), ())


def test_which_round_must_be_said_where_there_are_several(seen: Seen) -> None:
    with pytest.raises(UsageRefused, match="已有多个整改轮次"):
        facts_of(seen.office, code=None)
    with pytest.raises(NotFound, match="没有代码为“1999”的轮次"):
        facts_of(seen.office, code="1999")


def test_a_week_gone_by_is_not_made_up(seen: Seen) -> None:
    with pytest.raises(UsageRefused, match="已经办理或运行到 2023-06-14"):
        facts_of(seen.office, d("06-13"))
    assert facts_of(seen.office, d("06-21")).span == Span(d("06-19"), d("06-25"))


def test_a_draft_without_a_unit_stands_last(tmp_path: Path) -> None:
    with small_office(tmp_path, CREW) as office:
        take_in(office, Line("1"), Line("2"))
        with office.store.writing() as connection:  # as the ledger of a published notice leaves it
            connection.execute(text("UPDATE measure SET unit_id = NULL WHERE no = '1'"))
        facts = facts_of(office, d("03-27"))
    assert [(unit.name, unit.drafted) for unit in facts.units] == [("单位D1", 1), ("未定", 1)]
    assert facts.run_until is None
