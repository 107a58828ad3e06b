"""kill -9 in the middle of daily runs, again and again: nothing is lost, and nothing is said twice unflagged.

Real processes on a rehearsal home, and a mail server in a process of its own whose log is the truth. The short form
takes some ten kills; `DUBAN_KILLS=500` takes as many, in rounds of ten, and `DUBAN_SEED` gives other dice.
"""

import math
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

import pytest

from config.settings import load_settings
from flows.office import open_office
from flows.steps import post_notices
from models import record
from models.lifecycle import Role
from models.tables import MessageState
from tests.offices import Row, assigned_home, directory, moved_home, party
from tests.smtp_sink import read_log

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("DUBAN_KILLS", "10"))
SEED = int(os.environ.get("DUBAN_SEED", "20230626"))
KILLS_A_ROUND = 10
ROOT = Path(__file__).parents[2]
ASSIGNED, DAY = date(2023, 6, 1), date(2023, 6, 26)
NEAR, LATE = date(2023, 6, 29), date(2023, 6, 20)
UNITS = [f"D{n}" for n in range(1, 61)]
PORT = 2525
"""Stands in the directory until the mail server has a port."""
GROUPS = {
    "L1": Role.LEAD, "G1": Role.GENERAL, "S1": Role.SUPERVISION, "A1": Role.ACCOUNTABILITY, "H1": Role.HEAD,
}  # fmt: skip
DUBAN = [sys.executable, "-m", "duban"]
DAILY = [*DUBAN, "daily", "--on", str(DAY), "--via", "direct"]
DELIVER = [*DUBAN, "deliver", "--on", str(DAY)]


@pytest.fixture(scope="module")
def mail_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of sixty units with a mailbox each: half of their measures are late, half are near their date."""
    return made_home(tmp_path_factory.mktemp("mail"), "mailto://127.0.0.1:{port}/?from=duban@example.cn&to={code}@x.cn")


@pytest.fixture(scope="module")
def file_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same office, which keeps its letters in the home."""
    return made_home(tmp_path_factory.mktemp("file"), "file:")


def made_home(folder: Path, address: str) -> Path:
    roles = {**dict.fromkeys(UNITS, Role.UNIT), **GROUPS}
    parties = [party(code, role, addresses=(address.format(port=PORT, code=code),)) for code, role in roles.items()]
    rows = {Row(f"M{n}", unit): (NEAR if n % 2 else LATE) for n, unit in enumerate(UNITS)}
    return assigned_home(folder, rows, ASSIGNED, directory(*parties)).home


# What is compared


@dataclass(frozen=True, slots=True)
class Told:
    """A message as the outbox has it in the end."""

    party: str
    kind: str
    notices: int
    state: MessageState
    ambiguous: int
    header_id: str


def outbox_of(home: Path) -> list[Told]:
    with closing(sqlite3.connect(home / "duban.db")) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = raw.execute(
            "SELECT p.code, m.kind, json_array_length(m.notice_ids), m.state, m.ambiguous, m.header_id "
            "FROM message m JOIN party p ON p.id = m.party_id"
        )
        return [
            Told(party, kind, notices, MessageState(state), ambiguous, header_id)
            for party, kind, notices, state, ambiguous, header_id in rows
        ]


def undisturbed(home: Path, folder: Path) -> Counter[tuple[str, str, int]]:
    """What has to be said: posted from the same home by a run that nobody kills."""
    twin = moved_home(home, folder / "twin")
    with open_office(load_settings({"DUBAN_HOME": str(twin)})) as office:
        post_notices(office, DAY, "test")
    return Counter((told.party, told.kind, told.notices) for told in outbox_of(twin))


