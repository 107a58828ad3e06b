"""Keys of measures' pages: short where they can be, never shared by two measures, never changed by a later round."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from flows.artifact_keys import measure_key
from flows.office import Office
from models.handling.importing import RoundSpec
from models.store import board
from tests.handling_fixtures import Line, small_office, take_in

NUMBERS = ("1", "1-2", "1/2", "ZG-001", "zg-001", "措施一", "措施二", "3（1）", "3(1)", "-4", "4")


def keys_of(office: Office) -> dict[int, str]:
    with office.store.reading() as connection:
        return {row.id: measure_key(connection, row) for row in board.measures(connection)}


def test_no_two_measures_share_a_key_and_none_changes_with_a_later_round(tmp_path: Path) -> None:
    with small_office(tmp_path) as office:
        take_in(office, *(Line(no) for no in NUMBERS if no != "3(1)"))
        first = keys_of(office)
        take_in(office, *(Line(no) for no in ("1", "ZG-001", "措施一", "3(1)")),
                spec=RoundSpec("2024", "2024年整改", date(2024, 3, 25)))  # fmt: skip
        both = keys_of(office)
    assert {key: both[key] for key in first} == first
    assert len(set(both.values())) == len(both)
    assert all(re.fullmatch(r"measure-[a-z0-9-]+", key) for key in both.values())


def test_a_plain_number_gives_a_plain_key(tmp_path: Path) -> None:
    with small_office(tmp_path) as office:
        take_in(office, *(replace(Line("1"), no=no) for no in ("7", "2-13", "ZG-001")))
        assert list(keys_of(office).values()) == ["measure-7", "measure-2-13", "measure-zg-001"]
