"""An office that was lived in: each class, each state, each thing that can happen to a measure, evidence of each kind.

Played once a module by the use cases themselves. Another round lies beside it, none of which may be counted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from flows.office import Office
from models.activity import ActivityKind
from models.closure import EvidenceKind
from models.evidence import HandedIn
from models.handling.activities import NewActivity, log_activity, withdraw_activity
from models.handling.case import By
from models.handling.closure_review import approve, open_review, reject
from models.handling.extension import ask_extension, decide_extension, set_new_limit
from models.handling.follow_up import fail_follow_up, follow_up_check, follow_up_report, look_back, reopen
from models.handling.holding import hold
from models.handling.importing import RoundSpec
from models.handling.reassignment import withdraw
from models.handling.rectification import add_evidence, report_progress
from models.handling.supervision_check import fail_check, pass_check
from models.lifecycle import State
from tests.handling_fixtures import (
    CREW,
    GENERAL,
    HEAD,
    LEAD,
    SPEC,
    SUPERVISION,
    UNIT,
    Line,
    act,
    bring_to,
    file_of,
    on_paper,
    report,
    small_office,
    take_in,
)

TODAY = date(2023, 6, 14)
"""The day the office has come to, a Wednesday."""
BEGAN = date(2023, 4, 3)
SETTLED, MECHANISM, SUSTAINED = "限时办结", "完善长效机制", "长期坚持"
RULE, NORM, CAMPAIGN, PROOF = EvidenceKind.RULE, EvidenceKind.NORM, EvidenceKind.CAMPAIGN, EvidenceKind.PROOF


def _line(no: str, problem: str, closure: str = SETTLED, limit: str = "2023年6月30日前", major: str = "否") -> Line:
    return Line(no, limit, problem=problem, closure=closure, text=f"做第{no}件事", cooperating="D2", major=major)


LINES = (
    _line("1", "一"), _line("2", "一", MECHANISM), _line("3", "一", SUSTAINED),
    _line("4", "二", MECHANISM), _line("5", "二", limit="2023年5月31日前"), _line("6", "二", limit="2023年5月31日前"),
    _line("7", "三", MECHANISM), _line("8", "三"), _line("9", "三"), _line("10", "三", SUSTAINED),
    _line("11", "四", major="是"), _line("12", "五", MECHANISM), _line("13", "六"), _line("14", "四"),
    _line("15", "二"), _line("16", "四", limit="待定"), _line("17", "四", limit="2023年6月13日前"),
    _line("18", "五", SUSTAINED), _line("19", "四", limit="2023年6月14日前"), _line("20", "四"),
)  # fmt: skip


@contextmanager
def lived_in(folder: Path) -> Iterator[Office]:
    """The office on TODAY."""
    with small_office(folder, CREW) as office:
        take_in(office, Line("1", problem="旧"), spec=RoundSpec("2021", "2021年整改", date(2021, 3, 25)), closed=True)
        take_in(office, *LINES)
        nos = set(range(1, 21)) - {8, 9, 13, 16}
        for no in nos:
            bring_to(office, State.ASSIGNED, BEGAN, f"2023/{no}")
        for no in nos - {14}:
            bring_to(office, State.IN_PROGRESS, BEGAN, f"2023/{no}")
        _close_some(office)
        _turn_some(office)
        _leave_some(office)
        _log(office)
        yield office


def _hand_in(office: Office, on: date, no: str, *files: tuple[str, EvidenceKind, str]) -> None:
    given = [file_of(office, name, kind, content) for name, kind, content in files]
    report(office, on, *given, no=f"2023/{no}", statement=f"第{no}件已办")


def _approve(office: Office, on: date, no: str) -> None:
    act(office, on, pass_check, f"2023/{no}", SUPERVISION)
    act(office, on, open_review, f"2023/{no}", SUPERVISION)
    act(office, on, approve, f"2023/{no}", LEAD)


def _close_some(office: Office) -> None:
    """1 to 3 closed as each class; the same rule twice; 3 was followed up once, and a report waits for its check."""
    day = date(2023, 5, 8)
    _hand_in(office, day, "1", ("回单.txt", PROOF, "回单"), ("财务制度.txt", RULE, "财务制度"))
    _approve(office, day, "1")
    _hand_in(
        office, day, "2", ("制度.txt", RULE, "财务制度"), ("规范.txt", NORM, "规范"), ("另一规范.txt", NORM, "又规范")
    )
    _approve(office, date(2023, 5, 9), "2")
    _hand_in(office, day, "3", ("整治.txt", CAMPAIGN, "整治"), ("整治.txt", PROOF, "整治"))
    _approve(office, day, "3")
    for on, name in ((date(2023, 5, 22), "学习制度.txt"), (date(2023, 6, 5), "学习制度二.txt")):
        with office.handed_in([file_of(office, name, RULE)]) as files:
            act(office, on, follow_up_report, "2023/3", UNIT, "仍在坚持", files)
        if name == "学习制度.txt":
            act(office, on, follow_up_check, "2023/3", SUPERVISION)


def _turn_some(office: Office) -> None:
    """4 was returned by check and review and then closed; 5 and 6 got other dates; 7, 12 and 18 came again."""
    day, wanting = date(2023, 5, 10), By("s1-a", reason="佐证不足")
    _hand_in(office, day, "4", ("采购制度.txt", RULE, "采购制度一稿"))
    act(office, day, fail_check, "2023/4", wanting)
    _hand_in(office, day, "4", ("采购制度.txt", RULE, "采购制度二稿"))
    act(office, day, pass_check, "2023/4", SUPERVISION)
    act(office, day, open_review, "2023/4", SUPERVISION)
    act(office, day, reject, "2023/4", By("l1-a", reason="不够具体"))
    _hand_in(office, date(2023, 5, 11), "4", ("采购制度.txt", RULE, "采购制度三稿"))
    _approve(office, date(2023, 5, 12), "4")
    for no in ("5", "6"):
        act(office, day, ask_extension, f"2023/{no}", By("d1-a", reason="等批复"), date(2023, 6, 20))
        act(office, day, decide_extension, f"2023/{no}", By("l1-a", reason="意见"), no == "5")
    act(office, date(2023, 6, 1), set_new_limit, "2023/6", By("l1-a", reason="抓紧"), date(2023, 6, 12))
    for no in ("7", "12", "18"):
        _hand_in(office, day, no, (f"第{no}号旧制度.txt", RULE, f"旧制度{no}"))
        _approve(office, day, no)
    with on_paper(office, By("s1-a", reason="问题反弹")) as by:
        act(office, date(2023, 5, 15), reopen, "2023/7", by)
    with office.handed_in([file_of(office, "新制度.txt", RULE), file_of(office, "规范.txt", NORM, "规范")]) as files:
        act(office, date(2023, 5, 16), add_evidence, "2023/7", UNIT, files)
    act(office, date(2023, 5, 15), look_back, "2023/12", SUPERVISION)
    with on_paper(office, By("s1-a", reason="没有坚持")) as by:
        act(office, date(2023, 5, 15), follow_up_report, "2023/18", UNIT, "仍在坚持")
        act(office, date(2023, 5, 15), fail_follow_up, "2023/18", by)
    _hand_in(office, date(2023, 5, 16), "18", ("第18号新制度.txt", RULE, "新制度18"))
    _approve(office, date(2023, 5, 16), "18")


def _leave_some(office: Office) -> None:
    """The rest stays open, each in another state; 13 was the only measure of its problem."""
    day = date(2023, 6, 8)
    for no in ("9", "13"):
        act(office, day, withdraw, f"2023/{no}", By("g1-a", reason="重复"))
    _hand_in(office, day, "20", ("作废制度.txt", RULE, "作废制度"))
    act(office, day, withdraw, "2023/20", By("g1-a", reason="不再需要"))
    act(office, day, report_progress, "2023/10", UNIT, "坚持中", 60)
    act(office, day, hold, "2023/10", By("s1-a", reason="等待机构改革"))
    _hand_in(office, day, "11", ("回单.txt", PROOF, "回单二"))
    act(office, day, pass_check, "2023/11", SUPERVISION)
    act(office, day, open_review, "2023/11", SUPERVISION)
    act(office, day, approve, "2023/11", HEAD)
    drafts = (("流程.txt", NORM, "流程一稿"), ("流程.txt", NORM, "流程二稿"), ("排查.txt", CAMPAIGN, "排查"))
    _hand_in(office, day, "15", ("同一制度.txt", RULE, "财务制度"))
    for one in drafts:
        with office.handed_in([_file(office, one)]) as files:
            act(office, day, add_evidence, "2023/15", UNIT, files)
    _hand_in(office, day, "19", ("回单.txt", PROOF, "回单三"))
    act(office, TODAY, pass_check, "2023/19", SUPERVISION)


def _file(office: Office, given: tuple[str, EvidenceKind, str]) -> HandedIn:
    name, kind, content = given
    return file_of(office, name, kind, content)


def _log(office: Office) -> None:
    """Two of a kind, one of each, one of the other round, and a mistake."""
    held = [NewActivity(kind, BEGAN, f"第一次{kind}") for kind in ActivityKind]
    held += [NewActivity(ActivityKind.MEETING, TODAY, "第二次"), NewActivity(ActivityKind.MEETING, TODAY, "登错")]
    for one in held:
        with office.acting(TODAY) as (session, ground):
            last = log_activity(session, ground, GENERAL, one, SPEC.code).id
    with office.acting(TODAY) as (session, ground):
        log_activity(session, ground, GENERAL, replace(held[0], title="旧轮次"), "2021")
        assert last
        withdraw_activity(session, ground, By("s1-a", reason="登错"), last)
