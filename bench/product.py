"""The product on a generated ledger: builds its database, and runs one planning step of it in this process.

`python -m bench.product DB --build N` makes the database (with `--history K` after a first run and K - 1 further days,
each delivered); `python -m bench.product DB` runs the poll on the run day and prints what it cost as one JSON line.
The ladder and the calendar are the floor's, put into the product's own terms; the code that runs is the product's.
"""

import argparse
import json
import resource
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert, text

from bench.ledgers import (
    FIRST_DAY,
    HOLIDAYS,
    LADDER,
    LAST_DAY,
    RUN_DAY,
    GeneratedMeasure,
    GeneratedState,
    Mix,
    generate,
    lead_name,
    parties_of,
    unit_name,
)
from models import record
from models.directory import Directory, DirectoryParty
from models.ladder import Colour, EvidenceRules, Ladder, NoticeKind, Offset, OffsetUnit, Policy, Rung, StageLimit
from models.lifecycle import Role, Stage
from models.redating import ExtensionRules
from models.store.engine import Store
from models.store.outbox import count_served
from models.store.parties import party_ids, sync_parties
from models.store.posting import Basis, post
from models.tables.core import DEADLINE, ROUND
from models.tables.home import Home
from models.tables.measures import Cycle, FeedbackProblem, Measure
from models.workdays import WorkCalendar, YearDays

NOW = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
HISTORY = 20
_ROLES = {
    "unit": Role.UNIT,
    "lead": Role.LEAD,
    "supervision": Role.SUPERVISION,
    "accountability": Role.ACCOUNTABILITY,
    "head": Role.HEAD,
}
_CHUNK = 5_000


def calendar() -> WorkCalendar:
    """Monday to Friday less the floor's holidays."""
    years = range(FIRST_DAY.year, LAST_DAY.year + 1)
    return WorkCalendar(
        [YearDays(year, "bench", off=frozenset(day for day in HOLIDAYS if day.year == year)) for year in years]
    )


def policy() -> Policy:
    """The floor's ladder on the complete stage. Rungs that tell several parties on one day are one rung."""
    told: dict[int, list[Role]] = {}
    for rung in LADDER:
        told.setdefault(-rung.days_left, []).append(_ROLES[rung.told])
    rungs = tuple(
        Rung(
            Offset(n, OffsetUnit.WORKDAYS, f"{n:+d}wd" if n else "0"),
            tuple(roles),
            NoticeKind.REMIND if n < 0 else NoticeKind.OVERDUE,
            Colour.YELLOW,
        )
        for n, roles in sorted(told.items())
    )
    ladders = {Stage.COMPLETE: Ladder(Stage.COMPLETE, StageLimit(), rungs)}
    week = StageLimit(workdays=5)
    evidence = EvidenceRules(max_bytes=1, types=frozenset())
    return Policy("bench", ladders, week, week, ExtensionRules(), evidence, '{"stages": {}}', "bench-policy")


def directory(count: int) -> Directory:
    parties = parties_of(count)
    groups = (Role.GENERAL, Role.SUPERVISION, Role.ACCOUNTABILITY, Role.HEAD)
    listed = [
        *((unit_name(number), Role.UNIT) for number in range(parties.units)),
        *((lead_name(number), Role.LEAD) for number in range(parties.leads)),
        *((role.value, role) for role in groups),
    ]
    return Directory(
        tuple(DirectoryParty(name, name, frozenset({role}), ("file:",)) for name, role in listed),
        content="bench",
        digest="bench-directory",
    )


def basis(count: int) -> Basis:
    return Basis(policy(), calendar(), directory(count))


def build(database: Path, count: int, mix: Mix, history: int) -> None:
    """A home's database with every measure assigned. With `history`, that many working days were run and delivered."""
    store, known = Store(f"sqlite:///{database}"), basis(count)
    store.migrate()
    days = _days_before(known.calendar, history)
    with store.writing() as connection:
        fill(connection, generate(count, mix), known, days[0] if days else RUN_DAY)
    for day in days:
        with store.writing() as connection:
            post(connection, known, day, NOW, "bench")
            _deliver_all(connection, day)
    with store.writing() as connection:
        connection.execute(text("ANALYZE"))
    store.close()


def run(database: Path, count: int, times: int = 1) -> dict[str, float]:
    """Plans the run day once, or again and again; CPU and wall of the last time, commit included."""
    store, known = Store(f"sqlite:///{database}"), basis(count)
    store.schema_version()
    rss_before = _peak_mib()
    for _ in range(times):
        cpu, wall = _cpu_seconds(), time.perf_counter()
        with store.writing() as connection:
            sync_parties(connection, known.directory, RUN_DAY, NOW)
            count_served(connection)
            posted = post(connection, known, RUN_DAY, NOW, "bench")
        wall_ms, cpu_ms = (time.perf_counter() - wall) * 1e3, (_cpu_seconds() - cpu) * 1e3
    store.close()
    return {
        "cpu_ms": cpu_ms,
        "wall_ms": wall_ms,
        "notices": posted.notices,
        "messages": posted.messages,
        "rss_grown_mib": _peak_mib() - rss_before,
    }


