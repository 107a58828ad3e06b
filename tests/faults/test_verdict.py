"""What a trial is judged by sees each way in which the guarantee can break."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.faults.verdict import Copy, Due, Row, judge

DUE = Due("D1", "clock 1 due 2023-06-29", "complete/-3wd")
OUT = Row(1, "accepted", 0, "<a>", "hash", (DUE,), 0, 1, ("hash",))
DOUBT = replace(OUT, state="unknown", ambiguous=1, doubts=1, acceptances=0)
RESENT = replace(OUT, ambiguous=1, doubts=1, marked=("hash", "hash"))
COPY = Copy("<a>", "hash")
WANTED = Counter([DUE])


def test_a_message_that_is_out_once_is_well() -> None:
    verdict = judge(WANTED, {}, [OUT], [COPY])
    assert (verdict.breaches, verdict.flagged, verdict.needless) == ((), 0, 0)


@pytest.mark.parametrize(
    ("row", "copies", "needless"), [(DOUBT, [], 1), (DOUBT, [COPY], 0), (RESENT, [COPY], 1), (RESENT, [COPY, COPY], 0)]
)
def test_a_doubt_on_record_covers_one_copy(row: Row, copies: list[Copy], needless: int) -> None:
    verdict = judge(WANTED, {}, [row], copies)
    assert (verdict.breaches, verdict.flagged, verdict.needless) == ((), 1, needless)


@pytest.mark.parametrize(
    ("row", "copies", "breach"),
    [
        pytest.param(OUT, [], "accepted and nobody has it", id="lost"),
        pytest.param(OUT, [COPY, COPY], "was said 2 times", id="twice"),
        pytest.param(RESENT, [COPY, COPY, COPY], "was said 3 times", id="three times with one doubt"),
        pytest.param(DOUBT, [COPY, COPY], "was said 2 times", id="twice, neither accepted, with one doubt"),
        pytest.param(replace(OUT, marked=()), [COPY], "with 0 markers", id="no marker"),
        pytest.param(replace(RESENT, only_by_word=True), [COPY, COPY], "nobody asked", id="an escalation resent"),
        pytest.param(replace(OUT, state="planned"), [], "ends as planned", id="never left"),
        pytest.param(replace(OUT, state="unknown"), [COPY], "without a doubt on record", id="unknown for no reason"),
        pytest.param(replace(OUT, ambiguous=1), [COPY], "its delivery record 0", id="a doubt that no line records"),
        pytest.param(OUT, [Copy("<a>", "other")], "went out with other bytes", id="other bytes"),
        pytest.param(replace(OUT, sha256=None), [COPY, Copy("<a>", "other")], "went out with other", id="two wordings"),
        pytest.param(replace(OUT, marked=("x",)), [COPY], "was marked with other bytes", id="other marker"),
        pytest.param(OUT, [COPY, Copy("<b>", "hash")], "a letter that no message knows", id="a letter of nobody's"),
        pytest.param(replace(OUT, dues=()), [COPY], "is in 0 of 1 messages", id="a due that no message tells"),
        pytest.param(replace(OUT, dues=(DUE, DUE)), [COPY], "1 messages too many", id="a due told twice"),
    ],
)
def test_a_breach_is_seen(row: Row, copies: list[Copy], breach: str) -> None:
    assert any(breach in found for found in judge(WANTED, {}, [row], copies).breaches)


def test_what_was_overtaken_needs_its_reason_on_record() -> None:
    over = replace(OUT, state="superseded")
    assert judge(WANTED, {DUE: "superseded"}, [over], []).breaches == ()
    assert len(judge(WANTED, {}, [over], []).breaches) == 2


def test_a_due_with_a_reason_on_record_is_not_lost() -> None:
    assert judge(WANTED, {DUE: "superseded"}, [replace(OUT, dues=())], [COPY]).breaches == ()
