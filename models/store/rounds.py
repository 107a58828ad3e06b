"""Which round 整改轮次 is meant: the one that was named, else the only one there is. Reads only."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from models.errors import NotFound, UsageRefused
from models.tables.core import ROUND


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round. `ends_on` closes the 集中整改期."""

    id: int
    code: str
    name: str
    feedback_on: date
    ends_on: date


def rounds(connection: Connection) -> list[RoundRow]:
    """Every round, in the order they were imported."""
    columns = (ROUND.c.id, ROUND.c.code, ROUND.c.name, ROUND.c.feedback_on, ROUND.c.ends_on)
    return [RoundRow(*row) for row in connection.execute(select(*columns).order_by(ROUND.c.id))]


def round_meant(connection: Connection, code: str | None = None) -> RoundRow:
    """The round with this code; without one the only round there is.

    Raises NotFound where there is none such, UsageRefused where several could be meant.
    """
    found = rounds(connection)
    if not found:
        raise NotFound("还没有导入台账。", "请先用 duban import 导入。")
    codes = "、".join(one.code for one in found)
    if code is None and len(found) > 1:
        raise UsageRefused("已有多个整改轮次，须写明是哪一个。", f"请用 --round，可用：{codes}。")
    meant = next((one for one in found if code in {None, one.code}), None)
    if meant is None:
        raise NotFound(f"没有代码为“{code}”的轮次。", f"可用：{codes}。")
    return meant