def check(home: Path, wanted: Counter[tuple[str, str, int]], copies: Counter[str]) -> None:
    """0 lost: all that is due stands in the outbox, and each message of it is out, or flagged as unknown.
    0 said twice unflagged: no more copies than once, and once more for each doubt on record."""
    told = outbox_of(home)
    assert Counter((one.party, one.kind, one.notices) for one in told) == wanted
    for one in told:
        assert one.state in (MessageState.ACCEPTED, MessageState.UNKNOWN), one
        assert copies[one.header_id] >= (one.state is MessageState.ACCEPTED), f"lost: {one}"
        assert copies[one.header_id] <= 1 + one.ambiguous, f"said {copies[one.header_id]} times: {one}"
        assert one.ambiguous >= (one.state is MessageState.UNKNOWN), one
    assert copies.keys() <= {one.header_id for one in told}
    with open_office(load_settings({"DUBAN_HOME": str(home)})) as office, office.store.reading() as connection:
        assert list(record.verify(connection)) == []


# Processes and their ends


def start(command: list[str], home: Path) -> "subprocess.Popen[bytes]":
    env = {**os.environ, "DUBAN_HOME": str(home)}
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def run_to_the_end(home: Path) -> None:
    """As an office would: the daily run once more, and deliveries until there is nothing left to do."""
    for command in (DAILY, DELIVER):
        with start(command, home) as process:
            assert process.wait(60) == 0


def kill_at_random(command: list[str], home: Path, dice: Random, said: Callable[[], int]) -> bool:
    """Starts a run and kills it: at any time of its beginning, or soon after some more letters went out.

    False where the run came to its end before.
    """
    letters = said() + dice.choice([1, 1, 2, 5, 9])
    at_most = dice.choice([dice.uniform(0.1, 1.0), 20.0, 20.0])
    moment = dice.uniform(0, 0.02)
    with start(command, home) as process:
        began = time.monotonic()
        while process.poll() is None and said() < letters and time.monotonic() - began < at_most:
            time.sleep(0.002)
        time.sleep(moment)
        came_to_its_end = process.poll() is not None
        process.kill()
    return not came_to_its_end


