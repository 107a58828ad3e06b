"""What the busy week does not hold: moves and answers, told from lines of the record."""

from datetime import date
from typing import Any

import pytest

from models.answers.week.history import Happening, extension_of, moves
from models.answers.week.values import Answer, MeasureNamed, Move, Span
from models.lifecycle import Action, State

DAY = date(2023, 6, 14)
DATES = {"old_due_on": "2023-06-20", "new_due_on": "2023-06-30"}


def happened(action: Action, to_state: str = "", **payload: Any) -> Happening:
    return Happening(1, 1, DAY, action, "", to_state, "林", payload)


@pytest.mark.parametrize(
    ("one", "move", "due_on"),
    [
        (happened(Action.DECIDE_EXTENSION, granted=False, **DATES), Move.REFUSED, date(2023, 6, 20)),
        (happened(Action.DECIDE_EXTENSION, granted=True, **DATES), Move.GRANTED, date(2023, 6, 30)),
        (happened(Action.FOLLOW_UP_CHECK, State.FOLLOWING_UP), Move.FOLLOWED_UP, None),
        (happened(Action.FOLLOW_UP_CHECK, State.CLOSED), Move.CLOSED, None),
    ],
)
def test_what_moved(one: Happening, move: Move, due_on: date | None) -> None:
    (found,) = moves({1: (one,)}, {1: MeasureNamed("1", "订计划", "人事科")}, (), Span.holding(DAY))
    assert (found.move, found.due_on) == (move, due_on)


ASKED, SET = happened(Action.ASK_EXTENSION, **DATES), happened(Action.SET_NEW_LIMIT, **DATES)


@pytest.mark.parametrize(
    ("events", "pending", "answer"),
    [
        ([ASKED], True, Answer.PENDING),
        ([ASKED], False, Answer.LAPSED),
        ([ASKED, SET], False, Answer.SET),
        ([ASKED, happened(Action.REOPEN)], True, None),
    ],
)
def test_what_became_of_a_request(events: list[Happening], pending: bool, answer: Answer | None) -> None:
    found = extension_of(events, pending)
    assert (found.answer if found else None) is answer
