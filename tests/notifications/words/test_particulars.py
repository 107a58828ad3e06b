"""What an event's payload says: read key by key as the use cases write it, with names in place of codes."""

from datetime import date

import pytest

from models.directory import Directory, DirectoryParty, Person
from models.lifecycle import Role, Stage
from notifications.words.particulars import Change, Exempted, Particulars, particulars_of

DIRECTORY = Directory(
    (
        DirectoryParty("L1", "李明", frozenset({Role.LEAD}), people=(Person("liming", "李明"),)),
        DirectoryParty("G1", "办公室", frozenset({Role.GENERAL}), people=(Person("zhangsan", "张三", disabled=True),)),
    )
)
SIGNED = "李明"

PAYLOADS: list[tuple[str, dict[str, object], dict[str, object]]] = [
    ("nothing", {}, {}),
    ("a reason", {"reason": "佐证不足"}, {"reason": "佐证不足"}),
    (
        "a return",
        {"due_on": "2023-06-30", "missing": ["甲", "乙"]},
        {"due_on": date(2023, 6, 30), "missing": ("甲", "乙")},
    ),
    (
        "a self-check",
        {"statement": "已办", "evidence": [{"sha256": "00", "name": "办法.pdf", "kind": "rule", "size": 1}]},
        {"statement": "已办", "evidence": (("办法.pdf", "rule"),)},
    ),
    ("the next follow-up", {"next_due_on": "2023-12-30"}, {"due_on": date(2023, 12, 30)}),
    (
        "an extension",
        {"granted": True, "old_due_on": "2023-06-16", "new_due_on": "2023-06-30"},
        {"old_due_on": date(2023, 6, 16), "new_due_on": date(2023, 6, 30)},
    ),
    (
        "a resumption",
        {"due": {"accept": "2023-06-28", "complete": "2023-06-30"}},
        {"due": ((Stage.ACCEPT, date(2023, 6, 28)), (Stage.COMPLETE, date(2023, 6, 30)))},
    ),
    ("an interval", {"interval": "6个月"}, {"interval": "6个月"}),
    ("an outcome", {"outcome": "约谈"}, {"outcome": "约谈"}),
    (
        "a hand-over of one role",
        {"unit_before": "财务科", "unit_after": "人事科"},
        {"unit": Change("财务科", "人事科"), "lead": Change()},
    ),
    ("a decision on a closure", {"signed_as": "lead"}, {"is_closure_decision": True}),
    (
        "signed on paper",
        {"recorded_by": "zhangsan", "basis": {"sha256": "00", "name": "签批件.pdf", "size": 1}},
        {"recorded_by": "张三", "basis": "签批件.pdf"},
    ),
    ("somebody the directory no longer holds", {"recorded_by": "lisi"}, {"recorded_by": "lisi"}),
    ("a stand-in", {"stand_in": "G1"}, {"stand_in": "办公室"}),
    (
        "a single-person exception",
        {"single_person_exception": {"granted_by": "zhangsan", "reason": "人手不足", "id": 1}},
        {"exempted": Exempted("李明", "张三", "人手不足")},
    ),
]


@pytest.mark.parametrize(
    ("payload", "told"), [row[1:] for row in PAYLOADS], ids=[row[0] for row in PAYLOADS]
)  # fmt: skip
def test_payloads(payload: dict[str, object], told: dict[str, object]) -> None:
    assert particulars_of(payload, "liming", DIRECTORY) == Particulars(signed_by=SIGNED, **told)  # type: ignore[arg-type]
