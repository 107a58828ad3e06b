"""What the unit does: progress, milestones, the self-check, further evidence; which clocks it stops, and who hears."""

from datetime import date
from pathlib import Path

import pytest

from flows.office import Office
from models.closure import EvidenceKind
from models.errors import ActionRefused, DubanError, UsageRefused
from models.evidence import HandedIn, path_of, sha256_of
from models.handling.assignment import accept
from models.handling.case import By, Done
from models.handling.rectification import add_evidence, report_milestone, report_progress
from models.handling.supervision_check import fail_check
from models.lifecycle import Role, Stage, State
from models.news import NewsKind
from models.tables import ClockOutcome
from tests.handling_fixtures import (
    GENERAL,
    SUPERVISION,
    UNIT,
    Line,
    act,
    actions,
    all_clocks_of,
    break_on,
    bring_to,
    clocks_at,
    clocks_of,
    contents,
    cycles_of,
    ending,
    evidence_of,
    file_of,
    hand_out,
    heard,
    last_event,
    measure,
    news_of,
    refused,
    report,
    running,
    state_of,
    stored,
    take_in,
)

ASSIGNED = date(2023, 3, 27)
HELPER = By("d2-a")


@pytest.fixture
def assigned(crew: Office) -> Office:
    """One measure with a cooperating unit, to be completed by 28 April."""
    take_in(crew, Line("1", limit="2023年4月28日前", cooperating="D2"))
    hand_out(crew, "1", ASSIGNED)
    return crew


@pytest.fixture
def stepped(crew: Office) -> Office:
    """One measure with steps on 10 and 20 April and its end on 28 April, accepted."""
    take_in(crew, Line("1", limit="2023年4月10日前、2023年4月20日前、2023年4月28日前"))
    bring_to(crew, State.IN_PROGRESS, ASSIGNED)
    return crew


# --- Progress


def test_progress_is_a_text_and_a_percentage_that_touch_no_clock_and_tell_nobody(assigned: Office) -> None:
    act(assigned, ASSIGNED, accept, "1", UNIT)
    before = all_clocks_of(assigned, "1")
    done = act(assigned, date(2023, 4, 3), report_progress, "1", HELPER, " 已拟出初稿 ", 40)
    assert done == Done("1", done.action, State.IN_PROGRESS, 4)
    assert all_clocks_of(assigned, "1") == before
    assert (measure(assigned, "1").percent, measure(assigned, "1").progress) == (40, "已拟出初稿")
    event = last_event(assigned)
    assert (event.action, event.party, event.payload) == (
        "report_progress",
        "D2",
        {"text": "已拟出初稿", "percent": 40},
    )
    assert news_of(assigned) == []


@pytest.mark.parametrize("percent", [0, 100])
def test_percentages_include_their_ends(assigned: Office, percent: int) -> None:
    act(assigned, ASSIGNED, accept, "1", UNIT)
    act(assigned, ASSIGNED, report_progress, "1", UNIT, "进展", percent)
    assert measure(assigned, "1").percent == percent


@pytest.mark.parametrize(
    ("by", "text", "percent", "error", "why"),
    [
        pytest.param(UNIT, "进展", -1, UsageRefused, "进度 -1% 不在 0 到 100 之间", id="less than nothing"),
        pytest.param(UNIT, "进展", 101, UsageRefused, "进度 101% 不在 0 到 100 之间", id="more than all"),
        pytest.param(UNIT, " ", 50, ActionRefused, "须写明进展情况", id="no text"),
        pytest.param(SUPERVISION, "进展", 50, ActionRefused, "应由责任单位或配合单位办理", id="not theirs"),
    ],
)
def test_progress_that_is_none(
    assigned: Office, by: By, text: str, percent: int, error: type[DubanError], why: str
) -> None:
    act(assigned, ASSIGNED, accept, "1", UNIT)
    with refused(assigned, why, error):
        act(assigned, ASSIGNED, report_progress, "1", by, text, percent)


