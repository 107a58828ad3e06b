"""A measure's page: what it says of every part of its life, in the measure's own words, never as markup."""

import re
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.office import Office
from models.handling.case import By
from models.handling.holding import hold
from models.handling.rectification import report_progress
from models.handling.supervision_check import fail_check
from models.lifecycle import State
from notifications.reports.measure_page import MOST_LINES, measure_page
from tests.handling_fixtures import (
    UNIT,
    Line,
    act,
    bring_to,
    file_of,
    id_of,
    report,
    small_office,
    take_in,
)

MONDAY = date(2023, 3, 27)
DOUBTING = By("s1-a", reason="不实")
HOSTILE = "清|理\n# 大标题 <img src=x onerror=alert(1)> [链接](http://x) **粗** `码` _斜_"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with small_office(tmp_path) as office:
        take_in(office, Line("1", cooperating="单位D2", text=HOSTILE), Line("2", limit="待定"), Line("3"))
        yield office


def page_of(office: Office, no: str = "1", on: date = MONDAY) -> str:
    with office.store.reading() as connection:
        return measure_page(connection, id_of(office, no), office.calendar, on, rehearsal=office.rehearsal)


def test_a_draft_has_a_page_too(office: Office) -> None:
    page = page_of(office, "2")
    assert page.startswith("# 【演练】措施2　待交办")
    assert "目前没有时限在计。" in page
    assert "没有流转记录。" in page


def test_it_says_who_must_do_what_next_and_by_when(office: Office) -> None:
    bring_to(office, State.SELF_CHECKED, MONDAY)
    page = page_of(office)
    assert "- 待 **单位S1** 办理“督查核查”，时限 2023-04-03，还有5个工作日" in page
    assert "| 配合单位 | 单位D2 |" in page


def test_it_shows_evidence_days_and_the_whole_past_in_order(office: Office) -> None:
    bring_to(office, State.CLOSED, MONDAY)
    page = page_of(office)
    assert "## 佐证材料" in page
    assert "| 1 | 佐证 | proof.txt | 1 |" in page
    order = [
        page.index(word)
        for word in ("| 交办 → 待签收", "自查上报 → 待核查", "核查通过 → 待发起审核", "同意销号 → 已销号")
    ]
    assert order == sorted(order)
    assert "目前没有时限在计。" in page


def test_a_hold_and_a_return_are_told(office: Office) -> None:
    bring_to(office, State.SELF_CHECKED, MONDAY, "3")
    act(office, MONDAY, fail_check, "3", DOUBTING)
    act(office, MONDAY, hold, "3", DOUBTING)
    page = page_of(office, "3")
    assert "- 已挂起：整改（单位D1）" in page
    assert "退回整改 → 整改中" in page
    assert "理由：不实" in page


def test_what_people_wrote_is_shown_and_never_read(office: Office) -> None:
    bring_to(office, State.IN_PROGRESS, MONDAY)
    act(office, MONDAY, report_progress, "1", UNIT, HOSTILE, 30)
    report(office, MONDAY, file_of(office, "a|b[c].txt"), statement=HOSTILE)
    page = page_of(office)
    lines = page.splitlines()
    assert not any(line.startswith("# 大标题") for line in lines)
    assert "<img" not in page
    assert not re.search(r"(?<!\\)[\[\]*`_]", page.replace("**单位", "单位").replace("** 办理", " 办理"))
    tables = [line for line in lines if line.startswith("|")]
    assert all(line.endswith("|") for line in tables)
    widths = {line.replace("\\|", "").count("|") for line in tables}
    assert widths <= {3, 5, 6, 8}


def test_a_long_past_is_cut_and_says_so_and_stays_quick(office: Office) -> None:
    bring_to(office, State.IN_PROGRESS, MONDAY, "3")
    for n in range(200):
        act(office, MONDAY + timedelta(days=n // 50), report_progress, "3", UNIT, f"进展{n}", n % 100)
    began = time.perf_counter()
    page = page_of(office, "3")
    took = time.perf_counter() - began
    assert "条未在此列出，见 duban show 3。" in page
    assert sum("报进展" in line for line in page.splitlines()) == MOST_LINES
    assert "进展199" in page
    assert took < 0.5
