"""What is written about a home as it stands asks first whether the day is not before the last that changed it."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from flows.office import Office
from flows.steps import post_notices
from models.answers.course import reading as course
from models.answers.ledger.reading import Seen, written_ledger
from models.answers.progress.reading import progress
from models.answers.week.reading import week_facts
from models.errors import UsageRefused
from models.store.last_day import refuse_before_the_last
from models.store.rounds import round_meant
from tests.handling_fixtures import CREW, Line, hand_out, small_office, take_in

ACTED, RAN = date(2023, 3, 27), date(2023, 3, 29)
SAID = "已经办理或运行到 2023-03-29，不能再写出 2023-03-28 的情况。"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One measure, assigned on the 27th; the daily run came to the 29th. Only to be read."""
    with small_office(tmp_path_factory.mktemp("last"), CREW) as found:
        take_in(found, Line("1"))
        hand_out(found, "1", ACTED)
        post_notices(found, RAN, "test")
        yield found


READERS: dict[str, Callable[..., object]] = {
    "export": lambda at, day, office: written_ledger(
        at, round_meant(at), Seen(day, office.policy, office.calendar, office.directory, False)
    ),
    "report": lambda at, day, office: progress(at, None, day, office.calendar),
    "weekly": lambda at, day, office: week_facts(at, None, day, office.policy, office.calendar),
    "burn-down": lambda at, day, office: course.burn_down(at, None, day),
    "heat": lambda at, day, office: course.heat(at, None, day),
    "clocks": lambda at, day, office: course.clocks(at, None, day, office.calendar),
}


@pytest.mark.parametrize("written", READERS)
def test_nothing_is_written_of_a_day_that_was_passed(office: Office, written: str) -> None:
    with office.store.reading() as connection:
        READERS[written](connection, RAN, office)
        with pytest.raises(UsageRefused) as refusal:
            READERS[written](connection, date(2023, 3, 28), office)
    assert (refusal.value.zh, refusal.value.cure) == (
        SAID, "请写 2023-03-29 或之后的日期；正式环境请核对本机日期。",
    )  # fmt: skip


def test_an_action_counts_where_no_run_was(tmp_path: Path) -> None:
    with small_office(tmp_path, CREW) as found:
        take_in(found, Line("1"))
        with found.store.reading() as connection:
            refuse_before_the_last(connection, date(2023, 3, 1))
        hand_out(found, "1", ACTED)
        with found.store.reading() as connection:
            refuse_before_the_last(connection, ACTED)
            with pytest.raises(UsageRefused, match="办理或运行到 2023-03-27"):
                refuse_before_the_last(connection, date(2023, 3, 26))
