"""An office in a busy week: every colour, most moves, most ways in which a message fails, and another round.

Played once a module through the use cases, the poll and the outbox. The week is 12 to 18 June 2023; in the next one 22
to 24 June are days off and Sunday the 25th is worked.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from flows.office import Office
from flows.steps import post_notices
from models.closure import EvidenceKind
from models.handling import messages
from models.handling.accountability import record_outcome, take_up
from models.handling.assignment import accept, assign
from models.handling.case import By
from models.handling.closure_review import approve, open_review
from models.handling.extension import ask_extension, decide_extension, set_new_limit
from models.handling.follow_up import look_back, reopen
from models.handling.holding import hold, resume
from models.handling.importing import RoundSpec
from models.handling.reassignment import hand_over, withdraw
from models.handling.supervision_check import fail_check, pass_check
from models.handling.undelivered import alarm
from models.outcome import Outcome
from models.store import outbox
from models.store.outbox import Ending
from models.tables import AttemptPhase, MessageState
from tests.handling_fixtures import (
    ACCOUNTABILITY,
    CREW,
    GENERAL,
    LEAD,
    SUPERVISION,
    UNIT,
    Line,
    act,
    file_of,
    on_paper,
    report,
    small_office,
    take_in,
)
from tests.offices import AT

BEGAN = date(2023, 3, 27)
TODAY = date(2023, 6, 14)
"""A Wednesday."""
ROUND = "2023"
HOSTILE = "清\u202e理\x07<script>alert(1)</script>=1+1\U0001f600 {{ title }} " + "长" * 500
D2 = By("d2-a")


def d(text: str) -> date:
    return date.fromisoformat(f"2023-{text}")


LIMITS = {
    "1": "06-30", "2": "06-30", "3": "06-30", "4": "06-09", "5": "06-07", "6": "06-15", "7": "06-05", "8": "06-30",
    "9": "06-12", "10": "06-30", "11": "06-30", "12": "", "13": "06-20", "14": "06-24", "15": "04-20", "16": "12-31",
    "17": "05-31", "18": "06-28", "19": "06-09", "20": "05-31", "21": "06-25", "22": "07-07",
}  # fmt: skip
_OF_D2 = frozenset({"5", "6", "10", "13", "16"})


def _line(no: str) -> Line:
    limit = f"2023年{int(LIMITS[no][:2])}月{int(LIMITS[no][3:])}日前" if LIMITS[no] else "待定"
    return Line(
        no,
        limit,
        unit="D2" if no in _OF_D2 else "D3" if no == "7" else "D1",
        closure="长期坚持" if no == "3" else "限时办结",
        text=HOSTILE if no == "18" else f"做第{no}件事",
    )


@contextmanager
def busy_office(folder: Path) -> Iterator[Office]:
    """The office on the evening of TODAY."""
    with small_office(folder, CREW) as office:
        take_in(office, Line("1", problem="旧"), spec=RoundSpec("2021", "2021年整改", date(2021, 3, 25)), closed=True)
        take_in(office, Line("99", "2023年6月1日前"), spec=RoundSpec("2022", "2022年整改", date(2022, 3, 25)))
        take_in(office, *map(_line, LIMITS))
        act(office, BEGAN, assign, "2022/99", GENERAL)
        for no in LIMITS:
            if no != "12":
                act(office, BEGAN, assign, _no(no), GENERAL)
            if no not in ("7", "12"):
                act(office, d("03-28"), accept, _no(no), D2 if no in _OF_D2 else UNIT)
        _before(office)
        _this_week(office)
        yield office


def _no(no: str) -> str:
    return f"{ROUND}/{no}"


def _why(by: By, reason: str) -> By:
    return By(by.person, reason=reason)


def _hand_in(office: Office, on: date, no: str) -> None:
    report(office, on, file_of(office, "回单.txt", EvidenceKind.PROOF), no=_no(no))


def _close(office: Office, on: date, no: str) -> None:
    _hand_in(office, on, no)
    act(office, on, pass_check, _no(no), SUPERVISION)
    act(office, on, open_review, _no(no), SUPERVISION)
    act(office, on, approve, _no(no), LEAD)


def _before(office: Office) -> None:
    """What happened in the weeks before. Nothing of it moved in this one."""
    run(office, d("04-28"), {})
    for no in ("2", "17", "20"):
        _close(office, d("05-12"), no)
    act(office, d("05-29"), ask_extension, _no("5"), _why(D2, "等批复"), d("06-12"))
    act(office, d("05-30"), decide_extension, _no("5"), _why(LEAD, "同意"), True)
    act(office, d("05-30"), ask_extension, _no("4"), _why(UNIT, "人手不足"), d("06-20"))
    act(office, d("05-31"), decide_extension, _no("4"), _why(LEAD, "不同意"), False)
    _hand_in(office, d("05-31"), "8")
    act(office, d("06-05"), hold, _no("22"), _why(SUPERVISION, "等政策"))
    run(office, d("06-09"), {"L1": MessageState.UNKNOWN})


def _this_week(office: Office) -> None:
    run(office, d("06-12"), {"S1": MessageState.REJECTED})
    _hand_in(office, d("06-12"), "9")
    _hand_in(office, d("06-12"), "11")
    act(office, d("06-12"), hold, _no("10"), _why(SUPERVISION, "等机构改革"))
    act(office, d("06-12"), set_new_limit, _no("19"), _why(LEAD, "抓紧"), d("06-16"))
    for no in ("1", "3"):
        _close(office, d("06-13"), no)
    act(office, d("06-13"), fail_check, _no("9"), _why(SUPERVISION, "佐证不足"))
    act(office, d("06-13"), withdraw, _no("11"), _why(GENERAL, "重复"))
    act(office, d("06-13"), ask_extension, _no("13"), _why(D2, "等批复"), d("06-30"))
    act(office, d("06-13"), ask_extension, _no("16"), _why(D2, "等验收"), date(2024, 1, 19))
    act(office, d("06-14"), decide_extension, _no("16"), _why(LEAD, "同意"), True)
    act(office, d("06-13"), take_up, _no("15"), ACCOUNTABILITY)
    act(office, d("06-14"), resume, _no("22"), _why(SUPERVISION, "政策已出"))
    act(office, d("06-14"), hand_over, _no("14"), _why(GENERAL, "职责调整"), "D2", None)
    act(office, d("06-14"), record_outcome, _no("15"), _why(ACCOUNTABILITY, "已谈话"), Outcome.TALK)
    act(office, d("06-14"), look_back, _no("20"), SUPERVISION)
    with on_paper(office, _why(SUPERVISION, "问题反弹")) as by:
        act(office, TODAY, reopen, _no("17"), by)
    run(office, TODAY, {"D2": MessageState.RETRY_WAIT})
    _send_back(office)


def run(office: Office, on: date, fates: Mapping[str, MessageState]) -> None:
    """A daily run, after which the messages to those parties fail in that way and all others are accepted."""
    post_notices(office, on, "test")
    with office.store.writing() as connection:
        batch = outbox.claim(connection, "test", AT, 1000, on)
        for one in batch.messages:
            state = fates.get(one.party, MessageState.ACCEPTED)
            assert outbox.mark(connection, "test", one.id, one.attempt, AT, "test")
            accepted_on = on if state is MessageState.ACCEPTED else None
            doubt = state is MessageState.UNKNOWN
            ending = Ending(
                one.id, one.attempt, state, _PHASES[state], code="550", reason="查无此人", ambiguous=doubt,
                accepted_on=accepted_on,
            )  # fmt: skip
            assert outbox.finish(connection, "test", ending, AT)
            if state is MessageState.REJECTED:
                alarm(connection, one.id, on, AT)
        outbox.count_served(connection)


_PHASES = {
    MessageState.ACCEPTED: AttemptPhase.ACCEPTED, MessageState.REJECTED: AttemptPhase.REJECTED,
    MessageState.UNKNOWN: AttemptPhase.UNKNOWN, MessageState.RETRY_WAIT: AttemptPhase.RETRY,
}  # fmt: skip


def _send_back(office: Office) -> None:
    """The escalation to A1 that told of measure 15 was accepted, and came back."""
    with office.store.reading() as connection:
        (newest,) = connection.exec_driver_sql(_TO_A1).one()
    with office.acting(TODAY) as (session, ground):
        messages.bounce(session, ground, _why(GENERAL, "退信"), newest)


_TO_A1 = """
SELECT max(m.id) FROM message m JOIN party p ON p.id = m.party_id
WHERE p.code = 'A1' AND m.kind = 'escalation' AND m.on_day = '2023-06-09'"""
