"""A small ledger to be written, with something in every list beside it; texts that a spreadsheet may misunderstand."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from models.ladder import Colour
from models.ledger.writing.values import Deed, ExtensionCase, LedgerMeasure, WrittenLedger, WrittenMessage
from models.lifecycle import Action, ClosureClass, Stage, State

ON, DUE = date(2023, 6, 26), date(2023, 6, 30)


def measure(no: str = "1", **changes: Any) -> LedgerMeasure:
    given = {
        "problem": "学习不深", "text": f"订计划{no}", "part_of": "", "lead": "张明", "unit": "办公室",
        "cooperating": "", "limit": "2023年6月30日前", "closure": ClosureClass.SETTLED, "major": False,
        "state": State.IN_PROGRESS,
        "stage": Stage.COMPLETE, "holder": "办公室", "due_on": DUE, "days": 4, "colour": Colour.YELLOW,
    }  # fmt: skip
    return LedgerMeasure(no=no, **{**given, **changes})


def deed(action: Action, **changes: Any) -> Deed:
    given = {"no": "1", "text": "订计划1", "unit": "办公室", "on_day": ON, "by": "督办组", "person": "周晓梅"}
    return Deed(action=action, **{**given, **changes})


def message(**changes: Any) -> WrittenMessage:
    given: dict[str, Any] = {
        "number": 7, "on_day": ON, "party": "办公室", "kind": "督办", "state": "已送达", "accepted_on": ON,
        "attempts": 2, "ambiguous": 1, "received_on": ON, "received_by": "赵岚", "why": "", "measures": ("1", "2"),
    }  # fmt: skip
    return WrittenMessage(**{**given, **changes})


def whole(measures: Iterable[LedgerMeasure], **changes: Any) -> WrittenLedger:
    """A ledger with these measures, and one entry in every list."""
    asked = deed(Action.ASK_EXTENSION, old=DUE, new=date(2023, 7, 7), said="=需要时间", by="办公室")
    given: dict[str, Any] = {
        "withdrawn": ((measure("99", state=State.WITHDRAWN), deed(Action.WITHDRAW, no="99", said="重复")),),
        "returns": (deed(Action.FAIL_CHECK, said="=材料不全", missing=("签到表",), new=DUE),),
        "extensions": (ExtensionCase(asked, deed(Action.DECIDE_EXTENSION, granted=True, new=date(2023, 7, 7))),),
        "follow_ups": (deed(Action.FOLLOW_UP_CHECK, said="", new=DUE),),
        "messages": (message(),),
    }
    return WrittenLedger("2023", "2023整改", date(2023, 3, 25), ON, True, tuple(measures), **{**given, **changes})
