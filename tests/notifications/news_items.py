"""A news to vary, and every kind of news of what people do with every role that can hear it. Values only."""

from dataclasses import replace
from datetime import date

from models.lifecycle import ClosureClass, Role
from models.news import HEARERS, NewsKind
from notifications.words.bulletin import NewsItem
from notifications.words.particulars import Particulars

DAY = date(2023, 6, 26)
"""A Monday; with 30 June four working days ahead, and 16 June five behind."""
DUE = date(2023, 6, 30)

PAIRS = [
    (kind, role)
    for kind in NewsKind
    for role in HEARERS[kind] or (Role.UNIT, Role.LEAD)
    if kind is not NewsKind.UNDELIVERED
]
"""What people do. That a message died is nobody's doing, and has tests of its own."""

RETURNED = NewsItem(
    seq=41,
    measure_no="12",
    problem="制度建设不健全",
    text="修订人事管理制度",
    unit="人事科",
    lead="李明",
    closure=ClosureClass.MECHANISM,
    role=Role.UNIT,
    kind=NewsKind.RETURNED,
    by_party="督查组",
    due_on=DUE,
    days=4,
    provisional=False,
    limit_text="2023年6月底前",
    told=Particulars(reason="佐证不足", missing=("制度正式文本", "会议纪要")),
)


def news_item(kind: NewsKind, role: Role, due_on: date | None = DUE, told: Particulars | None = None) -> NewsItem:
    """A news about the same measure, due in four working days if at all."""
    return replace(RETURNED, kind=kind, role=role, due_on=due_on, days=4 if due_on else 0, told=told or Particulars())
