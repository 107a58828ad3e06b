"""A backup is put back after the home went on, and taken over: both may have said the same, and one server heard both.

What was refused, in doubt or not yet tried in the backup, the home sends since, by a new address and people's words; so
does the copy. Of no message may there be more copies than one, and one for each doubt that the copy has on record.
"""

import re
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from pathlib import Path
from random import Random
from typing import TypeVar

from sqlalchemy import text

from config.settings import load_settings
from flows.office import Office, open_office
from flows.steps import deliver_messages, run_day
from flows.trust import take_over
from models.handling.messages import resolve
from models.ladder import MessageKind
from models.saying import Saying
from models.store import board, outbox
from models.tables import MessageState
from tests.faults.prepared import ASSIGNED, DUE, PORT, count_messages, scratch
from tests.faults.score import Score
from tests.faults.verdict import OUT, Verdict
from tests.handling_fixtures import CREW, GENERAL
from tests.offices import assigned_home, directory, moved_home
from tests.outbox_fixtures import ON
from tests.smtp_sink import TAKE_AND_CLOSE, Fault, Received, SmtpSink

T = TypeVar("T")
REFUSED, IN_DOUBT, UNTRIED = "refused", "in doubt", "untried"
_FAULTS: Mapping[str, tuple[Fault, ...]] = {
    REFUSED: (Fault("RCPT", "550 5.1.1 no such user"),),
    IN_DOUBT: (Fault("DOT", TAKE_AND_CLOSE),),
    UNTRIED: (),
}
_NUMBER = re.compile(r"〔编号 ([0-9]+)〕")


class Fickle(SmtpSink):
    """A mail server whose faults can be taken away."""

    def heal(self) -> None:
        with self._lock:
            self._faults, self._used = [], []


@dataclass(frozen=True, slots=True)
class End:
    """How a message of the backup stands in the copy in the end, and how often the server has it, from both homes."""

    state: MessageState
    doubts: int
    copies: int
    kind: MessageKind


def home_with_mailboxes(folder: Path) -> Path:
    """A rehearsal whose parties have mailboxes; the day is posted, and nothing was handed over."""
    address = f"mailto://127.0.0.1:${{{PORT}}}/?from=duban@example.cn&to="
    units = [replace(one, addresses=(f"{address}{one.code}@example.cn",)) for one in CREW.parties]
    home = assigned_home(folder, DUE, ASSIGNED, directory(*units)).home
    with open_office(load_settings({"DUBAN_HOME": str(home)})) as office:
        run_day(office, ON, deliver=False)
    return home


def opened(home: Path, sink: SmtpSink, act: Callable[[Office], T]) -> T:
    with open_office(load_settings({"DUBAN_HOME": str(home), PORT: str(sink.port)})) as office:
        return act(office)


def deliver(office: Office) -> None:
    """After as long as whatever waits has to."""
    with office.store.writing() as connection:
        connection.execute(text("UPDATE message SET next_try_at = NULL"))
    deliver_messages(office, ON)


def resend_all(office: Office) -> None:
    """A person says of all of which it can be said that it shall be sent again."""
    with office.acting(ON) as (session, ground):
        for row in board.messages(session.connection(), outbox.SAYABLE_IN[Saying.RESEND]):
            resolve(session, ground, GENERAL, row.id, arrived=False)


def move_away(home: Path) -> None:
    """Every party has another mailbox from now on."""
    file = home / "directory.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("@example.cn", "@elsewhere.cn"), encoding="utf-8")


def put_back_and_taken_over(home: Path, sink: Fickle, before: str, *, moves: bool, asks: bool) -> Mapping[int, End]:
    """Plays it, and gives what became of each message of the backup. `moves`: both homes have other addresses
    afterwards; `asks`: in the copy a person has all sent again that may be."""
    backup = home.with_name("backup")
    if before != UNTRIED:
        sink.fail(*_FAULTS[before])
        opened(home, sink, deliver)
    shutil.copytree(home, backup)
    newest = count_messages(home)
    sink.heal()
    _goes_on(home, sink, moves=moves)
    shutil.rmtree(home)
    shutil.move(backup, home)
    opened(home, sink, lambda office: take_over(office, GENERAL))
    if moves:
        move_away(home)
    said = len(sink.received)
    opened(home, sink, deliver)
    if len(sink.received) > said:
        raise SaidUnaskedError(f"{before}: {len(sink.received) - said} letters that nobody asked for")
    if asks:
        opened(home, sink, resend_all)
        opened(home, sink, deliver)
    return _ends(home, sink, newest)


class SaidUnaskedError(Exception):
    """A copy that was taken over said by itself what the home may have said."""


def _goes_on(home: Path, sink: Fickle, *, moves: bool) -> None:
    """What the home does after its backup."""
    if moves:
        move_away(home)
    opened(home, sink, deliver)
    opened(home, sink, resend_all)
    opened(home, sink, deliver)


def _ends(home: Path, sink: SmtpSink, newest: int) -> Mapping[int, End]:
    copies = Counter(_number(letter) for letter in sink.received)
    with closing(sqlite3.connect(home / "duban.db")) as raw:
        rows = raw.execute("SELECT id, state, ambiguous, kind FROM message WHERE id <= ?", (newest,)).fetchall()
    return {
        number: End(MessageState(state), doubts, copies[number], MessageKind(kind))
        for number, state, doubts, kind in rows
    }


def _number(letter: Received) -> int:
    body = message_from_bytes(letter.payload.encode("latin-1"), policy=policy.SMTP).get_body(("plain",))
    assert body
    return int(_NUMBER.findall(body.get_content())[-1])


def breaches_of(ends: Mapping[int, End]) -> list[str]:
    """Each message that was said more often than the copy has on record."""
    return [
        f"message {number} was said {end.copies} times: {end.state}, {end.doubts} doubts on record"
        for number, end in ends.items()
        if end.copies > (end.state == OUT) + end.doubts
    ]


def play(trials: int, seed: int, stop_at_breach: bool = False) -> Score:
    """So many backups, drawn from the seed."""
    score, began = Score(), time.monotonic()
    with tempfile.TemporaryDirectory(dir=scratch()) as name:
        made = home_with_mailboxes(Path(name) / "made")
        for n in range(trials):
            _play_one(
                made, Path(name) / f"trial{n}", Random(f"copies/{seed}/{n}"), f"copies seed {seed} trial {n}", score
            )
            if stop_at_breach and score.breaches:
                break
    score.seconds = time.monotonic() - began
    return score


def _play_one(made: Path, folder: Path, dice: Random, place: str, score: Score) -> None:
    folder.mkdir()
    before, moves, asks = dice.choice(tuple(_FAULTS)), dice.random() < 0.5, dice.random() < 0.8
    score.trials += 1
    with Fickle() as sink:
        try:
            ends = put_back_and_taken_over(moved_home(made, folder / "home"), sink, before, moves=moves, asks=asks)
        except SaidUnaskedError as said:
            score.breach(f"{place}: {said}")
            return
    flagged = [end for end in ends.values() if end.doubts]
    needless = sum(end.copies <= (end.state == OUT) for end in flagged)
    copies = sum(end.copies for end in ends.values())
    verdict = Verdict(tuple(breaches_of(ends)), len(ends), copies, len(flagged), needless)
    score.count(verdict, {before: 1}, f"{place} {before} moves={moves} asks={asks}")
