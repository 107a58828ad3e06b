"""How high the rows of a sheet must be, so that everything is seen when it is printed. PURE.

Programs fit a row to its text by themselves, but not to what is merged over several rows; so all are said.
"""

from models.ledger.writing.cells import lines_in
from models.ledger.writing.grid import Grid, Merge, lines_most


def lines_of(grid: Grid) -> list[int]:
    """The lines of each row. What is merged over several shares its lines out among them."""
    covered, merged = grid.covered(), {(one.top, one.left): one for one in grid.merges}
    widths = [heading.width - 1 for heading in grid.headings]
    lines = []
    for number, row in enumerate(grid.rows):
        own = (
            lines_in(text, _width(widths, place, merged.get((number, place))))
            for place, text in enumerate(row)
            if text and (number, place) not in covered and not _is_high(merged.get((number, place)))
        )
        lines.append(min(max(own, default=1), lines_most()))
    for one in filter(_is_high, grid.merges):
        _stretch(lines, one, lines_in(grid.rows[one.top][one.left], widths[one.left]))
    return lines


def _width(widths: list[float], place: int, merge: Merge | None) -> float:
    return sum(widths[place : merge.right + 1]) if merge else widths[place]


def _is_high(merge: Merge | None) -> bool:
    return merge is not None and merge.bottom > merge.top


def _stretch(lines: list[int], merge: Merge, wanted: int) -> None:
    """Adds to the rows of a merge, evenly, what its text needs more than they have."""
    span = range(merge.top, merge.bottom + 1)
    lacking = wanted - sum(lines[row] for row in span)
    for nth, row in enumerate(span):
        if lacking > 0:
            share = -(-lacking // (len(span) - nth))
            lines[row], lacking = min(lines[row] + share, lines_most()), lacking - share
