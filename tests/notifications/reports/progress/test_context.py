"""The values of a report: the page that lists them is true, and whatever people wrote comes out as text."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.reporting import NO_REPORTING, Reporting
from models.activity import ActivityKind
from models.answers.progress.values import ActivityItem, EvidenceItem, ProblemProgress, Progress
from models.closure import EvidenceKind
from models.lifecycle import ClosureClass, State
from notifications.reports.paper import fill
from notifications.reports.paper.plain_text import clean
from notifications.reports.paper.sandbox import FILTERS, OWN_FILTERS
from notifications.reports.paper.templates import find
from notifications.reports.progress import BLANK_CONTACT, BLANK_ORGANISATION, context_of
from tests.notifications.reports.paper.papers import texts_of
from tests.notifications.reports.progress.rounds import closed, measure, round_of

PAGE = Path(__file__).parents[4] / "docs" / "how-to" / "reports.md"
MEETING = ActivityItem(1, date(2023, 4, 6), ActivityKind.COMMITTEE, "研究", "")
PROOF = EvidenceItem(1, EvidenceKind.PROOF, "表.pdf", 1, "a" * 64, accepted=True)


def listed() -> dict[str, list[str]]:
    """The names that the page lists, by heading."""
    sections = re.split(
        r"^### (.+)\n", PAGE.read_text(encoding="utf-8").partition("## Values of a template")[2], flags=re.M
    )
    return {
        heading: re.findall(r"^\| `(\w+)` \|", body, re.M)
        for heading, body in zip(sections[1::2], sections[2::2], strict=True)
    }


def full(**settings: Any) -> dict[str, Any]:
    progress = round_of([closed("1", evidence=(PROOF,)), measure("2")], activities=[MEETING])
    return context_of(progress, NO_REPORTING, rehearsal=False, **settings)


def test_the_page_lists_exactly_the_values_there_are() -> None:
    found = full()
    rows: Mapping[str, Mapping[str, object]] = {
        "The report": found,
        "opening": found["opening"],
        "A problem": found["problems"][0],
        "A measure": found["measures"][0],
        "A row of figures": found["figures"][0],
        "A row of rates": found["rates"][0],
        "A row of activities": found["activities"][0],
    }
    assert listed() == {heading: list(row) for heading, row in rows.items()}
    assert found["measures"][0]["evidence"] == [{"name": "表.pdf", "kind_zh": "佐证", "version": 1}]


def test_the_page_lists_every_filter() -> None:
    words = PAGE.read_text(encoding="utf-8")
    assert [name for name in (*sorted(FILTERS), *OWN_FILTERS) if not re.search(rf"`{name}(\(20\))?`", words)] == []


def test_what_report_yaml_does_not_say_is_left_as_a_marked_blank() -> None:
    found = full()
    assert (found["organisation"], found["contact"]) == (BLANK_ORGANISATION, BLANK_CONTACT)
    assert found["title"] == "【单位名称】2023年巡察整改进展情况报告"
    told = texts_of(fill(find(Path("/nowhere"), "progress"), found))
    assert told.count(BLANK_ORGANISATION) == 2
    assert f"联系方式：{BLANK_CONTACT}" in "".join(told)


@pytest.mark.parametrize(("name", "subject"), [("2023", "2023整改进展情况报告"), ("巡察整改", "巡察整改进展情况报告")])
def test_a_rehearsal_says_so_in_its_title(name: str, subject: str) -> None:
    found = context_of(round_of([measure()], name=name), NO_REPORTING, rehearsal=True)
    assert found["subject"] == f"【演练】{subject}"


def test_a_round_in_which_nothing_was_done_reads_right() -> None:
    found = context_of(round_of([measure("1", state=State.DRAFTED)]), NO_REPORTING, rehearsal=False)
    told = "\n".join(texts_of(fill(find(Path("/nowhere"), "progress"), found)))
    assert "目前没有通过销号审核的措施。" in told
    assert "目前没有转入长期坚持的措施。" in told
    assert "（一）交办尚未交办的1条措施（措施1）。" in told
    assert "附件4" not in told


def test_a_round_in_which_all_was_done_reads_right() -> None:
    found = context_of(round_of([closed("1")], [measure("2", state=State.WITHDRAWN)]), NO_REPORTING, rehearsal=False)
    told = "\n".join(texts_of(fill(find(Path("/nowhere"), "progress"), found)))
    assert "没有尚未通过销号审核的措施。" in told
    assert "该问题的整改措施已全部作废。" in told
    assert "目前没有尚待办理的整改措施和回头看事项。" in told


NAMES = (
    "措施", "单位", "配合", "领导", "时限", "陈述", "材料", "进展", "标题", "备注", "轮次", "问题",
    "组织", "联系", "步骤",
)  # fmt: skip


def hostile(name: str) -> str:
    return f"{name}{{{{ 7*7 }}}}{{% if %}}<w:p/>&lt;\x00\x08\ud800\u202e]]>{'长' * 5_000}{name}。"


def hostile_round() -> Progress:
    """Every text that people write, each with its own name."""
    one = closed(
        "1", ClosureClass.SUSTAINED, text=hostile("措施"), unit=hostile("单位"), cooperating=(hostile("配合"),),
        lead=hostile("领导"), limit_text=hostile("时限"), statement=hostile("陈述"),
        evidence=(replace(PROOF, name=hostile("材料")),),
    )  # fmt: skip
    other = measure("2", text="二", progress=hostile("进展"))
    found = round_of([one, other], activities=[replace(MEETING, title=hostile("标题"), note=hostile("备注"))],
                     name=hostile("轮次"))  # fmt: skip
    return replace(found, problems=(ProblemProgress(1, hostile("问题"), found.problems[0].measures),))


def test_whatever_people_wrote_comes_out_as_text() -> None:
    reporting = Reporting(hostile("组织"), hostile("联系"), next_steps=(hostile("步骤"),))
    context = context_of(hostile_round(), reporting, rehearsal=False)
    told = "\n".join(texts_of(fill(find(Path("/nowhere"), "progress"), context)))
    assert [name for name in NAMES if clean(hostile(name)) not in told] == []
    assert not re.search("[\x00-\x08\x0b\u202e]", told)
