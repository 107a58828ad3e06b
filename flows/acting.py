"""One action on measures, carried out for whoever asks: the command line, a flow, the console. No Prefect here.

What an action means stands in models/handling. Here a wish becomes a `By` and files staged aside, then one
transaction a measure; what a rule refuses is a value, and does not undo the others.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlmodel import Session

from flows.office import Office
from models.errors import DubanError, HomeError, NotFound, RuleBroken
from models.evidence import HandedIn, StagedFile
from models.handling.case import By, Done, Ground, find_measure
from models.lifecycle import State
from models.store import board

Act = Callable[[Session, Ground, str, By, Sequence[StagedFile]], Done]
"""A use case of models/handling, with all that is its own already given."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who decided, for whom, on what day, on which paper, and the version they saw. Files are still where they lie."""

    by: str
    as_party: str | None = None
    on: date | None = None
    reason: str = ""
    version: int | None = None
    recorded_by: str | None = None
    basis: Path | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A measure on which nothing was done, by the number that was asked for, and why."""

    no: str
    error: DubanError


def act(
    office: Office, who: Who, nos: Sequence[str], action: Act, evidence: Sequence[HandedIn] = ()
) -> Iterator[tuple[str, Done | Refused]]:
    """Acts on each measure in turn, and yields the number that was asked for with what came of it.

    What is no rule's refusal (an unknown person, a busy database) is raised where nothing was done yet. Later it is a
    value too, and where the home itself fails, the measures after are not tried. Raises NotFound or UsageRefused for
    numbers that no measure has, and RunRefused for the day, before anything is done.
    """
    day = office.day(who.on)
    with office.store.reading() as connection, Session(connection) as session:
        for no in nos:
            find_measure(session, no)
    with signed(office, who, evidence) as (by, files):
        failed: HomeError | None = None
        done = 0
        for no in nos:
            try:
                came = Refused(no, failed) if failed else _one(office, day, no, by, files, action)
            except DubanError as error:
                if not done:
                    raise
                came = Refused(no, error)
                failed = error if isinstance(error, HomeError) else None
            done += isinstance(came, Done)
            yield no, came


@contextmanager
def signed(office: Office, who: Who, evidence: Sequence[HandedIn] = ()) -> Iterator[tuple[By, tuple[StagedFile, ...]]]:
    """Who decided, with the paper it rests on, and the other files that were handed in, all copied aside."""
    basis = [HandedIn(who.basis)] if who.basis else []
    with office.handed_in([*evidence, *basis]) as staged:
        paper = staged[-1] if basis else None
        by = By(who.by, who.as_party, who.reason, who.version, who.recorded_by, paper)
        yield by, staged[: len(evidence)]


def every_in(office: Office, state: State, round_code: str | None = None) -> tuple[str, ...]:
    """The numbers of all measures in this state, of one round or all, each with its round so that it is one only.

    Raises NotFound for a round that nobody imported.
    """
    with office.store.reading() as connection:
        rows = board.measures(connection)
    if round_code is not None and all(row.round_code != round_code for row in rows):
        raise NotFound(f"没有代码为“{round_code}”的轮次。", "请用 duban measures --json 查看轮次代码。")
    return tuple(
        f"{row.round_code}/{row.no}" for row in rows if row.state is state and round_code in (None, row.round_code)
    )


def rounds_share_numbers(office: Office) -> bool:
    """Whether a number alone may not say which measure is meant, as there are several rounds."""
    with office.store.reading() as connection:
        return board.count_rounds(connection) > 1


def _one(office: Office, day: date, no: str, by: By, files: Sequence[StagedFile], action: Act) -> Done | Refused:
    try:
        with office.acting(day) as (session, ground):
            return action(session, ground, no, by, files)
    except RuleBroken as refused:
        return Refused(no, refused)
