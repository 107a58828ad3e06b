"""Writes the sheet of a ledger as .csv: UTF-8 with its mark, every cell in quotes, formulas guarded.

The importer reads it back as the same texts. Merged cells repeat their text; titles and the other sheets are left out.
"""

import csv
import io

from models.ledger.files.cell_text import guarded
from models.ledger.writing.grid import Grid


def csv_of(grid: Grid) -> bytes:
    """The bytes of the file."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, quoting=csv.QUOTE_ALL)
    rows.writerow([heading.text for heading in grid.headings])
    rows.writerows([guarded(cell) for cell in row] for row in grid.rows)
    return text.getvalue().encode("utf-8-sig")
