"""One action on measures, for whoever asks: each on its own merits, and what went wrong as a value."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import Session

from flows.acting import Refused, Who, act, every_in, rounds_share_numbers
from flows.office import Office
from models.errors import ActionRefused, HomeError, NotFound, UsageRefused
from models.evidence import StagedFile
from models.handling.assignment import assign
from models.handling.case import By, Done, Ground
from models.handling.importing import RoundSpec
from models.lifecycle import State
from tests.handling_fixtures import Line, contents, small_office, state_of, take_in

MONDAY = date(2023, 3, 27)
GENERAL = Who("g1-a", on=MONDAY)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with small_office(tmp_path) as office:
        take_in(office, Line("1"), Line("2", limit="待定"), Line("3"))
        yield office


def assigning(session: Session, ground: Ground, no: str, by: By, _: Sequence[StagedFile]) -> Done:
    return assign(session, ground, no, by)


def test_what_a_rule_refuses_does_not_undo_the_others(office: Office) -> None:
    came = dict(act(office, GENERAL, ("1", "2", "3"), assigning))
    assert [isinstance(came[no], Done) for no in ("1", "2", "3")] == [True, False, True]
    assert isinstance(came["2"], Refused)
    assert isinstance(came["2"].error, ActionRefused)
    assert [state_of(office, no) for no in ("1", "2", "3")] == [State.ASSIGNED, State.DRAFTED, State.ASSIGNED]


def test_where_the_home_fails_what_was_done_is_told_and_the_rest_is_not_tried(office: Office) -> None:
    tried = []

    def failing(session: Session, ground: Ground, no: str, by: By, files: Sequence[StagedFile]) -> Done:
        tried.append(no)
        if no == "2":
            raise HomeError("磁盘已满。", "请清理。")
        return assigning(session, ground, no, by, files)

    came = dict(act(office, GENERAL, ("1", "2", "3"), failing))
    assert isinstance(came["1"], Done)
    assert [getattr(came[no], "error", None).zh for no in ("2", "3")] == ["磁盘已满。"] * 2  # type: ignore[union-attr]
    assert tried == ["1", "2"]
    assert [state_of(office, no) for no in ("1", "2", "3")] == [State.ASSIGNED, State.DRAFTED, State.DRAFTED]


def test_what_concerns_one_measure_alone_does_not_keep_the_rest_from_being_tried(office: Office) -> None:
    def failing(session: Session, ground: Ground, no: str, by: By, files: Sequence[StagedFile]) -> Done:
        if no == "2":
            raise UsageRefused("这一项不需要。", "请去掉。")
        return assigning(session, ground, no, by, files)

    came = dict(act(office, GENERAL, ("1", "2", "3"), failing))
    assert [isinstance(came[no], Done) for no in ("1", "2", "3")] == [True, False, True]


def test_a_number_that_no_measure_has_is_told_before_anything_is_done(office: Office) -> None:
    before = contents(office)
    with pytest.raises(NotFound):
        list(act(office, GENERAL, ("1", "9"), assigning))
    assert contents(office) == before


def test_all_in_a_state_are_named_with_their_round(office: Office) -> None:
    list(act(office, GENERAL, ("1",), assigning))
    assert every_in(office, State.DRAFTED) == ("2023/2", "2023/3")
    assert every_in(office, State.DRAFTED, "2023") == ("2023/2", "2023/3")
    with pytest.raises(NotFound):
        every_in(office, State.DRAFTED, "1999")


def test_numbers_are_shared_once_there_are_two_rounds(office: Office) -> None:
    assert not rounds_share_numbers(office)
    take_in(office, Line("1"), spec=RoundSpec("2024", "2024年整改", date(2024, 3, 25)))
    assert rounds_share_numbers(office)
