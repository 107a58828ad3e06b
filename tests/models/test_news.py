"""What is news, and for whom: the table written a second time, and what holds of every row."""

import pytest

from models.lifecycle import TRANSITIONS, Action, Role
from models.news import HEARERS, NEWS_ZH, NewsKind, hearers
from tests.models.test_lifecycle import LETTERS

# Who hears, most concerned first; (H) of a major measure only. A dash: the use case names them.
WHO_HEARS = """
assigned           交办        UCL
check_wanted       待核查      S
evidence_added     补充佐证    S
returned           退回整改    UCLS
review_wanted      待销号审核  L(H)
closed             销号        UCLSG(H)
follow_up_wanted   开展回头看  UL
follow_up_passed   回头看通过  UL
extension_asked    申请延期    L
extension_granted  同意延期    UCSG
extension_refused  不予延期    US
limit_set          重定时限    UCSG
held               挂起        UCLG
resumed            恢复        UCLG
reopened           重新整改    UCLSGH
handed_over        改派接办    -
taken_away         改派移出    -
reassigned         改派        UCLS
taken_up           问责受理    ULSH
outcome            处理结果    ULSGH
withdrawn          作废        UCLS
undelivered        通知未送达  G
"""
ROWS = [tuple(row.split()) for row in WHO_HEARS.strip().splitlines()]


def test_the_table_here_names_every_kind() -> None:
    assert [kind for kind, *_ in ROWS] == [kind.value for kind in NewsKind]
    assert list(HEARERS) == list(NEWS_ZH) == list(NewsKind)
    assert len(set(NEWS_ZH.values())) == len(NewsKind)


@pytest.mark.parametrize(("kind", "zh", "letters"), ROWS, ids=[row[0] for row in ROWS])
def test_who_hears_in_this_order(kind: str, zh: str, letters: str) -> None:
    ordinary, _, in_major = letters.strip("-)").partition("(")
    common = tuple(LETTERS[letter] for letter in ordinary)
    assert hearers(NewsKind(kind), major=False) == common
    assert hearers(NewsKind(kind), major=True) == common + tuple(LETTERS[letter] for letter in in_major)
    assert NEWS_ZH[NewsKind(kind)] == zh


@pytest.mark.parametrize("kind", NewsKind)
def test_nobody_is_named_twice(kind: NewsKind) -> None:
    assert len(set(HEARERS[kind])) == len(HEARERS[kind])


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (NewsKind.ASSIGNED, Action.ASSIGN),
        (NewsKind.CHECK_WANTED, Action.SUBMIT_SELF_CHECK),
        (NewsKind.CHECK_WANTED, Action.FOLLOW_UP_REPORT),
        (NewsKind.RETURNED, Action.FAIL_CHECK),
        (NewsKind.RETURNED, Action.REJECT),
        (NewsKind.REVIEW_WANTED, Action.OPEN_REVIEW),
        (NewsKind.CLOSED, Action.APPROVE),
        (NewsKind.FOLLOW_UP_WANTED, Action.LOOK_BACK),
        (NewsKind.FOLLOW_UP_PASSED, Action.FOLLOW_UP_CHECK),
        (NewsKind.EXTENSION_ASKED, Action.ASK_EXTENSION),
        (NewsKind.REOPENED, Action.FAIL_FOLLOW_UP),
        (NewsKind.REOPENED, Action.REOPEN),
    ],
)
@pytest.mark.parametrize("major", [False, True], ids=["ordinary", "major"])
def test_whoever_must_act_next_hears_of_it(kind: NewsKind, action: Action, major: bool) -> None:
    """The holder of each clock that the action opens, for a sustained measure too."""
    row = TRANSITIONS[action]
    opened = row.opens + row.sustained_opens + (row.major_opens if major else ())
    assert opened
    assert {opening.holder for opening in opened} <= set(hearers(kind, major))


def test_the_head_hears_of_an_ordinary_measure_only_what_is_out_of_the_ordinary() -> None:
    told = {kind for kind in NewsKind if Role.HEAD in hearers(kind, major=False)}
    assert told == {NewsKind.REOPENED, NewsKind.TAKEN_UP, NewsKind.OUTCOME}
    assert {kind for kind in NewsKind if Role.HEAD in hearers(kind, major=True)} - told == {
        NewsKind.REVIEW_WANTED,
        NewsKind.CLOSED,
    }


def test_accountability_hears_of_nothing_that_others_do() -> None:
    """It is told by the ladder what is referred to it, and acts itself."""
    assert not any(Role.ACCOUNTABILITY in roles for roles in HEARERS.values())