def test_there_is_no_progress_before_acceptance(assigned: Office) -> None:
    with refused(assigned, "该措施现为“待签收”，自2023-03-27起由责任单位办理，此时不能办理“报进展”"):
        act(assigned, ASSIGNED, report_progress, "1", UNIT, "进展", 50)


# --- Milestones


def milestones(office: Office) -> list[tuple[date, tuple[date | None, str | None, int | None]]]:
    return [(clock.due_on, ending(clock)) for clock in clocks_at(office, Stage.MILESTONE)]


def test_each_dated_step_has_a_clock_of_the_unit(stepped: Office) -> None:
    assert [(clock.due_on, clock.holder) for clock in clocks_at(stepped, Stage.MILESTONE)] == [
        (date(2023, 4, 10), "单位D1"),
        (date(2023, 4, 20), "单位D1"),
    ]
    assert clocks_at(stepped, Stage.COMPLETE)[0].due_on == date(2023, 4, 28)


def test_a_step_that_was_over_at_assignment_has_none(crew: Office) -> None:
    take_in(crew, Line("1", limit="2023年4月10日前、2023年4月20日前、2023年4月28日前"))
    hand_out(crew, "1", date(2023, 4, 10))
    assert [clock.due_on for clock in clocks_at(crew, Stage.MILESTONE)] == [date(2023, 4, 10), date(2023, 4, 20)]
    take_in(crew, Line("2", text="列清单", limit="2023年4月10日前、2023年4月20日前、2023年4月28日前"))
    hand_out(crew, "2", date(2023, 4, 11))
    assert [clock.due_on for clock in clocks_at(crew, Stage.MILESTONE, "2")] == [date(2023, 4, 20)]


def test_steps_are_reported_in_the_order_of_their_dates(stepped: Office) -> None:
    act(stepped, date(2023, 4, 7), report_milestone, "1", UNIT, "初稿完成")
    assert milestones(stepped) == [
        (date(2023, 4, 10), (date(2023, 4, 7), "met", None)),
        (date(2023, 4, 20), (None, None, None)),
    ]
    assert last_event(stepped).payload == {"statement": "初稿完成", "due_on": "2023-04-10", "milestone": "阶段节点1"}
    # Due on Thursday 20 April; reported on Tuesday after a Sunday worked: 21, 23, 24 and 25.
    act(stepped, date(2023, 4, 25), report_milestone, "1", UNIT, "定稿")
    assert milestones(stepped)[1] == (date(2023, 4, 20), (date(2023, 4, 25), "late", 4))
    assert running(stepped) == {Stage.COMPLETE: date(2023, 4, 28)}
    assert (state_of(stepped, "1"), news_of(stepped)) == (State.IN_PROGRESS, [])


def test_a_step_may_be_named_by_its_date(stepped: Office) -> None:
    act(stepped, date(2023, 4, 7), report_milestone, "1", UNIT, "先完成第二步", date(2023, 4, 20))
    assert [ended[1] for _, ended in milestones(stepped)] == [None, "met"]
    with refused(stepped, "没有 2023-04-20 到期的节点"):
        act(stepped, date(2023, 4, 7), report_milestone, "1", UNIT, "再报一次", date(2023, 4, 20))


def test_a_step_is_not_reported_without_words(stepped: Office) -> None:
    with refused(stepped, "须写明节点完成情况"):
        act(stepped, date(2023, 4, 7), report_milestone, "1", UNIT, "　")


def test_a_measure_without_steps_has_nothing_to_report(assigned: Office) -> None:
    act(assigned, ASSIGNED, accept, "1", UNIT)
    with refused(assigned, "没有在计的阶段节点"):
        act(assigned, ASSIGNED, report_milestone, "1", UNIT, "完成")


def test_steps_left_fall_away_with_the_self_check_and_those_reported_stay(stepped: Office) -> None:
    act(stepped, date(2023, 4, 7), report_milestone, "1", UNIT, "初稿完成")
    report(stepped, date(2023, 4, 21))
    assert [ended for _, ended in milestones(stepped)] == [
        (date(2023, 4, 7), "met", None),
        (date(2023, 4, 21), "void", None),
    ]