def _days_before(known: WorkCalendar, history: int) -> list[date]:
    return [known.add_workdays(RUN_DAY, n) for n in range(-history, 0)]


def fill(connection: Connection, measures: Iterable[GeneratedMeasure], known: Basis, opened_on: date) -> None:
    """Every measure with its accept clock, stopped, and its complete clock, as the use cases would leave them."""
    connection.execute(insert(Home).values(mode="live", message_key="", message_domain="", created_at=NOW))
    connection.execute(insert(ROUND).values(code="bench", name="bench", feedback_on=opened_on, ends_on=RUN_DAY))
    sync_parties(connection, known.directory, opened_on, NOW)
    seq = record.append(connection, record.Entry("import", NOW, opened_on))
    connection.execute(insert(FeedbackProblem).values(round_id=1, position=1, text="bench"))
    ids = party_ids(connection)
    chunk: list[tuple[dict[str, object], ...]] = []
    for rows in (_rows(one, ids, opened_on, seq) for one in measures):
        chunk.append(rows)
        if len(chunk) == _CHUNK:
            _write(connection, chunk)
            chunk = []
    _write(connection, chunk)


def _rows(one: GeneratedMeasure, ids: dict[str, int], opened_on: date, seq: int) -> tuple[dict[str, object], ...]:
    """A measure, its cycle, its stopped accept clock and its complete clock."""
    closed = one.state is GeneratedState.CLOSED
    unit, lead = ids[one.unit], ids[one.lead]
    measure = {
        "id": one.no, "round_id": 1, "problem_id": 1, "position": one.no, "no": str(one.no), "text": one.title,
        "unit_id": unit, "lead_id": lead, "closure": "settled", "major": False, "limit_text": str(one.due_on),
        "limit_kind": "date", "limit_rule": "bench", "limit_note": "", "due_on": one.due_on,
        "state": "closed" if closed else "in_progress", "version": 3,
    }  # fmt: skip
    cycle = {"id": one.no, "measure_id": one.no, "n": 1, "opened_on": opened_on, "statement": ""}
    clock = {
        "measure_id": one.no, "cycle_id": one.no, "holder_id": unit, "opened_on": opened_on,
        "policy_digest": "bench-policy", "unit_id": unit, "lead_id": lead, "round_id": 1, "armed_on": opened_on,
        "armed_seq": seq,
    }  # fmt: skip
    stopped = {"stopped_on": opened_on, "outcome": "met"}
    accept_by = opened_on + timedelta(days=2)
    accept = {**clock, **stopped, "stage": "accept", "due_on": accept_by, "first_due_on": accept_by}
    ended = stopped if closed else {"stopped_on": None, "outcome": None}
    complete = {**clock, **ended, "stage": "complete", "due_on": one.due_on, "first_due_on": one.due_on}
    return measure, cycle, accept, complete


def _write(connection: Connection, chunk: list[tuple[dict[str, object], ...]]) -> None:
    if not chunk:
        return
    connection.execute(insert(Measure), [rows[0] for rows in chunk])
    connection.execute(insert(Cycle), [rows[1] for rows in chunk])
    connection.execute(insert(DEADLINE), [clock for rows in chunk for clock in rows[2:]])


def _deliver_all(connection: Connection, day: date) -> None:
    """Every message was accepted on its day: what delivery writes, for all of them at once."""
    for before, after in (("planned", "leased"), ("leased", "handing_over")):
        connection.execute(_MOVE, {"before": before, "after": after})
    accepted = text("UPDATE message SET state = 'accepted', accepted_on = :day WHERE state = 'handing_over'")
    connection.execute(accepted, {"day": day.isoformat()})
    count_served(connection)


_MOVE = text("UPDATE message SET state = :after, attempts = 1 WHERE state = :before")


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("count", type=int, help="measures in the ledger")
    parser.add_argument("--build", action="store_true", help="build the database instead of running")
    parser.add_argument("--history", type=int, default=0, help="working days run and delivered before the run day")
    parser.add_argument("--mix", type=Mix, default=Mix.EVEN, choices=list(Mix))
    parser.add_argument("--times", type=int, default=1, help="run so often; the last is reported")
    chosen = parser.parse_args(arguments)
    if chosen.build:
        build(chosen.database, chosen.count, chosen.mix, chosen.history)
    else:
        print(json.dumps(run(chosen.database, chosen.count, chosen.times)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
