"""What is told of a header: headings taken by likeness, those that say two things, and those that are not read.

Runs once a sheet. PURE. A heading matched by its name or a synonym needs no word; the preview shows it.
"""

from models.ledger.columns import Column
from models.ledger.rows import MatchedBy
from models.ledger.table.complaints import Complaints
from models.ledger.table.header import Header
from models.ledger.table.headings import Manner


def tell_of(header: Header, complaints: Complaints) -> None:
    """Warns of everything in the header at which a person should look."""
    for one in header.matched:
        if one.by is MatchedBy.LIKENESS:
            complaints.warn(f"疑似错字，按“{one.column}”读取，请核对", header.row, one.heading)
        if one.by is MatchedBy.COMPOSITE:
            complaints.warn(f"这一列写有几项内容，按“{one.column}”读取，请核对", header.row, one.heading)
    _tell_of_limits(header, complaints)
    for unknown in header.unknown:
        complaints.warn("不认识的列，未读取", header.row, unknown.heading)
    if known := "、".join(f"{one.heading}（{one.kind}）" for one in header.unread if one.kind):
        complaints.warn(f"认得但不读取的列：{known}", header.row)
    if Column.NO not in header.places:
        told = "没有序号列，各行按先后编号；台账要再次导入的，请先写上序号"
        complaints.warn(told, header.row, Column.NO)


def _tell_of_limits(header: Header, complaints: Complaints) -> None:
    """Which of two columns holds, where limits were adjusted; that there may have been another, where these are old."""
    heading = header.heading(Column.LIMIT)
    if header.former_limit is not None:
        former = next(one.heading for one in header.matched if one.place == header.former_limit)
        complaints.warn(f"以这一列的时限为准，空格按“{former}”列读取，请核对", header.row, heading)
    elif header.manners.get(Column.LIMIT) is Manner.FORMER:
        complaints.warn("这一列是原定的时限，没有找到调整后的一列，请核对", header.row, heading)
