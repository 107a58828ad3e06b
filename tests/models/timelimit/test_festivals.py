"""The days of festivals: the tables agree with the public-holiday library, year by year, and end where they end."""

from datetime import date, timedelta

import pytest
from holidays import country_holidays

from models.timelimit import festivals

DAY = timedelta(days=1)
NAMES = {"春节": ("春节", "农历除夕"), "清明": ("清明节",), "端午": ("端午节",), "中秋": ("中秋节",)}


@pytest.mark.parametrize("year", range(2010, 2046))
@pytest.mark.parametrize("name", NAMES)
def test_the_eve_of_a_lunar_festival_is_the_day_before_its_first_day_off_by_law(name: str, year: int) -> None:
    known = country_holidays("CN", years=year, language="zh_CN")
    first = min(day for day, names in known.items() if set(names.split("; ")) & set(NAMES[name]) and day.year == year)
    assert festivals.eve(name, year) == first - DAY


@pytest.mark.parametrize(("name", "month", "day"), [("国庆", 10, 1), ("十一", 10, 1), ("元旦", 1, 1), ("七一", 7, 1)])
def test_a_solar_festival_has_the_same_day_each_year(name: str, month: int, day: int) -> None:
    assert festivals.eve(name, 2050) + DAY == date(2050, month, day)


@pytest.mark.parametrize("year", [2009, 2046])
def test_a_year_without_tables_is_not_guessed(year: int) -> None:
    with pytest.raises(festivals.NoTablesError):
        festivals.eve("春节", year)