# --- The self-check's clocks


@pytest.mark.parametrize(
    ("reported_on", "check_by"),
    [
        pytest.param(date(2023, 4, 3), date(2023, 4, 11), id="over Qingming and a weekend"),
        pytest.param(date(2023, 4, 4), date(2023, 4, 12), id="the day before Qingming"),
        pytest.param(date(2023, 4, 21), date(2023, 4, 27), id="with a Sunday worked"),
        pytest.param(date(2023, 4, 28), date(2023, 5, 9), id="over Labour Day, with a Saturday worked"),
    ],
)
def test_supervision_has_five_working_days_to_check(assigned: Office, reported_on: date, check_by: date) -> None:
    act(assigned, ASSIGNED, accept, "1", UNIT)
    report(assigned, reported_on)
    check = clocks_of(assigned, "1")[Stage.CHECK]
    assert (check.due_on, check.first_due_on, check.opened_on) == (check_by, check_by, reported_on)
    assert (check.holder, check.stopped_on) == ("单位S1", None)
    assert state_of(assigned, "1") is State.SELF_CHECKED


@pytest.mark.parametrize(
    ("reported_on", "outcome", "late_by"),
    [
        (date(2023, 4, 27), ClockOutcome.MET, None),
        (date(2023, 4, 28), ClockOutcome.MET, None),
        (date(2023, 4, 29), ClockOutcome.LATE, 0),  # a day too late, but not a working day
        (date(2023, 5, 4), ClockOutcome.LATE, 1),
        (date(2023, 5, 8), ClockOutcome.LATE, 4),  # 4, 5, Saturday 6 and 8 May
    ],
)
def test_completion_is_met_to_the_day_and_late_after_it(
    assigned: Office, reported_on: date, outcome: ClockOutcome, late_by: int | None
) -> None:
    act(assigned, date(2023, 3, 28), accept, "1", UNIT)
    report(assigned, reported_on)
    found = clocks_of(assigned, "1")
    assert ending(found[Stage.COMPLETE]) == (reported_on, outcome, late_by)
    assert ending(found[Stage.ACCEPT]) == (date(2023, 3, 28), ClockOutcome.MET, None)


def test_reporting_without_having_accepted_stops_that_clock_too_each_by_its_own_date(assigned: Office) -> None:
    report(assigned, date(2023, 4, 10))
    found = clocks_of(assigned, "1")
    assert {stage: (clock.outcome, clock.late_by) for stage, clock in found.items()} == {
        Stage.ACCEPT: (ClockOutcome.LATE, 7),  # due on 29 March: 30, 31, 3, 4, 6, 7 and 10
        Stage.COMPLETE: (ClockOutcome.MET, None),
        Stage.CHECK: (None, None),
    }


def test_other_measures_keep_their_clocks(assigned: Office) -> None:
    take_in(assigned, Line("2", text="列清单"))
    hand_out(assigned, "2", ASSIGNED)
    report(assigned, date(2023, 4, 3))
    assert all(clock.stopped_on is None for clock in all_clocks_of(assigned, "2"))


# --- What a self-check keeps, and who hears


def test_statement_submitter_and_evidence_belong_to_the_cycle(assigned: Office) -> None:
    photo, minutes = file_of(assigned, "现场照片.jpg"), file_of(assigned, "会议纪要.pdf", EvidenceKind.OTHER)
    done = report(assigned, date(2023, 4, 3), photo, minutes, statement="  已整改，附纪要  ")
    (cycle,) = cycles_of(assigned)
    assert (cycle.statement, cycle.submitted_by, cycle.verified_by) == ("已整改，附纪要", "d1-a", None)
    assert (done.no, done.state, done.version, done.told.told) == ("1", State.SELF_CHECKED, 3, ("单位S1",))
    event = last_event(assigned)
    assert (event.person, event.party, event.from_state, event.to_state) == ("d1-a", "D1", "assigned", "self_checked")
    assert event.payload == {
        "statement": "已整改，附纪要",
        "evidence": [
            {"sha256": sha256_of(photo.path), "name": "现场照片.jpg", "kind": "proof", "size": 16},
            {"sha256": sha256_of(minutes.path), "name": "会议纪要.pdf", "kind": "other", "size": 16},
        ],
    }
    assert [(row.cycle, row.kind, row.name, row.version) for row in evidence_of(assigned)] == [
        (1, EvidenceKind.PROOF, "现场照片.jpg", 1),
        (1, EvidenceKind.OTHER, "会议纪要.pdf", 1),
    ]
    for file in (photo, minutes):
        kept = path_of(sha256_of(file.path), assigned.settings.evidence)
        assert kept.read_bytes() == file.path.read_bytes()


