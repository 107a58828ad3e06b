"""The floor of a daily run: the least that SQLite needs to plan one day exactly once. Nothing of the product.

    python -m bench.floor DB --build 100000 [--mix skewed]    makes a floor database; measures nothing
    python -m bench.floor DB                                  runs the day once; prints one JSON line

One statement posts the once-only items, one the digests, one commit makes them durable (WAL, FULL). No record
is kept, no missed day caught up on, and a measure has one due date. A real run must do more; its cost is
quoted as a multiple of this.
"""

import argparse
import json
import resource
import sqlite3
import sys
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from time import perf_counter

from bench.ledgers import LADDER, RUN_DAY, GeneratedMeasure, Mix, calendar, generate

_TABLES = """
CREATE TABLE measure (
    no INTEGER PRIMARY KEY, title TEXT NOT NULL, problem TEXT NOT NULL, unit TEXT NOT NULL,
    lead TEXT NOT NULL, due_on TEXT NOT NULL, state TEXT NOT NULL, assigned_on TEXT NOT NULL
);
CREATE TABLE ladder (step TEXT NOT NULL, days_left INTEGER NOT NULL, told TEXT NOT NULL);
CREATE TABLE calendar (
    day TEXT PRIMARY KEY, working INTEGER NOT NULL, ordinal INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY, run_day TEXT NOT NULL, recipient TEXT NOT NULL, lines INTEGER NOT NULL,
    body TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'planned', UNIQUE (run_day, recipient)
);
CREATE TABLE outbox_item (
    measure INTEGER NOT NULL, step TEXT NOT NULL, recipient TEXT NOT NULL, run_day TEXT NOT NULL,
    PRIMARY KEY (measure, step, recipient)
) WITHOUT ROWID;
"""

_OPEN_BY_DUE_DATE = "CREATE INDEX IF NOT EXISTS measure_open_due ON measure (due_on) WHERE state = 'open'"

# CROSS JOIN fixes the order: SQLite looks the few due dates up in the index, and never walks the measures.
# MATERIALIZED: the due dates are worked out once, before the first measure is read.
_POST_ITEMS = """
WITH due AS MATERIALIZED (
    SELECT calendar.day AS due_on, ladder.step, ladder.told
    FROM calendar AS today CROSS JOIN ladder
    JOIN calendar ON calendar.ordinal = today.ordinal + ladder.days_left AND calendar.working = 1
    WHERE today.day = :day
)
INSERT OR IGNORE INTO outbox_item (measure, step, recipient, run_day)
SELECT measure.no, due.step,
    CASE due.told
        WHEN 'unit' THEN 'unit:' || measure.unit
        WHEN 'lead' THEN 'lead:' || measure.lead
        WHEN 'head' THEN 'head'
        ELSE 'group:' || due.told
    END AS recipient,
    :day
FROM due CROSS JOIN measure INDEXED BY measure_open_due ON measure.due_on = due.due_on
WHERE measure.state = 'open'
ORDER BY measure.no, due.step, recipient
"""

_POST_DIGESTS = """
INSERT OR IGNORE INTO outbox (run_day, recipient, lines, body)
SELECT :day, item.recipient, count(*),
    group_concat(item.step || ' ' || measure.due_on || ' ' || measure.title, char(10))
FROM outbox_item AS item JOIN measure ON measure.no = item.measure
WHERE item.run_day = :day
GROUP BY item.recipient
"""


@dataclass(frozen=True, slots=True)
class FloorRun:
    """Milliseconds of the run, without start, imports and index; and the rows the outbox tables then hold."""

    cpu_ms: float
    wall_ms: float
    items: int
    digests: int


def build(database: Path, measures: Iterable[GeneratedMeasure]) -> None:
    """Makes a floor database; its outbox is empty. Raises FileExistsError rather than add to an old one."""
    database.touch(exist_ok=False)
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(_TABLES)
        connection.executemany("INSERT INTO measure VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(_measure_row, measures))
        connection.executemany(
            "INSERT INTO ladder VALUES (?, ?, ?)",
            [(rung.step, rung.days_left, rung.told.value) for rung in LADDER],
        )
        connection.executemany(
            "INSERT INTO calendar VALUES (?, ?, ?)",
            [(row.day.isoformat(), int(row.working), row.ordinal) for row in calendar()],
        )
        connection.commit()


def run(database: Path, day: date = RUN_DAY) -> FloorRun:
    """Plans `day` in a database made by `build`; a second run adds nothing. Raises sqlite3.Error."""
    with closing(_ready(database)) as connection:
        cpu, wall = _cpu_seconds(), perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_POST_ITEMS, {"day": day.isoformat()})
        connection.execute(_POST_DIGESTS, {"day": day.isoformat()})
        connection.execute("COMMIT")
        wall, cpu = perf_counter() - wall, _cpu_seconds() - cpu
        (items,) = connection.execute("SELECT count(*) FROM outbox_item").fetchone()
        (digests,) = connection.execute("SELECT count(*) FROM outbox").fetchone()
    return FloorRun(round(cpu * 1000, 3), round(wall * 1000, 3), items, digests)


def _measure_row(measure: GeneratedMeasure) -> tuple[int, str, str, str, str, str, str, str]:
    return (
        measure.no,
        measure.title,
        measure.problem,
        measure.unit,
        measure.lead,
        measure.due_on.isoformat(),
        measure.state.value,
        measure.assigned_on.isoformat(),
    )


def _ready(database: Path) -> sqlite3.Connection:
    """An open database with the settings and the index of the floor; nothing of it counts as the run."""
    connection = sqlite3.connect(f"{database.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(_OPEN_BY_DUE_DATE)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return connection


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.floor")
    parser.add_argument("database", type=Path)
    parser.add_argument("--build", type=int, metavar="N", help="make a database of N measures, and do not run")
    parser.add_argument("--mix", type=Mix, choices=list(Mix), default=Mix.EVEN)
    chosen = parser.parse_args(arguments)
    if chosen.build is None:
        print(json.dumps(asdict(run(chosen.database))))
    else:
        build(chosen.database, generate(chosen.build, chosen.mix))
    return 0


if __name__ == "__main__":
    sys.exit(main())
