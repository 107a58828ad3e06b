"""The days of the festivals that limits are written before (春节前, 国庆节前). PURE.

Solar ones are fixed; the lunar ones, and 清明, come from tables of published days. Of a year beyond them this
knows nothing, and says so by NoTablesError; it never works a lunar day out.
"""

from collections.abc import Mapping
from datetime import date, timedelta

_FIRST_YEAR = 2010
# Month and day of each year from 2010 on, as the almanac gives them: 正月初一, 五月初五, 八月十五.
_SPRING = (
    214, 203, 123, 210, 131, 219, 208, 128, 216, 205, 125, 212, 201, 122, 210, 129, 217, 206,
    126, 213, 203, 123, 211, 131, 219, 208, 128, 215, 204, 124, 212, 201, 122, 210, 130, 217,
)  # fmt: skip
_DRAGON_BOAT = (
    616, 606, 623, 612, 602, 620, 609, 530, 618, 607, 625, 614, 603, 622, 610, 531, 619, 609,
    528, 616, 605, 624, 612, 601, 620, 610, 530, 618, 607, 527, 614, 603, 622, 611, 531, 619,
)  # fmt: skip
_MID_AUTUMN = (
    922, 912, 930, 919, 908, 927, 915, 1004, 924, 913, 1001, 921, 910, 929, 917, 1006, 925, 915,
    1003, 922, 912, 1001, 919, 908, 927, 916, 1004, 924, 913, 1002, 920, 910, 928, 917, 1005, 925,
)  # fmt: skip
_CLEAR_BRIGHT = (
    405, 405, 404, 404, 405, 405, 404, 404, 405, 405, 404, 404, 405, 405, 404, 404, 405, 405,
    404, 404, 405, 405, 404, 404, 405, 405, 404, 404, 405, 405, 404, 404, 404, 405, 404, 404,
)  # fmt: skip

_WITHOUT_NEW_YEARS_EVE = range(2014, 2025)
"""In these years 除夕 was no day off by law; before and since it is (全国年节及纪念日放假办法, 2013 and 2024)."""

_SOLAR: Mapping[str, tuple[int, int]] = {
    "元旦": (1, 1),
    "三八": (3, 8),
    "妇女节": (3, 8),
    "五一": (5, 1),
    "劳动节": (5, 1),
    "五四": (5, 4),
    "六一": (6, 1),
    "儿童节": (6, 1),
    "七一": (7, 1),
    "建党节": (7, 1),
    "八一": (8, 1),
    "建军节": (8, 1),
    "教师节": (9, 10),
    "国庆": (10, 1),
    "十一": (10, 1),
}
_TABLES: Mapping[str, tuple[int, ...]] = {
    "春节": _SPRING,
    "清明": _CLEAR_BRIGHT,
    "端午": _DRAGON_BOAT,
    "中秋": _MID_AUTUMN,
}
NAMES = (*_SOLAR, *_TABLES)


class NoTablesError(Exception):
    """A year whose festivals are not in the tables; no fault of the text."""


def eve(name: str, year: int) -> date:
    """The day before the festival's first day off by law in that year.

    Raises NoTablesError for a year that is not in the tables.
    """
    if name in _SOLAR:
        return date(year, *_SOLAR[name]) - timedelta(days=1)
    days = _TABLES[name]
    rest = 2 if name == "春节" and year not in _WITHOUT_NEW_YEARS_EVE else 1
    if not _FIRST_YEAR <= year < _FIRST_YEAR + len(days):
        raise NoTablesError(year)
    return date(year, *divmod(days[year - _FIRST_YEAR], 100)) - timedelta(days=rest)