def test_supervision_hears_with_the_date_of_its_check(assigned: Office) -> None:
    report(assigned, date(2023, 4, 3))
    assert [(row.party, row.role, row.kind, row.due_on) for row in news_of(assigned)] == [
        ("S1", Role.SUPERVISION, NewsKind.CHECK_WANTED, date(2023, 4, 11))
    ]


@pytest.mark.parametrize(
    ("closure", "kinds", "notes"),
    [
        ("限时办结", (), ("提示：销号时还需要办结佐证（proof）至少一份，可用 duban evidence 补充。",)),
        ("限时办结", (EvidenceKind.PROOF,), ()),
        (
            "限时办结",
            (EvidenceKind.RULE,),
            ("提示：销号时还需要办结佐证（proof）至少一份，可用 duban evidence 补充。",),
        ),
        ("完善长效机制", (EvidenceKind.NORM,), ()),
        (
            "完善长效机制",
            (EvidenceKind.PROOF,),
            (
                "提示：销号时还需要制度（rule）、业务规范（norm）或专项整治（campaign）材料至少一份，"
                "可用 duban evidence 补充。",
            ),
        ),
        ("长期坚持", (), ()),
    ],
)
def test_what_a_closure_would_still_lack_is_said_at_once(
    crew: Office, closure: str, kinds: tuple[EvidenceKind, ...], notes: tuple[str, ...]
) -> None:
    take_in(crew, Line("1", closure=closure))
    hand_out(crew, "1", ASSIGNED)
    assert report(crew, date(2023, 4, 3), *(file_of(crew, f"{kind}.txt", kind) for kind in kinds)).notes == notes


def test_it_is_one_event(assigned: Office) -> None:
    report(assigned, date(2023, 4, 3), file_of(assigned))
    assert actions(assigned) == ["import", "assign", "submit_self_check"]


# --- Evidence


def test_the_same_content_given_twice_is_one_file_and_one_line(assigned: Office) -> None:
    files = [file_of(assigned, name, content="同样的内容") for name in ("甲.txt", "乙.txt")]
    report(assigned, date(2023, 4, 3), *files)
    assert [row.name for row in evidence_of(assigned)] == ["甲.txt"]
    assert stored(assigned) == {sha256_of(files[0].path)}


def test_a_second_self_check_of_a_cycle_adds_what_is_new(assigned: Office) -> None:
    report(assigned, date(2023, 4, 3), file_of(assigned, "照片.jpg", content="第一稿"))
    act(assigned, date(2023, 4, 6), fail_check, "1", By("s1-a", reason="缺材料"))
    again = (file_of(assigned, "照片.jpg", content="第二稿"), file_of(assigned, "旧照.jpg", content="第一稿"))
    report(assigned, date(2023, 4, 7), *again, by=By("d1-b"))
    assert [(row.cycle, row.name, row.version) for row in evidence_of(assigned)] == [
        (1, "照片.jpg", 1),
        (1, "照片.jpg", 2),
    ]
    (cycle,) = cycles_of(assigned)
    assert (cycle.submitted_by, cycle.verified_by) == ("d1-b", None)


