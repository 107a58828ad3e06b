"""Requests for a later date with their answers, told from the record; which deeds go into which list."""

from datetime import date

from models.answers.ledger.deeds import Done, extensions, follow_ups, sent_back, withdrawals
from models.ledger.writing.values import Deed
from models.lifecycle import Action, State

ASK, DECIDE, SET = Action.ASK_EXTENSION, Action.DECIDE_EXTENSION, Action.SET_NEW_LIMIT


def done(action: Action, measure: int = 1, *, awaited: bool = False, to_state: str = "") -> Done:
    return Done(measure, Deed(str(measure), "订计划", "D1", date(2023, 4, 3), action, "", ""), to_state, awaited)


def told(*given: Done) -> list[tuple[Action, Action | None, bool]]:
    found = extensions(given)
    return [(one.asked.action, one.answered.action if one.answered else None, one.open) for one in found]


def test_a_request_goes_with_its_answer_whatever_happens_to_others_meanwhile() -> None:
    assert told(done(ASK), done(ASK, 2, awaited=True), done(DECIDE)) == [(ASK, DECIDE, False), (ASK, None, True)]


def test_a_request_that_is_not_answered_waits_only_while_its_clock_runs() -> None:
    assert told(done(ASK, awaited=True)) == [(ASK, None, True)]
    assert told(done(ASK)) == [(ASK, None, False)]


def test_a_date_set_anew_is_a_case_of_its_own_and_ends_the_waiting_of_an_older_request() -> None:
    asked_again = [done(ASK, awaited=True), done(SET, awaited=True), done(ASK, awaited=True)]
    assert told(*asked_again) == [(ASK, None, False), (SET, None, False), (ASK, None, True)]


def test_each_deed_goes_into_its_list() -> None:
    given = [
        done(Action.FAIL_CHECK), done(Action.REJECT), done(Action.REOPEN), done(Action.FAIL_FOLLOW_UP),
        done(Action.APPROVE, to_state=State.CLOSED), done(Action.APPROVE, to_state=State.FOLLOWING_UP),
        done(Action.LOOK_BACK), done(Action.WITHDRAW),
    ]  # fmt: skip
    assert [one.action for one in sent_back(given)] == [
        Action.FAIL_CHECK, Action.REJECT, Action.REOPEN, Action.FAIL_FOLLOW_UP,
    ]  # fmt: skip
    assert [one.action for one in follow_ups(given)] == [Action.FAIL_FOLLOW_UP, Action.APPROVE, Action.LOOK_BACK]
    assert [one.action for one in withdrawals(given).values()] == [Action.WITHDRAW]
