"""The day that a run is asked for: as people and programs write it, and what is said of what is no day."""

from datetime import UTC, date, datetime

import pytest

from flows.asked_day import asked_day, named_by_day
from models.errors import FormRefused


@pytest.mark.parametrize(
    ("on", "day"),
    [
        (None, None), ("", None), ("  ", None), ("2023-06-26", date(2023, 6, 26)), (" 2023-06-26\n", date(2023, 6, 26)),
        (date(2023, 6, 26), date(2023, 6, 26)),
    ],
)  # fmt: skip
def test_a_day_is_read(on: object, day: date | None) -> None:
    assert asked_day(on) == day


@pytest.mark.parametrize(
    "on",
    [
        "明天",
        "2023-02-30",
        "20230626",
        "2023-06-26T08:30:00",
        20230626,
        0,
        True,
        {"a": 1},
        ["2023-06-26"],
        "1" * 99,
        datetime(2023, 3, 30, 8, 30, tzinfo=UTC),
        date(1066, 10, 14),
    ],
)
def test_what_is_no_day_is_said_in_one_chinese_sentence(on: object) -> None:
    with pytest.raises(FormRefused) as found:
        asked_day(on)
    assert found.value.zh.startswith("办理日期（on）填写有误：")
    assert found.value.zh.count("。") == 1


def test_a_run_is_named_by_its_day_also_where_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_TODAY", "2023-03-29")
    assert named_by_day("投递", None) == "投递 2023-03-29"
    assert named_by_day("投递", "明天\n") == "投递 明天"
    assert len(named_by_day("投递", "很" * 99)) == len("投递 ") + 40