def test_evidence_may_be_added_until_the_review_is_opened(assigned: Office) -> None:
    report(assigned, date(2023, 4, 3))
    for on, by, name in ((date(2023, 4, 4), UNIT, "一.txt"), (date(2023, 4, 6), HELPER, "二.txt")):
        with assigned.handed_in([file_of(assigned, name)]) as files:
            act(assigned, on, add_evidence, "1", by, files)
    assert [row.name for row in evidence_of(assigned)] == ["一.txt", "二.txt"]
    assert (last_event(assigned).action, last_event(assigned).party) == ("add_evidence", "D2")
    assert (state_of(assigned, "1"), running(assigned)) == (State.SELF_CHECKED, {Stage.CHECK: date(2023, 4, 11)})
    assert heard(assigned) == {"S1": Role.SUPERVISION}
    bring_to(assigned, State.UNDER_REVIEW, date(2023, 4, 7))
    with (
        refused(assigned, "此时不能办理“补充佐证”"),
        assigned.handed_in([file_of(assigned, "三.txt")]) as files,
    ):
        act(assigned, date(2023, 4, 7), add_evidence, "1", UNIT, files)


def test_adding_nothing_is_no_addition(assigned: Office) -> None:
    report(assigned, date(2023, 4, 3))
    with refused(assigned, "没有给出要补充的佐证材料", UsageRefused):
        act(assigned, date(2023, 4, 4), add_evidence, "1", UNIT, ())


# --- What is refused


@pytest.mark.parametrize("statement", ["", " ", "\n\t", "　"])
def test_a_blank_statement_is_none(assigned: Office, statement: str) -> None:
    with refused(assigned, "须写明整改情况"):
        report(assigned, date(2023, 4, 3), file_of(assigned), statement=statement)


@pytest.mark.parametrize(
    ("by", "why"),
    [
        pytest.param(By("d3-a"), "与该措施无关的一方", id="another unit"),
        pytest.param(HELPER, "您现在代表的是配合单位", id="who helps"),
        pytest.param(SUPERVISION, "您现在代表的是督办组", id="who is to check it"),
        pytest.param(GENERAL, "您现在代表的是综合组", id="the general group"),
        pytest.param(By("gone"), "该经办人已停用，不能办理“自查上报”", id="who left"),
    ],
)
def test_only_the_unit_reports(assigned: Office, by: By, why: str) -> None:
    with refused(assigned, why):
        report(assigned, date(2023, 4, 3), file_of(assigned), by=by)


def test_a_draft_cannot_be_reported(crew: Office) -> None:
    take_in(crew, Line("1"))
    with refused(crew, "现为“待交办”"):
        report(crew, date(2023, 4, 3))


def test_it_is_reported_once(assigned: Office) -> None:
    report(assigned, date(2023, 4, 3), file_of(assigned, "一.txt"))
    with refused(assigned, "现为“待核查”，自2023-04-03起由督办组办理"):
        report(assigned, date(2023, 4, 3), file_of(assigned, "二.txt"))


def test_one_bad_file_of_several_keeps_none(assigned: Office) -> None:
    with refused(assigned, "不在可接收的类型之内", UsageRefused):
        report(assigned, date(2023, 4, 3), file_of(assigned), file_of(assigned, "程序.exe"))


def test_a_file_that_is_not_there_keeps_none(assigned: Office) -> None:
    with refused(assigned, "不存在", UsageRefused):
        report(assigned, date(2023, 4, 3), file_of(assigned), HandedIn(Path("/nowhere/不在.txt")))


@pytest.mark.parametrize(
    "when",
    [
        "UPDATE ON cycle", "INSERT ON evidence", "INSERT ON event", "UPDATE ON deadline", "INSERT ON deadline",
        "INSERT ON news", "INSERT ON message",
    ],
)  # fmt: skip
def test_a_failure_in_the_middle_leaves_nothing(assigned: Office, when: str) -> None:
    break_on(assigned, when)
    before = contents(assigned)
    with pytest.raises(Exception, match="broken"):
        report(assigned, date(2023, 4, 3), file_of(assigned))
    assert contents(assigned) == before