@contextmanager
def mail_server(log: Path) -> Iterator[int]:
    """A mail server that outlives its senders; gives its port."""
    log.touch()
    with subprocess.Popen([sys.executable, "-m", "tests.smtp_sink", log], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout
        yield int(process.stdout.readline())
        process.kill()


class Lines:
    """Counts the lines of a growing file and reads each byte once."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("rb")
        self._count = 0

    def __call__(self) -> int:
        self._count += self._stream.read().count(b"\n")
        return self._count

    def close(self) -> None:
        self._stream.close()


def home_with_port(home: Path, to: Path, port: int) -> Path:
    copy = moved_home(home, to)
    names = copy / "directory.yaml"
    names.write_text(names.read_text("utf-8").replace(f":{PORT}/", f":{port}/"), "utf-8")
    return copy


def rounds(kills: int) -> list[tuple[int, int]]:
    """Each round's seed, and how often it kills."""
    count = math.ceil(kills / KILLS_A_ROUND)
    return [(SEED + n, min(KILLS_A_ROUND, kills - n * KILLS_A_ROUND)) for n in range(count)]


@pytest.mark.parametrize(("seed", "kills"), rounds(KILLS))
def test_killed_while_talking_to_a_mail_server(mail_home: Path, tmp_path: Path, seed: int, kills: int) -> None:
    dice = Random(seed)
    wanted = undisturbed(mail_home, tmp_path)
    log = tmp_path / "accepted.jsonl"
    with mail_server(log) as port, closing(Lines(log)) as said:
        home = home_with_port(mail_home, tmp_path / "home", port)
        killed = sum(kill_at_random(DAILY, home, dice, said) for _ in range(kills))
        run_to_the_end(home)
    check(home, wanted, Counter(received.message_id for received in read_log(log)))
    assert killed > kills / 2, "the runs ended before they could be killed: make the office larger"


@pytest.mark.parametrize(("seed", "kills"), rounds(math.ceil(KILLS / 2)))
def test_killed_while_writing_files(file_home: Path, tmp_path: Path, seed: int, kills: int) -> None:
    """A letter handed over twice is one file: there is never a doubt, and never half a letter."""
    dice = Random(seed)
    wanted = undisturbed(file_home, tmp_path)
    home = moved_home(file_home, tmp_path / "home")

    def said() -> int:
        return len(list((home / "outbox").iterdir())) if (home / "outbox").exists() else 0

    killed = sum(kill_at_random(DAILY, home, dice, said) for _ in range(kills))
    run_to_the_end(home)
    letters = [path.read_bytes() for path in (home / "outbox").rglob("*.eml")]
    ids = [re.search(rb"^Message-ID: (\S+)", letter, re.MULTILINE) for letter in letters]
    check(home, wanted, Counter(found[1].decode() for found in ids if found))
    assert {(one.state, one.ambiguous) for one in outbox_of(home)} == {(MessageState.ACCEPTED, 0)}
    assert all(letter.endswith(b"--\r\n") for letter in letters)
    assert killed > kills / 2, "the runs ended before they could be killed: make the office larger"


@pytest.mark.parametrize(("seed", "kills"), rounds(math.ceil(KILLS / 2)))
def test_an_action_that_is_killed_was_done_whole_or_not_at_all(
    file_home: Path, tmp_path: Path, seed: int, kills: int
) -> None:
    """A self-check with two files, killed at any time or just as it copies them; then it is called again."""
    dice = Random(seed)
    home = moved_home(file_home, tmp_path / "home")
    store = home / "evidence"
    killed = 0
    for n in range(kills):
        files = [tmp_path / f"{name}{n}.txt" for name in ("纪要", "照片")]
        for file in files:
            file.write_text(file.name, encoding="utf-8")
        handed_in = [option for file in files for option in ("--evidence", str(file))]
        sent = ["--statement", "已整改", "--by", f"{UNITS[n].lower()}-a", "--on", str(DAY)]
        command = [*DUBAN, "self-check", f"M{n}", *handed_in, *sent]
        waits_for_files = dice.random() < 0.7
        moment = dice.uniform(0, 0.03) if waits_for_files else dice.uniform(0.1, 2.0)
        before = files_in(store)
        with start(command, home) as process:
            while waits_for_files and process.poll() is None and files_in(store) == before:
                time.sleep(0.001)
            time.sleep(moment)
            killed += process.poll() is None
            process.kill()
        found = left_of_self_check(home, f"M{n}")
        assert found in (NOTHING, ALL_OF_IT)
        if found == NOTHING:
            with start(command, home) as process:
                assert process.wait(60) == 0
        assert left_of_self_check(home, f"M{n}") == ALL_OF_IT
        with start([*DUBAN, "verify"], home) as process:
            assert process.wait(60) == 0
    assert killed > kills / 2, "the actions ended before they could be killed"


NOTHING, ALL_OF_IT = ("assigned", 0, 0, 0), ("self_checked", 1, 2, 1)
"""State, events, pieces of evidence and news for supervision."""


def files_in(store: Path) -> int:
    return sum(path.is_file() for path in store.rglob("*")) if store.exists() else 0


def left_of_self_check(home: Path, no: str) -> tuple[str, int, int, int]:
    with closing(sqlite3.connect(home / "duban.db")) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (row,) = raw.execute(_LEFT, {"no": no})
    state, events, evidence, news = row
    return state, events, evidence, news


_LEFT = """
SELECT m.state,
  (SELECT count(*) FROM event e WHERE e.measure_id = m.id AND e.action = 'submit_self_check'),
  (SELECT count(*) FROM evidence f JOIN cycle y ON y.id = f.cycle_id WHERE y.measure_id = m.id),
  (SELECT count(*) FROM news w WHERE w.measure_id = m.id AND w.kind = 'check_wanted')
FROM measure m WHERE m.no = :no"""


def test_two_deliveries_at_once_share_the_outbox(mail_home: Path, tmp_path: Path) -> None:
    wanted = undisturbed(mail_home, tmp_path)
    log = tmp_path / "accepted.jsonl"
    with mail_server(log) as port:
        home = home_with_port(mail_home, tmp_path / "home", port)
        with start([*DAILY, "--no-deliver"], home) as posting:
            assert posting.wait(60) == 0
        running = [start(DELIVER, home) for _ in range(2)]
        assert [process.wait(60) for process in running] == [0, 0]
    copies = Counter(received.message_id for received in read_log(log))
    check(home, wanted, copies)
    assert set(copies.values()) == {1}
    assert {(one.state, one.ambiguous) for one in outbox_of(home)} == {(MessageState.ACCEPTED, 0)}
